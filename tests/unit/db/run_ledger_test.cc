// What is particular to the run ledger on SQL: databases of before its present layout, and
// the index of runs by task that is written behind.
#include "db/run_ledger.h"

#include <gmock/gmock.h>

#include <random>

#include "db/schema.h"
#include "db/statement.h"
#include "db/task_store.h"
#include "tests/support/memory_ledger.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using scheduler::RunId;
using scheduler::RunQuery;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskId;
using scheduler::Trigger;

TimePoint at(int second) {
  return from_rfc3339("2026-05-22T08:30:00Z").value() + std::chrono::seconds{second};
}

RunRow claimed(int task, int second, int id) {
  return {.key = {at(second), TaskId{task}},
          .id = RunId{id},
          .business_date = 20260522,
          .last_nominal = at(second),
          .claimed_at = at(second)};
}

RunRow ended(RunRow row, RunState state = RunState::kSucceeded) {
  row.state = state;
  row.started_at = row.claimed_at;
  row.finished_at = row.claimed_at + Micros{700};
  row.detail = "done";
  return row;
}

constexpr const char* kRowsOfOld = R"sql(
  insert into tstp_systemtask values
    (1, 'recover', 'recover-plans', 1, 'every 1s', '', 'enabled', 77, 78, null, null, null),
    (2, 'report', 'night-report', 2, 'at 09:25', 'a=1', 'disabled', 60, null, 'why', 'bob', 5);
  insert into tstp_systemtask_run values
    (10, 1, 0, 1, 'schedule', 'succeeded', 20260522, 1, 10, 1, 10, 11, 12, 'done', ''),
    (20, 1, 0, 2, 'schedule', 'skipped_paused', 20260522, 1, 40, 3, 20, null, 41, 'paused', ''),
    (30, 2, 3, 3, 'manual', 'failed', 20260522, 1, 30, 1, 30, 31, 32, 'no disk', 'ann'),
    (50, 1, 0, 4, 'schedule', 'claimed', 20260522, 1, 50, 1, 50, null, null, '', ''),
    (50, 2, 0, 5, 'schedule', 'waiting', 20260522, 1, 50, 1, 50, null, null, '', ''))sql";

TEST(RunLedgerSql, ADatabaseOfBeforeKeepsItsTasksAndRuns) {
  const ScratchFolder folder;
  {
    Writer writer{folder.file("test.db")};
    ASSERT_TRUE(migrate(writer, scripts().first(3)));
    writer.lease(Urgency::kNormal).connection().run_script(kRowsOfOld);
  }
  const auto database = Database::open(folder.url()).value();
  TaskStore store{*database};
  const auto tasks = store.load();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].watermark, from_micros(77));
  EXPECT_EQ(tasks[0].next_due, from_micros(78));
  EXPECT_EQ(tasks[1].definition.name, "report");
  EXPECT_FALSE(tasks[1].definition.enabled);
  EXPECT_EQ(tasks[1].next_due, scheduler::kNever);
  EXPECT_EQ(tasks[1].pause, (scheduler::Pause{"why", "bob", from_micros(5)}));

  RunLedger ledger{*database};
  const auto ids = [](const std::vector<RunRow>& rows) {
    std::vector<std::int64_t> found;
    found.reserve(rows.size());
    for (const RunRow& row : rows)
      found.push_back(row.id.value());
    return found;
  };
  EXPECT_THAT(ids(ledger.runs({})), testing::ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(ids(ledger.runs({.task = TaskId{1}})), testing::ElementsAre(4, 2, 1));
  EXPECT_THAT(ids(ledger.unfinished()), testing::ElementsAre(4, 5));
  EXPECT_EQ(ledger.outcome_of(TaskId{1}, from_micros(35))->id, RunId{2});
  EXPECT_EQ(ledger.outcome_of(TaskId{1}, from_micros(41)), std::nullopt);
  EXPECT_EQ(ledger.find(RunId{3})->actor, "ann");
  EXPECT_EQ(ledger.highest_id(), RunId{5});
  const auto pasts = ledger.pasts();
  ASSERT_EQ(pasts.size(), 2U);
  EXPECT_EQ(pasts[0].last.id, RunId{1});
  EXPECT_EQ(pasts[0].last_succeeded_date, 20260522);
  EXPECT_EQ(pasts[1].last.id, RunId{3});
  EXPECT_EQ(pasts[1].last_succeeded_date, 0);
}

