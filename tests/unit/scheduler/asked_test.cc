// Who asked for a run, against what may stand in its way: one table for each question.
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

const Asked kWho{"bob", "to see"};
constexpr int kThatDay = 20260522;
constexpr std::array kWays{"scheduled", "manual", "event", "backfill", "retry", "rerun"};
using Answers = std::array<const char*, kWays.size()>;

// It is 08:30. Task a is due each hour, is tried once more 10 s after it failed, and has a run
// of today's date that failed, so that it can be made once more.
class AskedWorld final : public EngineTest {
 public:
  using EngineTest::clock;
  using EngineTest::count;
  using EngineTest::engine;
  using EngineTest::lanes;
  using EngineTest::restart;
  using EngineTest::start;
  using EngineTest::task;

  AskedWorld() {
    date_of = [](TimePoint at) {
      return from_rfc3339("2026-05-22T00:00:00Z").value() <= at ? kThatDay : 20260521;
    };
    const RunRow failed{.key = {at(-5), TaskId{1}, 77},
                        .id = RunId{77},
                        .trigger = Trigger::kManual,
                        .state = RunState::kFailed,
                        .business_date = kThatDay,
                        .last_nominal = at(-5),
                        .finished_at = at(-4)};
    ledger.record(std::span{&failed, 1});
  }

  TaskSpec a() const {
    TaskSpec spec = with(task(1, "a", "1h"), [](SpecialPolicies& special) {
      special.retry = {.times = 1, .backoff = 10s};
    });
    spec.late = {30s, LatePolicy::Otherwise::kSkip};
    return spec;
  }
  void fails(bool so) {
    if (so)
      bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no luck"); };
    else
      bodies.erase("a");
  }
  void tick_at(int seconds) {
    clock.set_wall(at(seconds));
    engine->tick(clock.now());
  }

  // Asks, after what stands in the way has been put there, and answers the refusal or what became
  // of the run: "none" where the ledger has none. With `run`, bodies run that may.
  std::string ask(std::string_view way, const std::function<void()>& obstacle, bool run = true) {
    if (way == "retry") {
      fails(true);
      tick_at(1800);
      lanes->run_all();
      fails(false);
    }
    obstacle();
    const RunId before = ledger.highest_id();
    std::string refused = start_it(way);
    if (!refused.empty()) return refused;
    if (run) lanes->run_all();
    return became(way, before);
  }
  std::string start_it(std::string_view way) {
    const auto code = [](const auto& done) {
      return done.has_error() ? done.error().code : std::string{};
    };
    if (way == "manual") return code(engine->run_now("a", {"bob", {}, {}}));
    if (way == "event") return code(engine->trigger("a"));
    if (way == "rerun") return code(engine->rerun(RunId{77}, {"bob", {}, {}}));
    if (way == "backfill")
      return code(engine->backfill({Target::task("a"), 20260521, 20260521}, kWho));
    if (way == "scheduled" && clock.now() < at(1800)) clock.set_wall(at(1800));
    if (way == "retry") clock.advance(10s);
    engine->tick(clock.now());
    return {};
  }
  std::string became(std::string_view way, RunId before) {
    const Trigger trigger = way == "manual"     ? Trigger::kManual
                            : way == "event"    ? Trigger::kEvent
                            : way == "rerun"    ? Trigger::kRerun
                            : way == "backfill" ? Trigger::kBackfill
                                                : Trigger::kSchedule;
    for (const RunRow& row : ledger.runs({.task = TaskId{1}, .limit = 100}))
      if (row.trigger == trigger && (way == "retry" || row.id > before))
        return std::string{name_of(row.state)};
    return "none";
  }
  void TestBody() override {}

  std::vector<TaskSpec> specs;
};

struct Obstacle {
  const char* what;
  std::function<TaskSpec(TaskSpec, std::string_view way)> change;
  std::function<void(Engine&, ManualLanes&, ManualClock&)> put;
  Answers expected;
};

class AskedAgainst : public testing::TestWithParam<Obstacle> {};

