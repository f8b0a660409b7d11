#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "scheduler/task.h"
#include "service/metrics/measured_records.h"
#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

trading::RecoveryAttempt attempt(const std::string& outcome) {
  const auto lost = from_rfc3339("2026-05-22T01:30:00Z").value();
  return {.lost_at = lost,
          .noticed_at = lost + milliseconds{204},
          .offered_at = lost + milliseconds{207},
          .rebuilt_at = lost + milliseconds{246},
          .claimed_at = lost + milliseconds{247},
          .replayed_at = lost + milliseconds{347},
          .finished_at = lost + milliseconds{348},
          .outcome = outcome};
}

TEST(MetricsTest, RunsAndTicksAreObserved) {
  Metrics metrics;
  metrics.on_tick(Micros{300}, 26);
  const scheduler::TaskSpec task{.id = scheduler::TaskId{1}, .name = "recover-plans"};
  metrics.on_run_finished(task, scheduler::RunState::kSucceeded, milliseconds{40}, Micros{700});
  metrics.on_run_finished(task, scheduler::RunState::kSkippedOverlap, Micros{0}, Micros{0});
  metrics.on_clock_jump(std::chrono::seconds{-90});
  const auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("systask_tick_lateness_seconds_bucket{le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_tick_lateness_seconds_bucket{le=\"0.0002\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("systask_runs_claimed_total 26\n"));
  EXPECT_THAT(text, HasSubstr("systask_run_duration_seconds_count{task=\"recover-plans\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("outcome=\"skipped_overlap\""));
  EXPECT_THAT(text, HasSubstr("systask_clock_last_jump_seconds -90\n"));
}

// The names in a text: of the table of the page, or of /metrics.
std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> names;
  for (std::sregex_iterator at{text.begin(), text.end(), pattern}; at != std::sregex_iterator{};
       ++at)
    names.insert((*at)[1]);
  return names;
}

TEST(MetricsTest, ThePageDescribesEveryMetricAndNoOther) {
  Metrics metrics;
  const scheduler::TaskSpec task{.id = scheduler::TaskId{1}, .name = "recover-plans"};
  metrics.on_run_finished(task, scheduler::RunState::kSucceeded, milliseconds{40}, Micros{700});
  metrics.on_alarm("a", "on_failure", true);
  metrics.on_alarm_delivery("mail", "delivered");
  const auto listed = metrics.names();
  std::set<std::string> all;
  for (const std::string& name : listed)
    EXPECT_TRUE(all.insert(name).second) << name << " is there twice";
  const auto shown = names_in(metrics.text({}), std::regex{"# HELP (\\S+) "});
  for (const std::string& name : shown)
    EXPECT_TRUE(all.contains(name)) << name << " is shown, and names() does not know it";
  EXPECT_GT(shown.size(), 20U);

  std::ostringstream page;
  page << std::ifstream{"docs/operations.md"}.rdbuf();
  const std::string text = page.str();
  const auto begin = text.find("| metric (`systask_");
  ASSERT_NE(begin, std::string::npos);
  std::set<std::string> described;
  std::istringstream rows{text.substr(begin, text.find("\n\n", begin) - begin)};
  std::string row;
  std::getline(rows, row);
  while (std::getline(rows, row))
    for (const std::string& name :
         names_in(row.substr(0, row.find('|', 1)), std::regex{"`([a-z_]+)(?:\\{[a-z_,]+\\})?`"}))
      described.insert("systask_" + name);
  EXPECT_EQ(described, all);
}

TEST(MetricsTest, WhatCannotBeReadIsNotShownAsNothing) {
  Metrics metrics;
  Overview view{.stored = {.outbox = 6}, .queue = 4};
  EXPECT_THAT(metrics.text(view), HasSubstr("systask_outbox 6\n"));
  const auto text = metrics.text({.unread = "disk I/O error", .queue = 5});
  EXPECT_THAT(text, HasSubstr("systask_outbox 6\n"));
  EXPECT_THAT(text, HasSubstr("systask_worker_queue 5\n"));
  EXPECT_THAT(text, HasSubstr("systask_ready 0\n"));
}

TEST(MetricsTest, TasksBeyondTheMostShareOneSeries) {
  Metrics metrics;
  for (int i = 0; i < 1'200; ++i) {
    const scheduler::TaskSpec task{.id = scheduler::TaskId{i + 1},
                                   .name = "task-" + std::to_string(i)};
    for (int run = 0; run < 2; ++run)
      metrics.on_run_finished(task, scheduler::RunState::kSucceeded, milliseconds{1}, Micros{1});
  }
  const auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("systask_run_duration_seconds_count{task=\"task-999\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("systask_run_duration_seconds_count{task=\"(others)\"} 400\n"));
  EXPECT_THAT(text, Not(HasSubstr("task-1000\"")));
  EXPECT_THAT(text, HasSubstr("systask_run_lateness_seconds_count 2400\n"));
}