TEST(RunLedgerSql, WhatTheSchedulerAddedIsAllowedAndNothingElse) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  const auto run = [&](const char* trigger, const char* state, int key) {
    const auto lease = database->writer().lease(Urgency::kNormal);
    lease.connection().run_script(std::string{"insert into tstp_systemtask_run values (1, 1, "} +
                                  std::to_string(key) + ", 1, '" + trigger + "', '" + state +
                                  "', 0, 1, 1, 1, 1, null, 2, '', '')");
  };
  EXPECT_NO_THROW(run("backfill", "skipped_step", 7));
  EXPECT_NO_THROW(run("schedule", "skipped_step", 0));
  EXPECT_ANY_THROW(run("backfill", "succeeded", 0)) << "only the schedule's rows have key 0";
  EXPECT_ANY_THROW(run("schedule", "forgotten", 0));
  EXPECT_ANY_THROW(run("rumour", "succeeded", 8));
}

// Claims, outcomes, events that are late for their time, occurrences missed and old rows
// deleted, in an order that a seed decides; the service is started anew in between.
class IndexWalk {
 public:
  // Ticks of so many runs keep their claims together.
  IndexWalk(unsigned seed, std::size_t together) : together_(together), random_(seed) { open(); }

  void run() {
    for (int step = 0; step < 120; ++step) {
      switch (pick(0, 9)) {
        case 0: missed(); break;
        case 1: events(); break;
        case 2: prune(); break;
        case 3: fail(); break;
        case 4: open(); break;
        default: tick(); break;
      }
      now_ += pick(1, 3);
    }
  }

  void compare() {
    for (int task = 1; task <= kTasks; ++task)
      for (const int before : {now_ + 1, now_ / 2}) {
        const RunQuery query{.task = TaskId{task}, .before = at(before), .limit = 400};
        const auto rows = ledger_->runs(query);
        ASSERT_EQ(rows, twin_.runs(query)) << "task " << task << " before " << before;
        most_ = std::max(most_, rows.size());
      }
    ASSERT_EQ(ledger_->unfinished(), twin_.unfinished());
    const auto pasts = ledger_->pasts();
    const auto expected = twin_.pasts();
    ASSERT_EQ(pasts.size(), expected.size());
    for (std::size_t i = 0; i < pasts.size(); ++i) {
      EXPECT_EQ(pasts[i].last, expected[i].last);
      EXPECT_EQ(pasts[i].last_succeeded_date, expected[i].last_succeeded_date);
      EXPECT_EQ(pasts[i].last_success, expected[i].last_success);
    }
  }
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  static constexpr int kTasks = 40;

  int pick(int low, int high) { return std::uniform_int_distribution{low, high}(random_); }

  void open() {
    ledger_.reset();
    database_.reset();
    database_ = Database::open(folder_.url()).value();
    ledger_.emplace(*database_, together_);
  }
  void tick() {
    std::vector<RunRow> rows;
    for (int task = 1; task <= kTasks; ++task)
      if (pick(0, 4) > 0) rows.push_back(claimed(task, now_, ++id_));
    const std::vector moves{scheduler::WatermarkMove{TaskId{1}, at(now_), at(now_ + 1)}};
    EXPECT_EQ(ledger_->claim({rows, {}, moves}), twin_.claim({rows, {}, moves}));
    if (pick(0, 9) == 0) return;  // none has ended when the next tick claims, or it starts anew
    for (RunRow& row : rows)
      if (pick(0, 30) > 0)
        row = ended(row, pick(0, 3) > 0 ? RunState::kSucceeded : RunState::kFailed);
    const auto part = rows.begin() + pick(0, static_cast<int>(rows.size()));
    record({rows.begin(), part});
    if (pick(0, 9) == 0) compare();
    record({part, rows.end()});
  }
  void record(const std::vector<RunRow>& rows) {
    ledger_->record(rows);
    twin_.record(rows);
  }
  // Their rows come with their outcome, long after the time that they are of.
  void events() {
    std::vector<RunRow> rows;
    for (int i = 0; i < 20; ++i) {
      RunRow row = ended(claimed(pick(1, kTasks), pick(0, now_), ++id_));
      row.trigger = Trigger::kEvent;
      row.key.key = row.id.value();
      rows.push_back(row);
    }
    record(rows);
  }
  void missed() {
    RunRow row = claimed(kTasks, now_, ++id_);
    row.state = RunState::kSkippedPaused;
    row.finished_at = at(now_);
    for (row.count = 1; row.count < 4; ++row.count, row.last_nominal += Micros{100}) {
      ledger_->claim({{}, {row}, {}});
      twin_.claim({{}, {row}, {}});
    }
  }
  void prune() {
    const TimePoint before = at(pick(0, now_ / 4));
    const auto limit = static_cast<std::size_t>(pick(1, 200));
    ASSERT_EQ(ledger_->prune(before, limit), twin_.prune(before, limit));
  }
  // A transaction that is refused leaves nothing behind.
  void fail() {
    std::vector<RunRow> rows{ended(claimed(1, now_, ++id_)), ended(claimed(2, now_, ++id_))};
    rows[1].attempt = 0;
    ASSERT_ANY_THROW(ledger_->record(rows));
  }