TEST_P(AskedAgainst, IsDecidedByTable) {
  const Obstacle& obstacle = GetParam();
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    SCOPED_TRACE(std::string{kWays[i]} + ": " + obstacle.what);
    AskedWorld world;
    const TaskSpec spec = obstacle.change ? obstacle.change(world.a(), kWays[i]) : world.a();
    TaskSpec b = AskedWorld::task(2, "b", "");
    b.special_policies = spec.special_policies;
    world.start({spec, b});
    const auto put = [&] {
      if (obstacle.put) obstacle.put(*world.engine, *world.lanes, world.clock);
    };
    EXPECT_EQ(world.ask(kWays[i], put), obstacle.expected[i]);
  }
}

TaskSpec not_after(TaskSpec spec, std::string_view way) {
  SpecialPolicies special = spec.special();
  // The first attempt of a retry is in time, the second is not.
  special.not_after = TimeOfDay{way == "retry" ? 9h + 5s : 8h + 45min, Zone::utc()};
  spec.special_policies = std::make_shared<const SpecialPolicies>(special);
  return spec;
}
TaskSpec exclusive(TaskSpec spec, std::string_view) {
  SpecialPolicies special = spec.special();
  special.exclusive = {"name"};
  spec.special_policies = std::make_shared<const SpecialPolicies>(special);
  return spec;
}

