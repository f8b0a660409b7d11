// The wall clock is set: rhythms go on by the monotonic clock, times of the calendar run once,
// and the ledger tells the passes over one time apart.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "scheduler/engine/set_back.h"
#include "scheduler/when/duration.h"
#include "tests/unit/scheduler/clock_fixture.h"

namespace systask::scheduler {
namespace {

TEST_F(ClockStepTest, ARhythmGoesOnAtOnceAndItsPassesAreToldApart) {
  start({task(1, "a")});
  live(10s);
  EXPECT_EQ(count("a"), 10U);
  set(-1h);
  live(10s);
  EXPECT_EQ(count("a"), 20U);
  EXPECT_EQ(seen.back().nominal, at(20) - 1h);
  EXPECT_EQ(passes_of(1, 5), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(passes_of(1, -3585), (std::vector<std::int64_t>{1}));
  // Until it is where it was: then nothing tells the times apart any more.
  live(3590s, 1s);
  EXPECT_EQ(passes_of(1, 5), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(passes_of(1, 10), (std::vector<std::int64_t>{1, 0}));
  live(10s);
  EXPECT_EQ(passes_of(1, 11), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(count("a"), 3620U);
}

// By the monotonic clock, half a period lies between two runs at least, one and a half at most.
TEST_F(ClockStepTest, RhythmsKeepTheirDistances) {
  for (const char* period : {"100ms", "1s", "7s", "1m", "7m"})
    for (const Micros by : {Micros{-1h}, Micros{-20min}, Micros{-61s}, Micros{-20s}, Micros{-1s},
                            Micros{-700ms}, Micros{-400ms}, Micros{-130ms}, Micros{-40ms}})
      for (const Micros after : {Micros{50ms}, Micros{700ms}, Micros{3350ms}}) {
        SCOPED_TRACE(std::string{period} + " " + std::to_string(by / 1ms) + " ms");
        ledger.clear();
        restart();
        begins.clear();
        keys.clear();
        note_begins();
        start({task(1, "a", period)});
        const Micros each = parse_duration(period).value();
        const Micros step = std::max(Micros{50ms}, each / 50);
        live(4 * each + after, step);
        set(by);
        live(4 * each, step);
        ASSERT_GE(begins.size(), 7U);
        for (std::size_t i = 1; i < begins.size(); ++i) {
          EXPECT_GE(begins[i] - begins[i - 1] + step, each / 2);
          EXPECT_LE(begins[i] - begins[i - 1], each * 3 / 2 + step);
        }
      }
}

TEST_F(ClockStepTest, RhythmsGoOnThoughTheClockIsSetAgainAndAgain) {
  note_begins();
  start({task(1, "a", "1m")});
  live(61s, 1s);
  for (int i = 0; i < 40; ++i) {
    set(i % 3 == 0 ? Micros{-1h} : i % 3 == 1 ? Micros{-400ms} : Micros{-20s});
    live(17s, 1s);
  }
  // As many as there are minutes, give or take what the steps shift.
  EXPECT_GE(begins.size(), 8U);
  EXPECT_LE(begins.size(), 22U);
  for (std::size_t i = 1; i < begins.size(); ++i)
    EXPECT_GE(begins[i] - begins[i - 1], 29s);
}

TEST_F(ClockStepTest, ARhythmGoesOnOverARestart) {
  note_begins();
  start({task(1, "a"), task(2, "b", "1h")});
  live(10s);
  for (const Micros by : {Micros{-1h}, Micros{-20s}, Micros{-400ms}}) {
    restart();
    set(by);
    start({task(1, "a"), task(2, "b", "1h")});
    const MonotonicPoint started = clock.monotonic();
    live(3s);
    const auto first = std::ranges::lower_bound(begins, started);
    ASSERT_NE(first, begins.end());
    EXPECT_LE(*first - started, 1500ms) << by / 1ms;
    EXPECT_GE(std::ranges::distance(first, begins.end()), 2) << by / 1ms;
  }
  std::set<std::int64_t> passes;
  for (const ClockStep& step : ledger.clock_steps())
    EXPECT_TRUE(passes.insert(step.pass).second);
  EXPECT_EQ(passes.size(), 3U);
  // A restart with a clock that nobody touched is no step.
  restart();
  start({task(1, "a"), task(2, "b", "1h")});
  live(3s);
  EXPECT_EQ(ledger.clock_steps().size(), 3U);
  EXPECT_EQ(engine->clock_pass()->pass, 3);
}

TEST_F(ClockStepTest, APassGoesOnOverARestart) {
  start({task(1, "a", "1m")});
  live(10min, 1s);
  set(-4min);
  live(61s, 1s);
  EXPECT_EQ(seen.back().nominal, at(7 * 60));
  restart();
  start({task(1, "a", "1m")});
  ASSERT_TRUE(engine->clock_pass());
  EXPECT_EQ(engine->clock_pass()->until, at(600));
  live(5min, 1s);
  EXPECT_EQ(passes_of(1, 480), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(passes_of(1, 600), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(passes_of(1, 660), (std::vector<std::int64_t>{0}));
  EXPECT_FALSE(engine->clock_pass());
}

TEST_F(ClockStepTest, TimesOfTheCalendarDoNotRunTwice) {
  for (const bool restarts : {false, true}) {
    start({at_times(1, "a", "08:30:05"),
           by(2, "b", parse_once_schedule("2026-05-22T08:30:06Z", Zone::utc()).value(), "once"),
           by(3, "c", parse_cron_schedule("7 30 8 * * ?", Zone::utc()).value(), "cron")});
    live(10s);
    set(-1h);
    if (restarts)
      restart(),
          start(
              {at_times(1, "a", "08:30:05"),
               by(2, "b", parse_once_schedule("2026-05-22T08:30:06Z", Zone::utc()).value(), "once"),
               by(3, "c", parse_cron_schedule("7 30 8 * * ?", Zone::utc()).value(), "cron")});
    live(3600s, 1s);
    for (const char* name : {"a", "b", "c"})
      EXPECT_EQ(count(name), 1U) << name;
    for (const int id : {1, 2, 3})
      EXPECT_EQ(passes_of(id, 4 + id), (std::vector<std::int64_t>{0}));
    live(24h, 1s);
    EXPECT_EQ(count("a"), 2U);
    EXPECT_EQ(count("b"), 1U);
    EXPECT_EQ(count("c"), 2U);
    seen.clear();
    clock.set_wall(at(0));
    ledger.clear();
    restart();
  }
}

// Of three times that were found together the last ran. Found together once more, the first two are
// not given up for one that had run.
TEST_F(ClockStepTest, WhereTheLedgerDoesNotAnswerTimesStayDue) {
  start({at_times(1, "a", "08:30:05, 08:30:06, 08:30:07")});
  live(2s);
  clock.advance(8s);
  live(1s);
  ASSERT_EQ(count("a"), 1U);
  set(-8s);
  live(50ms);
  ledger.refuse_dealt_with(true);
  clock.advance(6s);
  live(1s);
  EXPECT_EQ(engine->task("a")->next_due, at(5));
  ledger.refuse_dealt_with(false);
  live(1s);
  EXPECT_EQ(count("a"), 2U);
  EXPECT_EQ(seen.back().nominal, at(6));
  EXPECT_EQ(engine->task("a")->next_due, at(86'405));
}

// +8 h for three seconds: noon has not been.
TEST_F(ClockStepTest, AGlitchAheadUsesUpNothing) {
  enum { kNo, kDuring, kAfter };
  for (const int restarts : {kNo, kDuring, kAfter}) {
    const std::vector<TaskSpec> specs{
        at_times(1, "a", "12:00"), at_times(2, "b", "12:00, 12:05, 16:30:01"),
        by(3, "c", parse_once_schedule("2026-05-22T12:00:00Z", Zone::utc()).value(), "once")};
    start(specs);
    live(900ms);
    set(8h);
    live(3s);
    EXPECT_EQ(state(1, 12600), RunState::kSkippedLate);
    EXPECT_EQ(count("b"), 1U) << "16:30:01 came while the clock was ahead";
    if (restarts == kDuring) restart();
    set(-8h);
    if (restarts == kDuring) start(specs);
    live(3s);
    if (restarts == kAfter) restart(), start(specs);
    live(4h, 1s);
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(count("c"), 1U);
    EXPECT_EQ(state(1, 12600), RunState::kSucceeded);
    EXPECT_EQ(passes_of(1, 12600), (std::vector<std::int64_t>{1, 0}));
    EXPECT_EQ(count("b"), 3U);
    live(5h, 1s);
    EXPECT_EQ(count("b"), 3U) << "what ran does not run again";
    EXPECT_FALSE(engine->clock_pass());
    seen.clear();
    clock.set_wall(at(0));
    ledger.clear();
    restart();
  }
}

// Down from before noon until after it: its late policy decides, as for any other.
TEST_F(ClockStepTest, WhatWasSkippedAheadIsLateAfterAnOutageAndNotForgotten) {
  TaskSpec noon = at_times(1, "a", "12:00");
  noon.late = {2h, LatePolicy::Otherwise::kSkip};
  start({noon});
  set(8h);
  live(1s);
  EXPECT_EQ(state(1, 12600), RunState::kSkippedLate);
  set(-8h);
  live(1s);
  restart();
  clock.advance(4h);
  start({noon});
  live(1s);
  EXPECT_EQ(count("a"), 1U);
  EXPECT_EQ(state(1, 12600), RunState::kSucceeded);
}

TEST_F(ClockStepTest, WhatWasClaimedAheadDoesNotBeginBeforeItsTime) {
  note_begins();
  start({task(1, "a"), at_times(2, "b", "08:30:01")});
  clock.advance(980ms);
  engine->prepare(clock.now() + 20ms);
  ASSERT_EQ(state(1, 1), RunState::kClaimed);
  ASSERT_EQ(state(2, 1), RunState::kClaimed);
  set(-400ms);
  tick_after(20ms);
  lanes->run_all();
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(state(1, 1), RunState::kCoalesced);
  live(390ms, 10ms);
  EXPECT_TRUE(seen.empty());
  live(10ms, 10ms);
  EXPECT_EQ(count("a"), 1U);
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(passes_of(1, 1), (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(passes_of(2, 1), (std::vector<std::int64_t>{1, 0}));
  live(2s);
  EXPECT_EQ(count("a"), 3U);
}

TEST_F(ClockStepTest, WhatWasClaimedAheadByAnHourGoesOnAtOnce) {
  note_begins();
  start({task(1, "a")});
  live(3s);
  clock.advance(980ms);
  engine->prepare(clock.now() + 20ms);
  set(-1h);
  tick_after(20ms);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(seen.back().nominal, at(4) - 1h);
  EXPECT_EQ(begins.back() - begins[begins.size() - 2], 1s);
}

// A claim that crashed with its service before its time, and came back before it.
TEST_F(ClockStepTest, WhatWasClaimedAheadAndLostItsServiceRunsAtItsTime) {
  TaskSpec spec = at_times(1, "a", "08:30:01");
  spec.on_lost = OnLost::kRerun;
  note_begins();
  start({spec});
  clock.advance(980ms);
  engine->prepare(clock.now() + 20ms);
  restart();
  set(-10s);
  start({spec});
  lanes->run_all();
  EXPECT_TRUE(seen.empty());
  live(11s);
  EXPECT_EQ(count("a"), 1U);
}

TEST_F(ClockStepTest, PausesBetweenRunsFollowTheMonotonicClock) {
  for (const Micros by : {Micros{-1h}, Micros{-400ms}, Micros{10min}, Micros{-20s}}) {
    begins.clear();
    note_begins();
    ledger.clear();
    restart();
    start({delayed(1, "a", "10s")});
    live(21s);
    ASSERT_EQ(begins.size(), 3U);
    set(by);
    live(20s);
    ASSERT_EQ(begins.size(), 5U) << by / 1ms;
    for (std::size_t i = 1; i < begins.size(); ++i)
      EXPECT_LE(std::chrono::abs(begins[i] - begins[i - 1] - 10s), 50ms);
    restart();
    set(-2h);
    start({delayed(1, "a", "10s")});
    live(11s);
    EXPECT_EQ(begins.size(), 6U);
  }
}

struct GoesOnCase {
  const char* period;
  int last;    // seconds
  int looked;  // seconds
  int from;
};

class RhythmGoesOn : public testing::TestWithParam<GoesOnCase> {};

TEST_P(RhythmGoesOn, BetweenHalfAPeriodAndOneAndAHalf) {
  const auto second = [](int n) { return TimePoint{std::chrono::seconds{n}}; };
  const Timetable timetable{parse_every_schedule(GetParam().period).value()};
  EXPECT_EQ(rhythm_goes_on(timetable, second(GetParam().last), second(GetParam().looked)),
            second(GetParam().from));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RhythmGoesOn,
    testing::Values(GoesOnCase{"10s", 100, 100, 110}, GoesOnCase{"10s", 101, 101, 110},
                    GoesOnCase{"10s", 105, 105, 110}, GoesOnCase{"10s", 106, 106, 120},
                    GoesOnCase{"10s", 106, 125, 130}, GoesOnCase{"10s", 95, 100, 110},
                    GoesOnCase{"1h", 6000, 6000, 10800}, GoesOnCase{"1h", 3500, 3500, 7200},
                    // Gone over: due at once, or after a rest as ever.
                    GoesOnCase{"10s", 101, 110, 110}, GoesOnCase{"10s", 104, 110, 110},
                    GoesOnCase{"10s", 105, 110, 120}, GoesOnCase{"10s", 101, 111, 120}));

}  // namespace
}  // namespace systask::scheduler