  std::size_t together_;
  std::mt19937 random_;
  ScratchFolder folder_;
  std::unique_ptr<Database> database_;
  std::optional<RunLedger> ledger_;
  scheduler::MemoryLedger twin_;
  int now_ = 100;
  int id_ = 0;
  std::size_t most_ = 0;
};

TEST(RunLedgerSql, TheRunsOfATaskAreFoundHoweverTheyCame) {
  for (const std::size_t together : {std::size_t{1}, std::size_t{30}, RunLedger::kTogether})
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", together from " << together);
      IndexWalk walk{seed, together};
      walk.run();
      walk.compare();
      EXPECT_GT(walk.most(), 30U);
      if (HasFatalFailure()) return;
    }
}

std::int64_t count(Database& database, const std::string& what) {
  const auto lease = database.readers().lease();
  Query<Params<>, std::int64_t> query{lease.sql(), "select count(*) from " + what};
  return query.first().value();
}

scheduler::TickClaims tick_of(int tasks, int second) {
  scheduler::TickClaims claims;
  for (int task = 1; task <= tasks; ++task) {
    claims.runs.push_back(claimed(task, second, second * 1000 + task));
    claims.moves.push_back({TaskId{task}, at(second), at(second + 1)});
  }
  return claims;
}

TEST(RunLedgerSql, ALargeTickIsOneRowUntilItsRunsHaveEnded) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  RunLedger ledger{*database, 3};
  const auto claims = tick_of(3, 1);
  EXPECT_TRUE(ledger.claim(claims).empty());
  EXPECT_EQ(count(*database, "tstp_systemtask_run"), 0);
  EXPECT_EQ(count(*database, "tstp_systemtask_claim"), 1);
  EXPECT_EQ(ledger.unfinished(), claims.runs);
  EXPECT_EQ(ledger.outcome_of(TaskId{2}, at(1)), claims.runs[1]);
  EXPECT_EQ(ledger.find(RunId{1003}), claims.runs[2]);
  EXPECT_EQ(ledger.highest_id(), RunId{1003});
  EXPECT_EQ(ledger.runs({.task = TaskId{1}}), std::vector{claims.runs[0]});

  const RunRow first = ended(claims.runs[0]);
  ledger.record(std::span{&first, 1});
  EXPECT_EQ(count(*database, "tstp_systemtask_run"), 1);
  EXPECT_EQ(ledger.unfinished(), (std::vector{claims.runs[1], claims.runs[2]}));
  const std::vector others{ended(claims.runs[1]), ended(claims.runs[2], RunState::kFailed)};
  ledger.record(others);
  EXPECT_EQ(count(*database, "tstp_systemtask_claim"), 0);
  EXPECT_EQ(ledger.outcome_of(TaskId{3}, at(1)), others[1]);
  EXPECT_TRUE(ledger.unfinished().empty());
  // An occurrence that has its outcome is nobody's to claim again.
  EXPECT_EQ(ledger.claim(claims).size(), 3U);
}

TEST(RunLedgerSql, WhatOutlastsItsTickGetsARowOfItsOwn) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  RunLedger ledger{*database, 3};
  const auto claims = tick_of(3, 1);
  ledger.claim(claims);
  const RunRow first = ended(claims.runs[0]);
  ledger.record(std::span{&first, 1});
  ledger.claim(tick_of(1, 2));
  EXPECT_EQ(count(*database, "tstp_systemtask_claim"), 0);
  EXPECT_EQ(count(*database, "tstp_systemtask_run where run_state = 'claimed'"), 3);
  const RunRow second = ended(claims.runs[1]);
  ledger.record(std::span{&second, 1});
  EXPECT_EQ(ledger.outcome_of(TaskId{2}, at(1)), second);
}

