// How long a cron expression takes to say when it fires next, beside the two plain ways to
// find out: trying every minute, and raising field after field until all fit. The plain ways
// have it easier, since they know no time zone. Compare rows of one expression in one run.
#include <benchmark/benchmark.h>

#include "scheduler/when/cron_parser.h"
#include "scheduler/when/schedule.h"

namespace systask::scheduler {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

const TimePoint kStart = from_rfc3339("2026-05-22T08:30:00Z").value();

// Asks for occurrence after occurrence, and begins anew after the last.
void next_in(benchmark::State& state, const char* expression, const char* zone) {
  const Cron cron = Cron::parse(expression, Zone::find(zone).value()).value();
  TimePoint at = kStart;
  for (auto step : state) {
    at = cron.next(at);
    if (at == kNever) at = kStart;
    benchmark::DoNotOptimize(at);
  }
}
void next_of(benchmark::State& state, const char* expression) {
  next_in(state, expression, "America/New_York");
}
void previous_of(benchmark::State& state, const char* expression) {
  const Cron cron = Cron::parse(expression, Zone::find("America/New_York").value()).value();
  TimePoint at = kStart;
  for (auto step : state) {
    at = cron.previous(at);
    if (at == kNeverBefore) at = kStart;
    benchmark::DoNotOptimize(at);
  }
}

// What both plain ways ask of a moment.
class PlainCron {
 public:
  explicit PlainCron(const char* expression)
      : fields_(parse_cron(expression).value()), days_(fields_) {}

  [[nodiscard]] bool has_month(const year_month_day& date) const {
    return (fields_.months >> static_cast<unsigned>(date.month()) & 1U) != 0 &&
           fields_.years[static_cast<std::size_t>(static_cast<int>(date.year()) - kFirstYear)];
  }
  [[nodiscard]] bool has_day(const year_month_day& date) const {
    const year_month_day_last last{date.year(), date.month() / std::chrono::last};
    const std::chrono::weekday first{local_days{date.year() / date.month() / 1}};
    return (days_.of(static_cast<unsigned>(last.day()), first.c_encoding()) >>
                static_cast<unsigned>(date.day()) &
            1U) != 0;
  }
  [[nodiscard]] bool has_hour(hours hour) const {
    return (fields_.hours >> hour.count() & 1U) != 0;
  }
  [[nodiscard]] bool has_minute(minutes minute) const {
    return (fields_.minutes >> minute.count() & 1U) != 0;
  }
  [[nodiscard]] bool has_second(seconds second) const {
    return (fields_.seconds >> second.count() & 1U) != 0;
  }

 private:
  CronFields fields_;
  CronDays days_;
};

local_seconds next_by_minutes(const PlainCron& cron, local_seconds after) {
  for (local_seconds at = std::chrono::floor<minutes>(after) + minutes{1};; at += minutes{1}) {
    const local_days day = std::chrono::floor<days>(at);
    const std::chrono::hh_mm_ss clock{at - day};
    const year_month_day date{day};
    if (cron.has_month(date) && cron.has_day(date) && cron.has_hour(clock.hours()) &&
        cron.has_minute(clock.minutes()))
      return at;
  }
}

local_seconds next_by_fields(const PlainCron& cron, local_seconds after) {
  for (local_seconds at = after + seconds{1};;) {
    const local_days day = std::chrono::floor<days>(at);
    const std::chrono::hh_mm_ss clock{at - day};
    const year_month_day date{day};
    if (!cron.has_month(date))
      at = local_days{(date.year() / date.month() + std::chrono::months{1}) / 1};
    else if (!cron.has_day(date))
      at = day + days{1};
    else if (!cron.has_hour(clock.hours()))
      at = std::chrono::floor<hours>(at) + hours{1};
    else if (!cron.has_minute(clock.minutes()))
      at = std::chrono::floor<minutes>(at) + minutes{1};
    else if (!cron.has_second(clock.seconds()))
      at += seconds{1};
    else
      return at;
  }
}

template <class Next>
void plainly(benchmark::State& state, const char* expression, Next next) {
  const PlainCron cron{expression};
  const local_seconds start{std::chrono::floor<seconds>(kStart).time_since_epoch()};
  const local_seconds end = local_days{std::chrono::year{2190} / 1 / 1};
  local_seconds at = start;
  for (auto step : state) {
    at = next(cron, at);
    if (at > end) at = start;
    benchmark::DoNotOptimize(at);
  }
}
void field_by_field(benchmark::State& state, const char* expression) {
  plainly(state, expression, next_by_fields);
}
void minute_by_minute(benchmark::State& state, const char* expression) {
  plainly(state, expression, next_by_minutes);
}

constexpr const char* kEveryFiveMinutes = "0 */5 * * * ?";
constexpr const char* kEveryMorning = "0 0 8 * * ?";
constexpr const char* kWorkingDays = "0 30 9-15 ? * MON-FRI";
constexpr const char* kLastWorkingDay = "0 0 18 LW * ?";
constexpr const char* kLeapDay = "0 0 0 29 2 ? *";
constexpr const char* kLeapDayOnAMonday = "0 0 0 ? 2 MON#5 *";

BENCHMARK_CAPTURE(next_of, five_minutes, kEveryFiveMinutes);
BENCHMARK_CAPTURE(previous_of, five_minutes, kEveryFiveMinutes);
BENCHMARK_CAPTURE(field_by_field, five_minutes, kEveryFiveMinutes);
BENCHMARK_CAPTURE(minute_by_minute, five_minutes, kEveryFiveMinutes);
BENCHMARK_CAPTURE(next_of, morning, kEveryMorning);
BENCHMARK_CAPTURE(previous_of, morning, kEveryMorning);
BENCHMARK_CAPTURE(field_by_field, morning, kEveryMorning);
BENCHMARK_CAPTURE(minute_by_minute, morning, kEveryMorning);
BENCHMARK_CAPTURE(next_of, working_days, kWorkingDays);
BENCHMARK_CAPTURE(field_by_field, working_days, kWorkingDays);
BENCHMARK_CAPTURE(minute_by_minute, working_days, kWorkingDays);
BENCHMARK_CAPTURE(next_of, last_working_day, kLastWorkingDay);
BENCHMARK_CAPTURE(field_by_field, last_working_day, kLastWorkingDay);
BENCHMARK_CAPTURE(minute_by_minute, last_working_day, kLastWorkingDay);
BENCHMARK_CAPTURE(next_of, leap_day, kLeapDay);
BENCHMARK_CAPTURE(field_by_field, leap_day, kLeapDay);
BENCHMARK_CAPTURE(next_of, leap_day_on_a_monday, kLeapDayOnAMonday);
BENCHMARK_CAPTURE(previous_of, leap_day_on_a_monday, kLeapDayOnAMonday);
BENCHMARK_CAPTURE(field_by_field, leap_day_on_a_monday, kLeapDayOnAMonday);
BENCHMARK_CAPTURE(next_in, morning_in_shanghai, kEveryMorning, "Asia/Shanghai");
BENCHMARK_CAPTURE(next_in, morning_in_lord_howe, kEveryMorning, "Australia/Lord_Howe");

}  // namespace
}  // namespace systask::scheduler
