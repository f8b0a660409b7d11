// A simulated year, minute by minute: intervals, cron through clock changes, trading sessions,
// a calendar that ends; crashes, bodies of up to forty minutes, reloads with other policies, pauses
// and windows; a wall clock that is set back and forward, far and a little, also while the service
// is down, or is wrong for a moment. Every occurrence has exactly one outcome in each pass over its
// time, no time of the calendar fires twice or is used up by a clock that was ahead, and rhythms
// neither stand still nor double by the monotonic clock.
//
// SYSTASK_SEEDS=N lives N other years, from SYSTASK_SEED on, where it is given.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/support/calendars.h"
#include "tests/support/engine_world.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBreachesShown = 5;

// To the end of April 2027: what is due in the last weeks of the year is refused.
std::shared_ptr<const LiveCalendar> eleven_months() {
  CalendarRules rules = with_nights();
  rules.last = date("2027-04-30");
  return live(std::move(rules));
}

WorldSchedule by_cron_in(const std::string& text, const std::string& zone, DstPolicy dst = {}) {
  return {"cron " + text + " " + zone,
          parse_cron_schedule(text, Zone::find(zone).value(), dst).value()};
}

WorldSchedule with_calendar(const std::string& text, const Schedule& schedule,
                            TimetableOptions options) {
  options.calendar = eleven_months();
  return {text, Timetable{schedule, std::move(options)}};
}

std::vector<WorldSchedule> schedules_of_the_year() {
  const Zone shanghai = Zone::find("Asia/Shanghai").value();
  const auto every = [](const char* period) { return parse_every_schedule(period).value(); };
  return {
      {"every 7m", every("7m")},
      {"every 20m", every("20m")},
      {"every 6h", every("6h")},
      {"delay 25m", parse_delay_schedule("25m").value()},
      by_cron_in("0 30 * * * ?", "America/New_York"),
      by_cron_in("0 30 1,2 * * ?", "America/New_York", {Gap::kShift, DstOverlap::kBoth}),
      by_cron_in("0 0/15 0-3 * * ?", "Australia/Lord_Howe", {Gap::kSkip, DstOverlap::kFirst}),
      by_cron_in("0 30 8 ? * MON-FRI", "Asia/Shanghai"),
      with_calendar("every 10m during sessions", every("10m"),
                    {.during_sessions = true, .jitter = 3min, .seed = 11}),
      with_calendar("at open-30m, close+15m", OnDemand{},
                    {.session_times = parse_session_times("open-30m, close+15m").value()}),
      with_calendar("at 18:00 rolled", parse_at_schedule("18:00", shanghai).value(),
                    {.roll = Roll::kNext, .jitter = 20min, .seed = 12}),
      with_calendar("last business day", parse_at_schedule("15:30", shanghai).value(),
                    {.on = parse_day_rule("last business-day of week").value()}),
  };
}

void live_a_year(std::uint32_t seed) {
  EngineWorld world{seed,
                    {.tasks = 20,
                     .step = 1min,
                     .crash = 0.0001,
                     .clock_step = 0.0001,
                     .reload = 0.0002,
                     .operate = 0.001,
                     .schedules = schedules_of_the_year()}};
  world.live(365 * 24h);
  const std::vector<std::string> breaches = world.broken();
  fmt::print("seed {}: {} occurrences, {} bodies, {} crashes, {} clock steps, {} reloads\n", seed,
             world.accounted(), world.bodies(), world.crashes(), world.clock_steps(),
             world.reloads());
  EXPECT_GT(world.accounted(), 10'000U);
  EXPECT_GT(world.crashes(), 10U);
  EXPECT_GT(world.clock_steps(), 10U);
  EXPECT_GT(world.reloads(), 10U);
  EXPECT_GT(world.judged(), 10'000U);
  for (std::size_t i = 0; i < std::min(breaches.size(), kBreachesShown); ++i)
    ADD_FAILURE() << "seed " << seed << ", " << breaches.size() << " breaches: " << breaches[i];
}

TEST(SchedulerYear, AccountsForEveryOccurrence) {
  const char* const first = std::getenv("SYSTASK_SEED");
  const char* const count = std::getenv("SYSTASK_SEEDS");
  const std::uint32_t seed = first != nullptr   ? static_cast<std::uint32_t>(std::stoul(first))
                             : count != nullptr ? std::random_device{}()
                                                : 1;
  const std::uint32_t years = count == nullptr ? 1 : static_cast<std::uint32_t>(std::stoul(count));
  for (std::uint32_t i = 0; i < years; ++i)
    live_a_year(seed + i);
}

}  // namespace
}  // namespace systask::scheduler