TEST(RunLedgerSql, WhatACrashLeftInOneRowIsSettledRunByRun) {
  const ScratchFolder folder;
  const auto claims = tick_of(3, 1);
  {
    const auto database = Database::open(folder.url()).value();
    RunLedger ledger{*database, 3};
    ledger.claim(claims);
    const RunRow first = ended(claims.runs[0]);
    ledger.record(std::span{&first, 1});
  }
  const auto database = Database::open(folder.url()).value();
  RunLedger ledger{*database, 3};
  EXPECT_EQ(ledger.unfinished(), (std::vector{claims.runs[1], claims.runs[2]}));
  const RunRow lost = ended(claims.runs[1], RunState::kLost);
  ledger.record(std::span{&lost, 1});
  EXPECT_EQ(count(*database, "tstp_systemtask_claim"), 0);
  EXPECT_EQ(ledger.outcome_of(TaskId{1}, at(1))->state, RunState::kSucceeded);
  EXPECT_EQ(ledger.outcome_of(TaskId{2}, at(1)), lost);
  EXPECT_EQ(ledger.unfinished(), std::vector{claims.runs[2]});
}

TEST(RunLedgerSql, AnOutcomeOfATickIsFinalToo) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  RunLedger ledger{*database, 3};
  const auto claims = tick_of(3, 1);
  ledger.claim(claims);
  const RunRow first = ended(claims.runs[0]);
  const RunRow again = ended(claims.runs[0], RunState::kFailed);
  ledger.record(std::span{&first, 1});
  for (int i = 0; i < 2; ++i)
    ledger.record(std::span{&again, 1});
  EXPECT_EQ(ledger.outcome_of(TaskId{1}, at(1)), first);
  EXPECT_EQ(ledger.unfinished(), (std::vector{claims.runs[1], claims.runs[2]}));
}

TEST(RunLedgerSql, RunsOfATaskAreNoMoreThanAsked) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  RunLedger ledger{*database, 3};
  for (const int second : {1, 2}) {
    const RunRow row = ended(claimed(1, second, second));
    ledger.record(std::span{&row, 1});
  }
  const auto claims = tick_of(3, 3);
  ledger.claim(claims);
  const auto found = ledger.runs({.task = TaskId{1}, .limit = 2});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], claims.runs[0]) << "the one that runs is among them";
  EXPECT_EQ(found[1].id, RunId{2});
  EXPECT_EQ(ledger.runs({.task = TaskId{1}, .before = at(2), .limit = 2}).size(), 1U);
}

std::vector<scheduler::StoredTask> many_tasks(int count) {
  std::vector<scheduler::StoredTask> tasks;
  for (int i = 1; i <= count; ++i) {
    const std::string name = "task-" + std::to_string(i);
    tasks.push_back({.definition = {TaskId{i}, name, "work", 1, "every 1s", "", true},
                     .watermark = at(0),
                     .next_due = at(1)});
  }
  return tasks;
}

TEST(TaskStoreSql, OnlyWhatDiffersIsWritten) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  TaskStore store{*database};
  auto tasks = many_tasks(500);
  store.replace_all(tasks, at(0));
  database->writer()
      .lease(Urgency::kNormal)
      .connection()
      .run_script(
          "create table written (task bigint);"
          "create trigger gone after delete on tstp_systemtask"
          " begin insert into written values (old.task_id); end;"
          "create trigger came after insert on tstp_systemtask"
          " begin insert into written values (new.task_id); end");
  tasks[41].definition.parameters = "keep=1\n";
  std::swap(tasks[7].definition.name, tasks[8].definition.name);
  tasks.pop_back();
  store.replace_all(tasks, at(0));
  EXPECT_EQ(store.load(), tasks);
  const auto lease = database->readers().lease();
  Query<Params<>, std::int64_t> written{lease.sql(), "select count(*) from written"};
  EXPECT_EQ(written.first(), 7) << "three tasks go and come back, one goes";
}

}  // namespace
}  // namespace systask::db
