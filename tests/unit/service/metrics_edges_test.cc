// Every metric with the value that it is there for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/metrics/metrics.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

scheduler::TaskSpec a_task() { return {.id = scheduler::TaskId{1}, .name = "a"}; }

TEST(MetricsEdges, ARunThatNeverStartedWasNotLate) {
  Metrics metrics;
  metrics.on_run_finished(a_task(), scheduler::RunState::kSkippedLate, 0us, 5s);
  EXPECT_THAT(metrics.text({}), HasSubstr("systask_run_lateness_seconds_count 0\n"));
  metrics.on_run_finished(a_task(), scheduler::RunState::kSucceeded, 1us, 5s);
  EXPECT_THAT(metrics.text({}), AllOf(HasSubstr("systask_run_lateness_seconds_count 1\n"),
                                      HasSubstr("systask_run_lateness_seconds_sum 5\n")));
}

TEST(MetricsEdges, TroublesAreCounted) {
  Metrics metrics;
  metrics.on_tick_failed("gone");
  metrics.on_tick_failed("gone");
  metrics.on_run_overdue(a_task(), scheduler::RunId{7}, 5s, 1s);
  metrics.on_clock_jump(-90s);
  metrics.on_clock_jump(2s);
  metrics.on_alarm("a", "must_start_by", true);
  metrics.on_alarm("b", "not_run_for", true);
  metrics.on_alarm("b", "not_run_for", false);
  EXPECT_THAT(metrics.text({}),
              AllOf(HasSubstr("systask_ticks_failed_total 2\n"),
                    HasSubstr("systask_runs_overdue_total{task=\"a\"} 1\n"),
                    HasSubstr("systask_clock_jumps_total 2\n"),
                    HasSubstr("systask_clock_last_jump_seconds 2\n"),
                    HasSubstr("systask_alarm{alarm=\"must_start_by\",task=\"a\"} 1\n"),
                    HasSubstr("systask_alarm{alarm=\"not_run_for\",task=\"b\"} 0\n")));
}

TEST(MetricsEdges, ADepthOfExactlySoManyIsAtLeastSoMany) {
  Metrics metrics;
  Overview view;
  view.stored.cached = {1, 9, 10, 100};
  EXPECT_THAT(metrics.text(view),
              AllOf(HasSubstr("systask_plans_with_cache{at_least=\"1\"} 4\n"),
                    HasSubstr("systask_plans_with_cache{at_least=\"10\"} 2\n"),
                    HasSubstr("systask_plans_with_cache{at_least=\"100\"} 1\n"),
                    HasSubstr("systask_plans_with_cache{at_least=\"1000\"} 0\n"),
                    HasSubstr("systask_cached_messages 120\n")));
}

TEST(MetricsEdges, GaugesAreOfThisMoment) {
  Metrics metrics;
  Overview view;
  view.lanes = {{.priority = 1, .queued = 2, .running = 8, .threads = 8}};
  view.takeovers_held = true;
  view.disputed_names = {{"A", "10.0.0.1:5", "10.0.0.2:6", 7}};
  view.replaced_logins = 3;
  view.orders_out = {4, std::chrono::milliseconds{2'500}, "flow", {"flow", "spare"}};
  view.times_held = 3;
  view.database_bytes = 4096;
  view.business_date = 20'260'522;
  view.uptime = 90s;
  view.stored.outbox = 6;
  view.replayed = 5;
  EXPECT_THAT(
      metrics.text(view),
      AllOf(
          HasSubstr("systask_lane_queued{priority=\"1\"} 2\n"),
          HasSubstr("systask_disputed_sites 1\n"), HasSubstr("systask_site_replacements_total 3\n"),
          HasSubstr("systask_orders_waiting 4\n"),
          HasSubstr("systask_orders_waiting_seconds 2.5\n"), HasSubstr("systask_order_systems 2\n"),
          HasSubstr("systask_takeovers_held 1\n"), HasSubstr("systask_takeovers_held_times 3\n"),
          HasSubstr("systask_database_bytes 4096\n"), HasSubstr("systask_business_date 20260522\n"),
          HasSubstr("systask_uptime_seconds 90\n"), HasSubstr("systask_outbox 6\n"),
          HasSubstr("systask_messages_replayed_total 5\n")));
  view.takeovers_held = false;
  view.lanes.front().queued = 0;
  view.replayed = 7;
  view.ids_reused = 2;
  EXPECT_THAT(metrics.text(view), AllOf(HasSubstr("systask_takeovers_held 0\n"),
                                        HasSubstr("systask_lane_queued{priority=\"1\"} 0\n"),
                                        HasSubstr("systask_message_ids_reused_total 2\n"),
                                        HasSubstr("systask_messages_replayed_total 7\n")));
  metrics.on_lane_depth(1, 5);
  view.lanes.clear();
  EXPECT_THAT(metrics.text(view), HasSubstr("systask_lane_queued{priority=\"1\"} 5\n"));
}

}  // namespace
}  // namespace systask::service
