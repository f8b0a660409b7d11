// The keys of a task that say what becomes of occurrences that cannot simply run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/config.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Coalesce;
using scheduler::Overlap;
using scheduler::Predecessor;
using testing::HasSubstr;

ConfigResult of_task(const std::string& keys) {
  return read_config(
      "tasks:\n  - {id: 1, name: one, every: 1s}\n  - {id: 2, name: two, every: 1s, "
      "time_zone: Asia/Shanghai, " +
          keys + "}\n",
      "t.yaml", {"one", "two"});
}

scheduler::TaskSpec task(const std::string& keys) {
  const ConfigResult config = of_task(keys);
  EXPECT_TRUE(config.has_value()) << keys;
  return config->tasks.at(1);
}

TEST(ConfigPolicies, TakesEveryOverlap) {
  EXPECT_EQ(task("overlap: queue-one").overlap, Overlap::kQueueOne);
  EXPECT_EQ(task("overlap: run-once-more").overlap, Overlap::kQueueOne);
  EXPECT_EQ(task("overlap: queue-all").overlap, Overlap::kQueueAll);
  EXPECT_EQ(task("overlap: cancel-other").overlap, Overlap::kCancelOther);
  const scheduler::TaskSpec allow = task("overlap: {allow: 3}");
  EXPECT_EQ(allow.overlap, Overlap::kAllow);
  EXPECT_EQ(allow.at_once, 3);
}

TEST(ConfigPolicies, TakesWhatIsAboutTimes) {
  EXPECT_EQ(task("coalesce: first").coalesce, Coalesce::kFirst);
  EXPECT_EQ(task("coalesce: none").coalesce, Coalesce::kNone);
  EXPECT_EQ(task("coalesce: all").coalesce_cap, 100);
  EXPECT_EQ(task("coalesce: {all: 7}").coalesce_cap, 7);
  const scheduler::TaskSpec limited = task("not_after: \"09:25\"");
  const TimePoint noon = from_rfc3339("2026-05-22T12:00:00+08:00").value();
  EXPECT_EQ(limited.special().not_after->on_date_of(noon),
            from_rfc3339("2026-05-22T09:25:00+08:00"));
  EXPECT_EQ(task("enabled: true").special_policies, nullptr);
}

TEST(ConfigPolicies, TakesRetriesNamesAndPredecessors) {
  const scheduler::RetryPolicy retry =
      task("retry: {times: 3, backoff: 5s, factor: 1.5, max: 1m, jitter: 0.2}").special().retry;
  EXPECT_EQ(retry, (scheduler::RetryPolicy{3, 5s, 1.5, 1min, 0.2}));
  EXPECT_EQ(task("retry: {times: 1, backoff: 1h}").special().retry.longest, 1h);
  EXPECT_EQ(task("exclusive: [feed, disk]").special().exclusive.size(), 2U);
  EXPECT_EQ(task("after: one").after, std::vector{Predecessor{"one"}});
  EXPECT_EQ(task("after: [{task: one, on: any}]").after,
            (std::vector{Predecessor{"one", Predecessor::On::kAny}}));
}

TEST(ConfigPolicies, TakesAlarms) {
  const scheduler::AlarmPolicy alarms =
      task(
          "alarms: {must_start_by: \"09:00\", must_finish_by: \"09:20:30\", not_run_for: 2h, "
          "notify: [log, metric, {exec: [page, bob]}, {webhook: \"http://pager/x\"}]}")
          .special()
          .alarms;
  EXPECT_EQ(alarms.must_start_by->time, 9h);
  EXPECT_EQ(alarms.must_finish_by->text(), "09:20:30");
  EXPECT_EQ(alarms.not_run_for, 2h);
  ASSERT_EQ(alarms.notify.size(), 4U);
  EXPECT_EQ(std::get<scheduler::NotifyExec>(alarms.notify[2]).arguments,
            (std::vector<std::string>{"page", "bob"}));
  EXPECT_EQ(std::get<scheduler::NotifyWebhook>(alarms.notify[3]).url, "http://pager/x");
  EXPECT_EQ(task("alarms: {not_run_for: 2h}").special().alarms.notify.size(), 2U);
}

