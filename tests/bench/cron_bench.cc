// How long a schedule takes to say when it fires next.
#include <benchmark/benchmark.h>

#include "scheduler/when/schedule.h"

namespace systask::scheduler {
namespace {

void next_of(benchmark::State& state, const char* expression, const char* zone) {
  const Cron cron = Cron::parse(expression, Zone::find(zone).value()).value();
  const TimePoint start = from_rfc3339("2026-05-22T08:30:00Z").value();
  TimePoint at = start;
  for (auto step : state) {
    at = cron.next(at);
    if (at == kNever) at = start;
    benchmark::DoNotOptimize(at);
  }
}

BENCHMARK_CAPTURE(next_of, every_two_seconds, "*/2 * * * * ?", "Asia/Shanghai");
BENCHMARK_CAPTURE(next_of, every_morning, "0 0 8 * * ?", "Asia/Shanghai");
BENCHMARK_CAPTURE(next_of, working_days, "0 30 9-15 ? * MON-FRI", "America/New_York");
BENCHMARK_CAPTURE(next_of, last_working_day, "0 0 18 LW * ?", "America/New_York");
BENCHMARK_CAPTURE(next_of, february_29, "0 0 0 29 2 ? *", "America/New_York");

// The oracle's way, for comparison: every minute is asked.
void minute_by_minute(benchmark::State& state) {
  const Cron cron = Cron::parse("0 0 8 * * ?", Zone::utc()).value();
  TimePoint at = from_rfc3339("2026-05-22T08:30:00Z").value();
  for (auto step : state) {
    std::chrono::local_seconds minute{
        std::chrono::floor<std::chrono::minutes>(at).time_since_epoch()};
    do {
      minute += std::chrono::minutes{1};
    } while (cron.match_from(minute) != minute);
    at = TimePoint{minute.time_since_epoch()};
    benchmark::DoNotOptimize(at);
  }
}
BENCHMARK(minute_by_minute);

}  // namespace
}  // namespace systask::scheduler
