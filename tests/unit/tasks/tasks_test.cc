#include "tasks/tasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/scratch_folder.h"
#include "tests/unit/tasks/world.h"

namespace systask::tasks {
namespace {

using namespace std::chrono_literals;

void add_runs(scheduler::MemoryLedger& ledger, TimePoint first, int count) {
  std::vector<scheduler::RunRow> rows;
  const std::int64_t last_id = ledger.highest_id().value();
  for (int i = 0; i < count; ++i) {
    scheduler::RunRow row;
    row.key = {first + i * 1s, scheduler::TaskId{1}, 0};
    row.id = scheduler::RunId{last_id + i + 1};
    row.state = scheduler::RunState::kSucceeded;
    row.last_nominal = row.key.nominal;
    rows.push_back(row);
  }
  ledger.record(rows);
}

TEST(Tasks, AreAllRegisteredUnderTheirNames) {
  World world;
  auto names = task_names();
  std::ranges::sort(names);
  EXPECT_EQ(names, world.registry.names());
  EXPECT_EQ(names.size(), 24U);
}

TEST(Tasks, SayWhatThePlatformDid) {
  World world;
  const std::vector<std::pair<std::string, std::string>> sentences{
      {"expire-sites", "1 site expired"},
      {"retry-outbox", "2 publications"},
      {"apply-parked", "3 parked"},
      {"archive-day", "4 archived"},
      {"clear-message-cache", "5 cleared"},
      {"roll-business-date", "date rolled"},
      {"reopen-day-expired-plans", "6 reopened"},
      {"expire-plans", "7 expired"},
      {"reconcile-totals", "compared"}};
  for (const auto& [name, sentence] : sentences)
    EXPECT_EQ(world.run(name), sentence) << name;
}

TEST(Tasks, RefuseParametersTheyDoNotKnow) {
  World world;
  for (const std::string& name : task_names()) {
    const auto failure = world.failure(name, {{"misspelt", "1"}});
    ASSERT_TRUE(failure) << name;
    EXPECT_NE(failure->find("parameter misspelt of " + name), std::string::npos) << *failure;
  }
}

TEST(Tasks, RefuseWrongValuesAndNameTheParameter) {
  World world;
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
      {"clear-message-cache", "keep_days", "0"},
      {"clear-message-cache", "keep_days", "thirty"},
      {"drop-silent-sessions", "silent", "120"},
      {"watch-cache-depth", "most_per_plan", "-1"},
      {"watch-cache-depth", "most_in_all", "1.5"},
      {"watch-quarantine", "most", ""},
      {"watch-clock", "tolerance", "0s"},
      {"watch-order-system", "longest", "0s"},
      {"watch-disk", "least_free_percent", "101"},
      {"watch-disk", "least_free_mib", "1g"},
      {"watch-disk", "most_log_mib", "0"},
      {"prune-runs", "keep", "1m"},
      {"prune-audit", "keep_days", "0"},
      {"verify-database", "check", "deep"},
      {"watch-lanes", "factor", "1"},
      {"watch-lanes", "least", "0s"},
      {"backup-database", "keep", "0"}};
  for (const auto& [task, parameter, value] : wrong) {
    const auto failure = world.failure(task, {{parameter, value}});
    ASSERT_TRUE(failure) << task << " " << parameter;
    EXPECT_NE(failure->find("parameter " + parameter + " of " + task + ": found '" + value +
                            "', expected "),
              std::string::npos)
        << *failure;
  }
}

TEST(Given, NumbersAndDurationsUpToTheLast) {
  World world;
  const std::vector<std::tuple<std::string, std::string, std::string, bool>> cases{
      {"watch-disk", "least_free_percent", "0", true},
      {"watch-disk", "least_free_percent", "100", true},
      {"watch-disk", "least_free_percent", "101", false},
      {"watch-disk", "least_free_percent", "-1", false},
      {"watch-disk", "least_free_percent", "5 ", false},
      {"watch-disk", "least_free_percent", "+5", false},
      {"watch-disk", "least_free_mib", "99999999999999999999", false},
      {"watch-lanes", "factor", "2", true},
      {"watch-lanes", "factor", "1000", true},
      {"watch-lanes", "factor", "1001", false},
      {"prune-runs", "keep", "1h", true},
      {"prune-runs", "keep", "59m", false},
      {"watch-clock", "tolerance", "1ms", true},
      {"verify-database", "check", "quick", true},
      {"verify-database", "check", "", false}};
  for (const auto& [task, parameter, value, taken] : cases)
    EXPECT_EQ(!world.failure(task, {{parameter, value}}), taken) << task << " " << value;
}

TEST(RecoverPlans, CountsWhatItDid) {
  World world;
  EXPECT_EQ(world.run("recover-plans"), "nothing to recover");
  world.recovery = {.waiting = 1, .offered = 2, .timed_out = 3, .submitted = 4, .under_way = 5};
  EXPECT_EQ(world.run("recover-plans"),
            "2 rebuilds asked for, 5 under way, 3 taken back after their timeout, 4 plans given to "
            "their first site, 1 waiting for a site");
}

TEST(ExpirePlans, OnlyARunByHandTakesTheWallClockAsItIs) {
  World world;
  world.trigger = scheduler::Trigger::kSchedule;
  world.run("expire-plans");
  EXPECT_FALSE(world.expired_by_hand);
  world.trigger = scheduler::Trigger::kManual;
  world.run("expire-plans");
  EXPECT_TRUE(world.expired_by_hand);
}

TEST(ClearMessageCache, KeepsThirtyDaysUnlessTold) {
  World world;
  world.run("clear-message-cache");
  EXPECT_EQ(world.keep_days, 30);
  world.run("clear-message-cache", {{"keep_days", "5"}});
  EXPECT_EQ(world.keep_days, 5);
}

TEST(DropSilentSessions, Asks120SecondsOfSilenceUnlessTold) {
  World world;
  EXPECT_EQ(world.run("drop-silent-sessions"), "2 client sessions dropped that were silent for 2m");
  EXPECT_EQ(world.silent, 120s);
  world.run("drop-silent-sessions", {{"silent", "3s"}});
  EXPECT_EQ(world.silent, 3s);
}

TEST(PruneRuns, DropsWhatIsOlderThanItsKeepAndNothingElse) {
  World world;
  add_runs(world.ledger, world.clock.now() - 48h, 5'000);
  add_runs(world.ledger, world.clock.now() - 1h, 10);
  const std::string said = world.run("prune-runs", {{"keep", "1d"}});
  EXPECT_TRUE(said.starts_with("5000 rows of runs before 2026-05-21T00:00:00Z dropped")) << said;
  EXPECT_EQ(world.ledger.runs({.limit = 10'000}).size(), 10U);
}

TEST(PruneRuns, DropsTheAttemptsOfRunsThatAreGone) {
  World world;
  add_runs(world.ledger, world.clock.now() - 48h, 3);
  add_runs(world.ledger, world.clock.now() - 1h, 3);
  const auto ids = world.ledger.runs({.limit = 10});
  ASSERT_EQ(ids.size(), 6U);
  for (const scheduler::RunRow& run : ids)
    world.attempts.add(std::vector{scheduler::RunAttempt{.run = run.id, .attempt = 1}});
  const std::string said = world.run("prune-runs", {{"keep", "1d"}});
  EXPECT_TRUE(said.starts_with("3 rows of runs")) << said;
  EXPECT_NE(said.find(", 3 attempts of runs that are gone, "), std::string::npos) << said;
  EXPECT_EQ(world.attempts.of(ids.front().id).size(), 1U);
  EXPECT_TRUE(world.attempts.of(ids.back().id).empty());
}

TEST(PruneRuns, DropsOutputsWithTheirRunsAndTheOldestBeyondTheirSize) {
  World world;
  add_runs(world.ledger, world.clock.now() - 48h, 3);
  add_runs(world.ledger, world.clock.now() - 1h, 3);
  const auto ids = world.ledger.runs({.limit = 10});  // latest first
  for (const scheduler::RunRow& run : ids)
    world.outputs.add(
        std::vector{scheduler::RunOutput{run.id, 1, {std::string(400'000, 'x'), 400'000, 0}}});
  std::string said = world.run("prune-runs", {{"keep", "1d"}});
  EXPECT_TRUE(said.ends_with(", 3 outputs of such runs or beyond 512 MiB")) << said;
  EXPECT_EQ(world.outputs.of(ids[2].id).size(), 1U);
  EXPECT_TRUE(world.outputs.of(ids[3].id).empty());
  said = world.run("prune-runs", {{"keep", "1d"}, {"output_mib", "1"}});
  EXPECT_TRUE(said.ends_with(", 1 outputs of such runs or beyond 1 MiB")) << said;
  EXPECT_TRUE(world.outputs.of(ids[2].id).empty());
  EXPECT_EQ(world.outputs.of(ids[0].id).size(), 1U);
}

TEST(PruneRuns, StopsWhenAsked) {
  World world;
  world.stop.request_stop();
  EXPECT_THROW(world.run("prune-runs"), scheduler::RunStopped);
}

TEST(PruneAudit, DropsADayAfterAnotherInSmallBatches) {
  World world;
  world.upkeep.audit_entries = 2'500;
  world.upkeep.recoveries = 1'200;
  EXPECT_EQ(
      world.run("prune-audit", {{"keep_days", "10"}}),
      "2500 entries of the audit log and 1200 recoveries before 2026-05-12T00:00:00Z dropped");
  EXPECT_EQ(world.upkeep.pruned_before, world.clock.now() - 240h);
  world.stop.request_stop();
  EXPECT_THROW(world.run("prune-audit"), scheduler::RunStopped);
}

TEST(VerifyDatabase, FailsAndNamesTheProblems) {
  World world;
  EXPECT_EQ(world.run("verify-database"), "the quick check found no problem");
  const auto failure = [&](const scheduler::Parameters& given) -> std::string {
    try {
      return world.run("verify-database", given);
    } catch (const scheduler::RunStopped& stopped) {
      return std::string{"stopped: "} + stopped.what();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  EXPECT_NE(failure({{"check", "full"}}).find("restore a backup. The first problems: row 1"),
            std::string::npos);
  world.stop.request_stop();
  EXPECT_EQ(failure({}), "stopped: stopped before all of the database was looked at");
  world.upkeep.problems = {"page 7 is never used"};
  EXPECT_NE(failure({}).find("page 7 is never used"), std::string::npos);
}

TEST(DatabaseTasks, SayWhatWasMovedAndCopied) {
  World world;
  EXPECT_EQ(world.run("checkpoint-database"),
            "118 of 120 pages of the log moved into the database");
  EXPECT_EQ(world.run("backup-database", {{"keep", "3"}}),
            "4096 bytes copied to backup/2026-05-22T00:00:00Z, 7 older copies removed");
}

TEST(MetricsSnapshot, ReplacesTheFileAsAWhole) {
  World world;
  const ScratchFolder folder;
  const std::string file = folder.file("tasks.prom");
  world.parts.metrics_file = file;
  EXPECT_EQ(world.run("metrics-snapshot"), "2 lines of metrics written to " + file);
  world.metrics = "systask_up 1\n";
  world.run("metrics-snapshot");
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  EXPECT_EQ(text.str(), "systask_up 1\n");
  EXPECT_FALSE(std::filesystem::exists(file + ".new"));
}

TEST(MetricsSnapshot, FailsWhereTheFileCannotBeWritten) {
  World world;
  world.parts.metrics_file = "/nonexistent/metrics.prom";
  EXPECT_THROW(world.run("metrics-snapshot"), std::runtime_error);
}

}  // namespace
}  // namespace systask::tasks