TEST(ConfigPolicies, TakesAlarmsAboutFailures) {
  const auto alarms = [](const std::string& keys) {
    return task("alarms: {" + keys + "}").special().alarms;
  };
  EXPECT_TRUE(alarms("on_failure: true").on_failure);
  EXPECT_TRUE(alarms("on_failure: true").on_recovery) << "who is told of the one is of the other";
  EXPECT_FALSE(alarms("on_failure: true, on_recovery: false").on_recovery);
  EXPECT_FALSE(alarms("on_recovery: true").on_failure);
  EXPECT_TRUE(alarms("on_recovery: true").on_recovery);
  const auto mailed =
      alarms("on_failure: true, notify: [log, {mail: {to: [a@b, ops], from: systask@b}}]");
  ASSERT_EQ(mailed.notify.size(), 2U);
  const auto& mail = std::get<scheduler::NotifyMail>(mailed.notify[1]);
  EXPECT_EQ(mail.to, (std::vector<std::string>{"a@b", "ops"}));
  EXPECT_EQ(mail.from, "systask@b");
}

TEST(ConfigPolicies, NamesEachMistake) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"overlap: {allow: 0}", "overlap.allow: found '0', expected a whole number from 1 to 1000"},
      {"overlap: never", "expected skip, queue-one (or run-once-more)"},
      {"coalesce: some", "expected latest, first, none, all or {all: N}"},
      {"not_after: \"9:25\"", "two.not_after: found '9:25', expected a time of day"},
      {"not_after: \"24:00\"", "found '24:00'"},
      {"not_after: \"09-25\"", "found '09-25'"},
      {"retry: {backoff: 1s}", "retry.times: found 'nothing'"},
      {"retry: {times: 1, factor: 0.5}", "retry.factor: found '0.5'"},
      {"retry: {times: 1, jitter: nan}", "retry.jitter: found 'nan'"},
      {"retry: {times: 1, backoff: 1m, max: 1s}", "no less than the backoff"},
      {"after: [{on: any}]", "after.task: found 'nothing'"},
      {"after: [{task: three}]", "found 'three'"},
      {"alarms: {notify: log}", "expected what is to be watched"},
      {"alarms: {not_run_for: 1h, notify: pager}", "found 'pager', expected log, metric"},
      {"alarms: {not_run_for: 1h, notify: [{webhook: pager}]}", "webhook: found 'pager'"},
      {"alarms: {on_failure: often}", "alarms.on_failure: found 'often'"},
      {"alarms: {on_failure: true, notify: {mail: {from: a@b}}}", "mail.to: found 'nothing'"},
      {"alarms: {on_failure: true, notify: {mail: {to: [a@b, -oQ/tmp]}}}", "found '-oQ/tmp'"},
      {"alarms: {on_failure: true, notify: {mail: {to: \"a@b\\nBcc: c@d\"}}}", "a mail address"},
      {"alarms: {on_failure: true, notify: {mail: {to: a@b, from: \"x y\"}}}", "mail.from"},
      {"alarms: {on_failure: true, notify: {mail: {to: a@b, cc: c@d}}}", "cc"}};
  for (const auto& [keys, says] : wrong) {
    const ConfigResult config = of_task(keys);
    ASSERT_TRUE(config.has_error()) << keys;
    EXPECT_THAT(to_text(config.error()), HasSubstr(says)) << keys;
  }
}

TEST(ConfigPolicies, LanesMayReserveThreads) {
  const auto lanes = [](const std::string& lane) {
    return read_config("lanes: {1: " + lane + "}\ntasks: []\n", "t.yaml", {});
  };
  EXPECT_EQ(lanes("{threads: 4, reserved: {one: 1, start-of-day: 2}}")->lanes.at(1).reserved.size(),
            2U);
  for (const auto& [lane, says] : std::vector<std::pair<std::string, std::string>>{
           {"{threads: 2, reserved: {one: 2}}", "one thread at least that all may use"},
           {"{threads: 2, reserved: {one: many}}", "reserved: found 'many'"}}) {
    const ConfigResult config = lanes(lane);
    ASSERT_TRUE(config.has_error()) << lane;
    EXPECT_THAT(to_text(config.error()), HasSubstr(says));
  }
}

}  // namespace
}  // namespace systask::service
