#include <gtest/gtest.h>

#include "tests/unit/tasks/world.h"

namespace systask::tasks {
namespace {

using namespace std::chrono_literals;

struct Said {
  std::string sentence;
  std::string log;
};

// What the task says, and what it writes to the log.
Said run(World& world, const std::string& name, const scheduler::Parameters& given = {}) {
  ::testing::internal::CaptureStderr();
  Said said{world.run(name, given), ""};
  said.log = ::testing::internal::GetCapturedStderr();
  return said;
}

trading::MessageRow row(std::int64_t number, std::int64_t plan) {
  trading::MessageRow row;
  row.no = trading::MessageNo{number};
  row.message_id = "m" + std::to_string(number);
  row.plan = trading::PlanId{plan};
  row.number = trading::LineNumber{number};
  row.disposition = trading::Disposition::kQuarantined;
  return row;
}

void cache(World& world, std::int64_t plan, int messages) {
  const auto work = world.stores.stores().transactions.begin();
  for (int i = 1; i <= messages; ++i)
    world.parts.cache.append(*work, row(i, plan));
  work->commit();
}

TEST(WatchCacheDepth, WarnsBeyondItsThresholdsOnly) {
  World world;
  EXPECT_EQ(run(world, "watch-cache-depth").sentence, "no messages are cached");
  cache(world, 31, 5);
  cache(world, 32, 2);
  const Said calm = run(world, "watch-cache-depth", {{"most_per_plan", "5"}, {"most_in_all", "7"}});
  EXPECT_EQ(calm.sentence, "7 messages of 2 plans are cached, most of plan 31: 5");
  EXPECT_EQ(calm.log, "");
  EXPECT_NE(run(world, "watch-cache-depth", {{"most_per_plan", "4"}}).log.find("start a site"),
            std::string::npos);
  EXPECT_NE(run(world, "watch-cache-depth", {{"most_in_all", "6"}}).log.find("start a site"),
            std::string::npos);
}

TEST(WatchQuarantine, WarnsBeyondItsThresholdOnly) {
  World world;
  EXPECT_EQ(run(world, "watch-quarantine").log, "");
  const auto work = world.stores.stores().transactions.begin();
  world.parts.messages.add(*work, row(1, 0));
  world.parts.messages.add(*work, row(2, 0));
  work->commit();
  const Said warned = run(world, "watch-quarantine");
  EXPECT_EQ(warned.sentence, "2 messages in quarantine, 0 allowed");
  EXPECT_NE(warned.log.find("systask quarantine"), std::string::npos);
  EXPECT_EQ(run(world, "watch-quarantine", {{"most", "2"}}).log, "");
}

// What a run failed of; "" where it succeeded.
std::string failure_of(World& world, const scheduler::Parameters& given = {},
                       const std::string& name = "watch-order-system") {
  try {
    world.run(name, given);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(WatchOrderSystem, FailsWhileOrdersWaitForTooLong) {
  World world;
  EXPECT_EQ(world.run("watch-order-system"), "no orders wait; they go to nobody");
  world.orders_out = {3, 10s, "flow", {"flow"}};
  EXPECT_EQ(world.run("watch-order-system"),
            "3 orders and cancels wait to be acknowledged, the first for 10s; they go to flow");
  world.orders_out.longest = 10s + 1us;
  EXPECT_NE(failure_of(world).find("order system flow gets them and acknowledges nothing"),
            std::string::npos);
  world.orders_out.receiver.clear();
  EXPECT_NE(failure_of(world).find("no order system is connected"), std::string::npos);
  EXPECT_EQ(failure_of(world, {{"longest", "11s"}}), "");
}

TEST(WatchSites, FailsWhileTwoProcessesUseOneName) {
  World world;
  EXPECT_EQ(world.run("watch-sites"), "each site's name is used by one process");
  world.disputed_names = {{"A", "10.0.0.1:5", "10.0.0.2:6", 7}};
  EXPECT_EQ(
      failure_of(world, {}, "watch-sites"),
      "site A is logged in from 10.0.0.1:5, and logins were refused: 7, the last from "
      "10.0.0.2:6: two processes use one name. Stop one, or give it a name and a secret of its "
      "own");
}

TEST(WatchClock, TellsAJumpFromTimeThatPasses) {
  World world;
  EXPECT_EQ(run(world, "watch-clock").sentence,
            "the first look since the start: nothing to compare with yet");
  world.clock.advance(10s);
  const Said calm = run(world, "watch-clock");
  EXPECT_EQ(calm.sentence, "the clocks differ by 0 us over 10s");
  EXPECT_EQ(calm.log, "");
  world.clock.set_wall(world.clock.now() - 90s);
  world.clock.advance(10s);
  const Said back = run(world, "watch-clock");
  EXPECT_EQ(back.sentence, "the wall clock jumped back by 1m30s within 10s");
  EXPECT_NE(back.log.find("time synchronisation"), std::string::npos);
  world.clock.set_wall(world.clock.now() + 1s);
  world.clock.advance(10s);
  EXPECT_EQ(run(world, "watch-clock", {{"tolerance", "1s"}}).log, "");
  world.clock.set_wall(world.clock.now() + 24h);
  EXPECT_EQ(run(world, "watch-clock").sentence, "the wall clock jumped forward by 1d within 0s");
}

TEST(WatchDisk, WarnsOfLittleRoomAndOfALongLog) {
  World world;
  const Said calm = run(world, "watch-disk");
  EXPECT_EQ(calm.sentence, "database 64 MiB, log 8 MiB, 512000 MiB (50 %) free");
  EXPECT_EQ(calm.log, "");
  EXPECT_NE(run(world, "watch-disk", {{"least_free_percent", "51"}}).log.find("nearly full"),
            std::string::npos);
  EXPECT_NE(run(world, "watch-disk", {{"least_free_mib", "512001"}}).log.find("nearly full"),
            std::string::npos);
  EXPECT_NE(run(world, "watch-disk", {{"most_log_mib", "7"}}).log.find("log of the database"),
            std::string::npos);
}

TEST(ReconcileTotals, WarnsOfDifferences) {
  World world;
  EXPECT_EQ(run(world, "reconcile-totals").log, "");
  world.differences = 2;
  EXPECT_NE(run(world, "reconcile-totals").log.find("differ"), std::string::npos);
}

// `count` successes of the task, each as long as it is given.
void add_successes(World& world, scheduler::TaskId task, int count, Micros each) {
  std::vector<scheduler::RunRow> rows;
  for (int i = 1; i <= count; ++i) {
    scheduler::RunRow row;
    row.key = {world.clock.now() - i * 1h, task, 0};
    row.id = scheduler::RunId{1'000 * task.value() + i};
    row.state = scheduler::RunState::kSucceeded;
    row.last_nominal = row.key.nominal;
    row.started_at = row.key.nominal;
    row.finished_at = row.key.nominal + each;
    rows.push_back(row);
  }
  world.ledger.record(rows);
}

TEST(WatchLanes, NamesARunThatTakesFarLongerThanUsualOnce) {
  World world;
  const TimePoint now = world.clock.now();
  add_successes(world, scheduler::TaskId{7}, 5, 20s);
  add_successes(world, scheduler::TaskId{8}, 4, 1ms);  // too few to call anything usual
  world.running = {{scheduler::TaskId{7}, "report", scheduler::RunId{41}, now - 59s},
                   {scheduler::TaskId{8}, "young", scheduler::RunId{42}, now - 1h}};
  world.lane_depths = {{1, 0, 2, 8}};
  const Said calm = run(world, "watch-lanes");
  EXPECT_EQ(calm.sentence, "2 runs, 0 wait in lanes, 0 longer than usual");
  EXPECT_EQ(calm.log, "");
  world.clock.advance(1s);
  const Said long_one = run(world, "watch-lanes");
  EXPECT_EQ(long_one.sentence,
            "2 runs, 0 wait in lanes, 1 longer than usual; report (run 41) runs for 1m, 20s is "
            "usual");
  EXPECT_NE(long_one.log.find("far longer than is usual"), std::string::npos);
  const Said again = run(world, "watch-lanes");
  EXPECT_EQ(again.sentence, long_one.sentence);
  EXPECT_EQ(again.log, "");
  EXPECT_EQ(run(world, "watch-lanes", {{"factor", "4"}}).sentence, calm.sentence);
  EXPECT_EQ(run(world, "watch-lanes", {{"least", "2m"}}).sentence, calm.sentence);
}

TEST(WatchLanes, WarnsOnceOfALaneWhoseRunsWaitForLong) {
  World world;
  world.lane_depths = {{1, 3, 7, 8}, {2, 4, 2, 2}};
  // Tasks that are due together fill a lane for a moment.
  world.lane_waits = {{2, 4, scheduler::RunId{118}, "report", 9'999ms}};
  const Said calm = run(world, "watch-lanes");
  EXPECT_EQ(calm.sentence, "0 runs, 7 wait in lanes, 0 longer than usual");
  EXPECT_EQ(calm.log, "");
  world.lane_waits.front().longest = 10s;
  const Said full = run(world, "watch-lanes");
  EXPECT_EQ(full.sentence,
            "0 runs, 7 wait in lanes, 0 longer than usual; lane 2 is full: the first of 4 waiting "
            "runs waits for 10s");
  EXPECT_NE(full.log.find("a lane is full, and runs wait for its threads"), std::string::npos);
  EXPECT_NE(full.log.find("lane=2 waiting=4 longest=10s run=118 task=report"), std::string::npos)
      << full.log;
  EXPECT_EQ(run(world, "watch-lanes").log, "") << "it is full still";
  EXPECT_EQ(run(world, "watch-lanes", {{"least", "11s"}}).sentence, calm.sentence);
  EXPECT_NE(run(world, "watch-lanes").log, "") << "it was not full in between";
}

}  // namespace
}  // namespace systask::tasks