TEST(MetricsTest, EachPhaseOfARecoveryIsTimed) {
  Metrics metrics;
  metrics.on_recovery(attempt("recovered"));
  auto failed = attempt("rebuild timed out");
  failed.rebuilt_at = failed.claimed_at = failed.replayed_at = failed.finished_at = std::nullopt;
  metrics.on_recovery(failed);
  const auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("systask_recovery_phase_seconds_count{phase=\"notice\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("systask_recovery_phase_seconds_sum{phase=\"replay\"} 0.1\n"));
  EXPECT_THAT(text, HasSubstr("phase_seconds_bucket{phase=\"rebuild\",le=\"0.05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_recoveries_total{outcome=\"recovered\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_recoveries_total{outcome=\"failed\"} 1\n"));
}

TEST(MetricsTest, GaugesShowThisMomentAndForgetTheLast) {
  Metrics metrics;
  Overview view{.stored = FakeTables{}.stored, .duplicate = 3, .replayed = 5, .queue = 4};
  view.lanes = {{.priority = 1, .queued = 2, .running = 8, .threads = 8}};
  auto text = metrics.text(view);
  EXPECT_THAT(text, HasSubstr("systask_messages{disposition=\"applied\"} 100\n"));
  EXPECT_THAT(text, HasSubstr("systask_messages_duplicate_total 3\n"));
  EXPECT_THAT(text, HasSubstr("systask_cached_messages 12\n"));
  EXPECT_THAT(text, HasSubstr("systask_plans_with_cache{at_least=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("systask_plans_with_cache{at_least=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_sites{state=\"lost\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_lane_running{priority=\"1\"} 8\n"));
  EXPECT_THAT(text, HasSubstr("systask_worker_queue 4\n"));

  EXPECT_THAT(text, HasSubstr("systask_http_refused_total{by=\"answers\"} 0\n"));

  view.stored.plans = {{"running", 9}};
  view.duplicate = 4;
  view.dropped_log_lines = 7;
  view.busy = {.bodies = 1, .answers = 2, .connections = 3};
  text = metrics.text(view);
  EXPECT_THAT(text, HasSubstr("systask_plans{status=\"abnormal\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("systask_plans{status=\"running\"} 9\n"));
  EXPECT_THAT(text, HasSubstr("systask_messages_duplicate_total 4\n"));
  EXPECT_THAT(text, HasSubstr("systask_log_lines_dropped_total 7\n"));
  EXPECT_THAT(text, HasSubstr("systask_http_refused_total{by=\"bodies\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("systask_http_refused_total{by=\"answers\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("systask_http_refused_total{by=\"connections\"} 3\n"));
}

struct KeptRecords final : trading::Records {
  void put(trading::UnitOfWork&, const trading::RecoveryAttempt&) override { ++puts; }
  void add(trading::UnitOfWork&, const trading::AuditEntry&) override { ++adds; }
  std::vector<trading::RecoveryAttempt> running() override { return {}; }
  trading::AttemptId last_attempt() override { return trading::AttemptId{7}; }
  int puts = 0;
  int adds = 0;
};
struct NoWork final : trading::UnitOfWork {
  void savepoint() override {}
  void keep() override {}
  void undo() override {}
  void commit() override {}
  [[nodiscard]] bool lost() const override { return false; }
};

TEST(MetricsTest, RecordsPassThroughAndEndedRecoveriesAreCounted) {
  Metrics metrics;
  KeptRecords kept;
  NoWork work;
  MeasuredRecords records{kept, metrics};
  records.put(work, attempt("running"));
  EXPECT_THAT(metrics.text({}), Not(HasSubstr("systask_recoveries_total{")));
  records.put(work, attempt("recovered"));
  records.add(work, {});
  EXPECT_THAT(metrics.text({}), HasSubstr("systask_recoveries_total{outcome=\"recovered\"} 1"));
  EXPECT_EQ(kept.puts, 2);
  EXPECT_EQ(kept.adds, 1);
  EXPECT_EQ(records.last_attempt(), trading::AttemptId{7});
}

TEST_F(ApiTest, MetricsAreServedAsText) {
  const auto response = ask("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(response.body, HasSubstr("systask_business_date 20260522\n"));
  EXPECT_THAT(response.body, HasSubstr("systask_outbox 6\n"));
}

}  // namespace
}  // namespace systask::service
