// Bodies that behave badly, on real clocks and threads: ones that ignore every request to stop,
// and ones that throw what is no std::exception. Each is reported, none delays another.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr int kDeaf = 6;
constexpr std::size_t kLaneThreads = 4;  // fewer than those that keep one for good
constexpr int kNeighbour = 100;

class MisbehavingTest : public testing::Test {
 protected:
  MisbehavingTest() {
    registry.add("deaf", [this](const RunContext&) {
      released.wait();  // whatever run.stop says
      if (++ended == kDeaf) all_ended.set_value();
      return "at last";
    });
    registry.add("throws", [](const RunContext&) -> std::string { throw 42; });
    registry.add("fails", [](const RunContext&) -> std::string { throw std::logic_error("no"); });
    registry.add("neighbour", [this](const RunContext&) {
      if (outcomes == kDeaf + 2 && ++after == 3) neighbour_goes_on.set_value();
      return "done";
    });
  }

  static TaskSpec task(int id, std::string name, std::string body, const std::string& every = {}) {
    TaskSpec spec{.id = TaskId{id}, .name = std::move(name), .body = std::move(body)};
    if (!every.empty()) spec.timetable = parse_every_schedule(every).value();
    spec.schedule_text = every;
    return spec;
  }
  void ask(const std::string& name) {
    ASSERT_TRUE(engine.run_now(name, {"test", {}, [this](const RunRow&) { ++outcomes; }}));
  }
  // The outcome of the only run of a task that somebody asked for.
  RunRow outcome_of(int id) { return ledger.runs({.task = TaskId{id}}).at(0); }

  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::promise<void> all_ended;
  std::promise<void> neighbour_goes_on;
  std::atomic<int> ended = 0;
  std::atomic<int> outcomes = 0;
  std::atomic<int> after = 0;
  SystemClock clock;
  MemoryLedger ledger;
  Registry registry;
  LaneSet lanes{{{1, {.threads = kLaneThreads}}}};
  Engine engine{{clock, ledger, ledger, lanes, registry, [](TimePoint) { return 20260522; }}};
};

TEST_F(MisbehavingTest, EachIsReportedAndNoneDelaysAnother) {
  std::vector<TaskSpec> specs{task(kNeighbour, "near", "neighbour", "50ms"),
                              task(51, "throws", "throws"), task(52, "fails", "fails")};
  specs.front().overlap = Overlap::kQueueOne;
  for (int id = 1; id <= kDeaf; ++id) {
    specs.push_back(task(id, "deaf-" + std::to_string(id), "deaf"));
    specs.back().timeout = 50ms;
    specs.back().timeout_grace = 50ms;
  }
  ASSERT_TRUE(engine.start(std::move(specs)));
  Ticker ticker{clock, engine};
  ticker.start();
  ask("throws");
  ask("fails");
  for (int id = 1; id <= kDeaf; ++id)
    ask("deaf-" + std::to_string(id));
  neighbour_goes_on.get_future().wait();
  EXPECT_EQ(ended, 0);  // they still hang
  for (int id = 1; id <= kDeaf; ++id) {
    EXPECT_EQ(outcome_of(id).state, RunState::kAbandoned);
    EXPECT_NE(outcome_of(id).detail.find("did not stop"), std::string::npos);
  }
  EXPECT_EQ(outcome_of(51).state, RunState::kFailed);
  EXPECT_NE(outcome_of(51).detail.find("no std::exception"), std::string::npos);
  EXPECT_EQ(outcome_of(52).state, RunState::kFailed);
  EXPECT_EQ(lanes.depths().at(0).threads, kLaneThreads);
  ticker.stop();
  engine.stop();  // does not wait for them
  release.set_value();
  all_ended.get_future().wait();
  for (int id = 1; id <= kDeaf; ++id)
    EXPECT_EQ(outcome_of(id).state, RunState::kAbandoned);  // as it was
  for (const RunRow& row : ledger.runs({.task = TaskId{kNeighbour}, .limit = 10'000}))
    EXPECT_TRUE(row.state == RunState::kSucceeded || row.state == RunState::kCoalesced ||
                is_open(row.state))
        << name_of(row.state) << ": " << row.detail;
}

}  // namespace
}  // namespace systask::scheduler