INSTANTIATE_TEST_SUITE_P(
    All, AskedAgainst,
    testing::Values(
        Obstacle{"nothing is in the way",
                 {},
                 {},
                 {"succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "succeeded"}},
        Obstacle{
            "the task is paused",
            {},
            [](Engine& engine, ManualLanes&, ManualClock&) {
              ASSERT_TRUE(engine.pause(Target::task("a"), kWho));
            },
            {"skipped_paused", "succeeded", "TASK_PAUSED", "succeeded", "claimed", "succeeded"}},
        Obstacle{"a window is open",
                 {},
                 [](Engine& engine, ManualLanes&, ManualClock& clock) {
                   ASSERT_TRUE(engine.hold(Target::task("a"), clock.now(), clock.now() + 2h, kWho));
                 },
                 {"skipped_window", "TASK_HELD", "TASK_HELD", "claimed", "claimed", "TASK_HELD"}},
        Obstacle{"its lane is paused",
                 {},
                 [](Engine& engine, ManualLanes&, ManualClock&) {
                   ASSERT_TRUE(engine.pause(Target::lane(1), kWho));
                 },
                 {"claimed", "claimed", "none", "claimed", "claimed", "claimed"}},
        Obstacle{"another run of it is under way",
                 {},
                 [](Engine& engine, ManualLanes&, ManualClock&) {
                   ASSERT_TRUE(engine.run_now("a", {}));
                 },
                 {"skipped_overlap", "TASK_RUNNING", "succeeded", "succeeded", "claimed",
                  "TASK_RUNNING"}},
        Obstacle{"its exclusive name is taken",
                 exclusive,
                 [](Engine& engine, ManualLanes& lanes, ManualClock&) {
                   ASSERT_TRUE(engine.run_now("b", {}));
                   ASSERT_TRUE(lanes.take_one());  // it has begun, and does not end
                 },
                 {"claimed", "claimed", "none", "claimed", "claimed", "claimed"}},
        Obstacle{"it is later than not_after",
                 not_after,
                 [](Engine&, ManualLanes&, ManualClock&) {},
                 {"skipped_window", "succeeded", "succeeded", "succeeded", "failed", "succeeded"}},
        Obstacle{"it is late",
                 {},
                 [](Engine&, ManualLanes&, ManualClock& clock) { clock.advance(40min); },
                 {"skipped_late", "succeeded", "succeeded", "succeeded", "succeeded", "succeeded"}},
        Obstacle{
            "the step is skipped for today",
            {},
            [](Engine& engine, ManualLanes&, ManualClock&) {
              ASSERT_TRUE(engine.skip_step("a", kThatDay, kWho));
            },
            {"skipped_step", "succeeded", "succeeded", "succeeded", "skipped_step", "succeeded"}},
        Obstacle{"the task is disabled",
                 {},
                 [](Engine& engine, ManualLanes&, ManualClock&) {
                   TaskSpec off{.id = TaskId{1}, .name = "a"};
                   off.timetable = parse_every_schedule("1h").value();
                   off.schedule_text = "every 1h";
                   off.enabled = false;
                   ASSERT_TRUE(engine.reload({off}));
                 },
                 {"none", "TASK_DISABLED", "TASK_DISABLED", "NOTHING_TO_DO", "cancelled",
                  "TASK_DISABLED"}},
        Obstacle{"the service stops",
                 {},
                 [](Engine& engine, ManualLanes&, ManualClock&) { engine.stop(0us); },
                 {"none", "STOPPED", "STOPPED", "STOPPED", "claimed", "STOPPED"}}));

// For each way, what `then` answers about a world in which a may be asked for so; b comes after a.
void each(const std::function<TaskSpec(TaskSpec)>& change, const Answers& expected,
          const std::function<std::string(AskedWorld&, std::string_view way)>& then) {
  for (std::size_t i = 0; i < kWays.size(); ++i) {
    SCOPED_TRACE(kWays[i]);
    AskedWorld world;
    world.specs = {change(world.a()), AskedWorld::task(2, "b", "")};
    world.specs[1].after.push_back({"a"});
    world.specs[1].group = world.specs[0].group;
    world.start(world.specs);
    EXPECT_EQ(then(world, kWays[i]), expected[i]);
  }
}

void nothing() {}

TEST(AskedAndThen, WhatComesAfterItStarts) {
  each([](TaskSpec spec) { return spec; }, {"1", "1", "1", "0", "1", "1"},
       [](AskedWorld& world, std::string_view way) {
         EXPECT_EQ(world.ask(way, nothing), "succeeded");
         return std::to_string(world.count("b"));
       });
}

// From the end of its last scheduled run, attempts and all, and of no other.
TEST(AskedAndThen, ADelayIsMoved) {
  const auto delayed = [](TaskSpec spec) {
    spec.timetable = parse_delay_schedule("30m").value();
    spec.late = {24h, LatePolicy::Otherwise::kRun};
    return spec;
  };
  each(delayed, {"moved", "stays", "stays", "NOTHING_TO_DO", "moved", "stays"},
       [](AskedWorld& world, std::string_view way) -> std::string {
         const auto next = [&] { return world.engine->task("a")->next_due; };
         const TimePoint first = next();
         const std::string came = world.ask(way, nothing);
         if (came != "succeeded") return came;
         return next() == first ? "stays" : "moved";
       });
}

TEST(AskedAndThen, ItsServiceDies) {
  for (const OnLost on_lost : {OnLost::kRecord, OnLost::kRerun}) {
    const bool rerun = on_lost == OnLost::kRerun;
    SCOPED_TRACE(rerun ? "rerun" : "record");
    each(
        [&](TaskSpec spec) {
          spec.on_lost = on_lost;
          return spec;
        },
        rerun ? Answers{"succeeded", "lost", "none", "lost", "succeeded", "lost"}
              : Answers{"lost", "lost", "none", "lost", "lost", "lost"},
        [](AskedWorld& world, std::string_view way) {
          const RunId before{77};
          EXPECT_NE(world.ask(way, nothing, false), "succeeded");
          world.restart();
          world.start(world.specs);
          world.lanes->run_all();
          return world.became(way, before);
        });
  }
}

// How many steps there are to go on with when a has failed so; b comes after it.
TEST(AskedAndThen, ItsGroupGoesOn) {
  const auto grouped = [](TaskSpec spec) {
    spec.group = "day";
    return spec;
  };
  each(grouped, {"2", "2", "2", "NOTHING_TO_DO", "NOTHING_TO_DO", "2"},
       [](AskedWorld& world, std::string_view way) -> std::string {
         if (way != "retry") {
           world.specs[0].special_policies.reset();  // it is not tried again
           EXPECT_TRUE(world.engine->reload(world.specs));
           world.fails(true);
           EXPECT_EQ(world.ask(way, nothing), "failed");
         } else {
           world.fails(true);
           world.tick_at(1800);
           world.lanes->run_all();  // its second attempt waits
         }
         const auto steps = world.engine->resume_group("day", kWho);
         return steps.has_error() ? steps.error().code : std::to_string(*steps);
       });
}

}  // namespace
}  // namespace systask::scheduler
