// What else a wall clock that is set must not disturb: pauses, windows, alarms, business dates; and
// who is told of it.
#include <algorithm>
#include <stdexcept>

#include "tests/unit/scheduler/clock_fixture.h"

namespace systask::scheduler {
namespace {

TEST_F(ClockStepTest, APauseHoldsThoughTheClockGoesBackBeforeIt) {
  start({task(1, "a")});
  live(2s);
  ASSERT_TRUE(engine->pause("a", "a look at it", "alice"));
  set(-1h);
  live(3s);
  EXPECT_EQ(count("a"), 2U);
  EXPECT_EQ(state(1, 5 - 3600), RunState::kSkippedPaused);
  EXPECT_EQ(row(1, 5 - 3600)->key.pass(), 1);
}

TEST_F(ClockStepTest, AWindowIsNotUsedUpByAGlitch) {
  start({task(1, "a", "1m")});
  ASSERT_TRUE(engine->hold(Target::task("a"), at(3600), at(7200), {"bob", "maintenance"}));
  live(1s);
  set(8h);
  live(3s);
  EXPECT_TRUE(engine->holds().empty());
  set(-8h);
  live(1s);
  EXPECT_EQ(engine->holds().size(), 1U);
  live(4000s, 1s);
  EXPECT_EQ(state(1, 3660), RunState::kSkippedWindow);
}

TEST_F(ClockStepTest, TellsOfItAndOfItsEnd) {
  TaskSpec told = with(task(1, "a"), [](SpecialPolicies& special) {
    special.alarms.notify = {NotifyLog{}, NotifyExec{{"/bin/page"}}};
    special.alarms.not_run_for = 1h;
  });
  start({told, task(2, "b")});
  live(10s);
  EXPECT_FALSE(engine->clock_pass());
  set(-20s);
  live(1s);
  ASSERT_TRUE(engine->clock_pass());
  EXPECT_EQ(engine->clock_pass()->pass, 1);
  EXPECT_EQ(engine->clock_pass()->until, at(10));
  ASSERT_EQ(sink.told.size(), 1U);
  EXPECT_NE(sink.told[0].find("set back by 20s"), std::string::npos) << sink.told[0];
  ASSERT_EQ(engine->alarms().size(), 1U);
  EXPECT_EQ(engine->alarms()[0].task->special().alarms.notify,
            (std::vector<NotifyTarget>{NotifyMetric{}, NotifyExec{{"/bin/page"}}}));
  EXPECT_EQ(observer.jumps, std::vector{Micros{-20s}});
  EXPECT_EQ(observer.passes, (std::vector<std::int64_t>{1}));
  const auto why = engine->explain("b", at(5));
  ASSERT_TRUE(why && why->step);
  EXPECT_EQ(why->step->pass, 1);
  live(21s);
  EXPECT_FALSE(engine->clock_pass());
  EXPECT_EQ(sink.told.back(), "cleared: clock_set_back");
  EXPECT_TRUE(engine->alarms().empty());
  EXPECT_EQ(observer.passes, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(engine->explain("b", at(5))->earlier.size(), 1U);
}

TEST_F(ClockStepTest, AClockThatIsSlowedDownIsNoStep) {
  start({task(1, "a"), at_times(2, "b", "08:30:10"), delayed(3, "c", "3s")});
  for (int i = 0; i < 300; ++i) {
    set(-8ms);  // of each 100 ms
    tick_after(100ms);
    lanes->run_all();
  }
  EXPECT_FALSE(engine->clock_pass());
  EXPECT_TRUE(ledger.clock_steps().empty());
  EXPECT_GE(count("a"), 26U);
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(count("c"), 10U);
}

TEST_F(ClockStepTest, ALedgerThatIsDownPutsTheStepOff) {
  start({task(1, "a")});
  live(3s);
  set(-1h);
  ledger.set_down(true);
  EXPECT_THROW(tick_after(1s), std::runtime_error);
  EXPECT_THROW(tick_after(1s), std::runtime_error);
  ledger.set_down(false);
  live(3s);
  EXPECT_EQ(seen.back().nominal, at(8) - 1h);
  EXPECT_EQ(ledger.clock_steps().size(), 1U);
}

TEST_F(ClockStepTest, WhatWasNotRunForIsMeasuredByTheMonotonicClock) {
  TaskSpec spec = with(task(1, "a"), [](SpecialPolicies& special) {
    special.alarms.notify = {NotifyLog{}};
    special.alarms.not_run_for = 1min;
  });
  start({spec});
  live(10s);
  set(-1h);
  live(10s);
  const std::size_t of_the_clock = sink.told.size();
  // It stops to succeed: found after a minute, and over with the next success.
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no"); };
  live(59s);
  EXPECT_EQ(sink.told.size(), of_the_clock);
  live(2s);
  ASSERT_EQ(sink.told.size(), of_the_clock + 1);
  bodies.erase("a");
  set(-1h);
  live(2s);
  EXPECT_EQ(sink.told.back(), "cleared: not_run_for");
  // A glitch ahead is no hour without a success.
  sink.told.clear();
  set(8h);
  live(2s);
  EXPECT_EQ(sink.told, (std::vector<std::string>{"cleared: clock_set_back"}));
}

TEST_F(ClockStepTest, AnAlarmByTheTimeOfDayIsOfTheRealDay) {
  TaskSpec spec = with(at_times(1, "a", "12:00"), [](SpecialPolicies& special) {
    special.alarms.notify = {NotifyLog{}};
    special.alarms.must_start_by = TimeOfDay{12h + 5min, Zone::utc()};
  });
  start({spec});
  live(1s);
  set(8h);
  live(1s);
  ASSERT_EQ(sink.told.size(), 1U);
  set(-8h);
  live(1s);
  EXPECT_EQ(std::ranges::count(sink.told, "cleared: must_start_by"), 1);
  sink.told.clear();
  ASSERT_TRUE(engine->pause("a", "a look at it", "alice"));
  live(4h, 1s);
  ASSERT_EQ(sink.told.size(), 1U);
  EXPECT_NE(sink.told[0].find("has not started by 12:05"), std::string::npos);
}

// A day ahead for a moment: what comes after others waits for those of today all the same.
TEST_F(ClockStepTest, StepsOfTodayAreDoneThoughTheClockWasADayAhead) {
  date_of = [this](TimePoint when) { return when < at(0) + 12h ? 20260522 : 20260523; };
  TaskSpec after = at_times(2, "b", "08:40");
  after.after = {{"a"}};
  start({at_times(1, "a", "08:35"), after});
  set(24h);
  live(6min, 1s);  // both of tomorrow, as the clock says
  live(6min, 1s);
  EXPECT_EQ(count("b"), 1U);
  set(-24h);
  clock.set_wall(at(60));
  live(12min, 1s);
  EXPECT_EQ(count("a"), 2U);
  EXPECT_EQ(count("b"), 2U);
}

TEST_F(ClockStepTest, TwoHalvesOfMissedOccurrencesAreNoOneRow) {
  start({task(1, "a")});
  live(5s);
  ASSERT_TRUE(engine->pause("a", "a look at it", "alice"));
  set(-3s);
  live(10s);
  // Of the pass up to +5 s, and of none afterwards.
  EXPECT_EQ(row(1, 4)->key.pass(), 1);
  EXPECT_EQ(row(1, 4)->last_nominal, at(5));
  EXPECT_EQ(row(1, 7)->key.pass(), 0);
  EXPECT_EQ(row(1, 7)->key.nominal, at(6));
}

}  // namespace
}  // namespace systask::scheduler
