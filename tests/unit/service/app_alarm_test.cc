// Who is told of alarms, in which words, and what becomes of a receiver that is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/guarded.h"
#include "service/app/alarm_desk.h"
#include "service/app/alarm_text.h"
#include "service/config/mail_address.h"
#include "service/metrics/metrics.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Alarm;
using scheduler::AlarmPolicy;
using testing::HasSubstr;
using testing::Not;

Alarm alarm_of(AlarmPolicy policy, std::string name = "nightly-report") {
  scheduler::TaskSpec spec{.id = scheduler::TaskId{91001}, .name = std::move(name)};
  scheduler::SpecialPolicies special;
  special.alarms = std::move(policy);
  spec.special_policies = std::make_shared<const scheduler::SpecialPolicies>(std::move(special));
  return {std::make_shared<const scheduler::TaskSpec>(std::move(spec)), Alarm::Kind::kFailed,
          20260522, from_rfc3339("2026-05-22T08:00:00Z").value(), "run 7 failed: disk full"};
}

class AlarmDeskTest : public testing::Test {
 protected:
  // Until it is so; a thread of the desk's does it.
  [[nodiscard]] bool until(const std::function<bool()>& true_now) const {
    const MonotonicPoint end = clock_.monotonic() + 20s;
    while (!true_now() && clock_.monotonic() < end)
      std::this_thread::yield();
    return true_now();
  }
  // A program of a line of shell in the folder.
  std::string program(const std::string& name, const std::string& line) const {
    const std::string path = folder_.file(name);
    std::ofstream{path} << "#!/bin/sh\n" << line << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{folder_.file(name)}.rdbuf();
    return text.str();
  }
  double counted(const std::string& by, const std::string& outcome) {
    const std::string line =
        "alarm_deliveries_total{by=\"" + by + "\",outcome=\"" + outcome + "\"} ";
    const std::string text = metrics_.text({});
    const auto at = text.find(line);
    return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size()));
  }
  AlarmDesk& desk(std::string sendmail = "/nowhere/sendmail") {
    desk_ = std::make_unique<AlarmDesk>(
        metrics_, clock_,
        [this](const tasks::HttpOrder& order, const std::stop_token&) {
          sent_.with([&](auto& all) { all.push_back(order); });
          return tasks::HttpReply{.status = status_};
        },
        AlarmDeskOptions{.sendmail = std::move(sendmail), .pauses = {1ms, 1ms}});
    return *desk_;
  }
  std::vector<tasks::HttpOrder> sent() {
    return sent_.with([](const auto& all) { return all; });
  }

  const ScratchFolder folder_;
  SystemClock clock_;
  Metrics metrics_;
  Guarded<std::vector<tasks::HttpOrder>> sent_;
  std::atomic<int> status_ = 200;
  std::unique_ptr<AlarmDesk> desk_;  // last: its thread uses the others
};

TEST_F(AlarmDeskTest, AMailGoesThroughTheMailProgram) {
  const std::string mailer = program("mailer", "echo \"$@\" > '" + folder_.file("arguments") +
                                                   "'; cat > '" + folder_.file("mail") + "'");
  scheduler::NotifyMail mail{{"ops@example.com", "desk@example.com"}, "systask@example.com"};
  desk(mailer).raised(alarm_of({.on_failure = true, .notify = {mail}}));
  ASSERT_TRUE(until([&] { return counted("mail", "delivered") == 1; }));
  EXPECT_EQ(text_of("arguments"),
            "-i -f systask@example.com -- ops@example.com desk@example.com\n");
  const std::string text = text_of("mail");
  EXPECT_THAT(text, HasSubstr("From: systask@example.com\nTo: ops@example.com,\n desk@example.com\n"
                              "Subject: [systask] nightly-report on_failure: raised\n"));
  EXPECT_THAT(text,
              HasSubstr("\n\nrun 7 failed: disk full\n\ntask:          nightly-report (91001)\n"));
  EXPECT_THAT(text, HasSubstr("business date: 20260522\n"));
  EXPECT_THAT(text, HasSubstr("systask runs --task nightly-report\n"));
}

TEST_F(AlarmDeskTest, OneThatCannotBeDeliveredIsTriedAgainThenGivenUpAndSaid) {
  testing::internal::CaptureStderr();
  const Alarm alarm = alarm_of({.on_failure = true,
                                .notify = {scheduler::NotifyExec{{"/nowhere/pager"}},
                                           scheduler::NotifyWebhook{"http://127.0.0.1:9/x"},
                                           scheduler::NotifyMail{{"ops@example.com"}, ""}}});
  status_ = 503;
  desk().raised(alarm);
  for (const char* by : {"exec", "webhook", "mail"}) {
    EXPECT_TRUE(until([&] { return counted(by, "given_up") == 1; })) << by;
    EXPECT_EQ(counted(by, "failed"), 2) << by;
    EXPECT_EQ(counted(by, "delivered"), 0) << by;
  }
  EXPECT_EQ(sent().size(), 3U);
  desk_->stop();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("an alarm could not be delivered, and is tried again "
                             "task=nightly-report alarm=on_failure to=/nowhere/pager attempt=1"));
  EXPECT_THAT(log, HasSubstr("error an alarm could not be delivered, and is given up "
                             "task=nightly-report alarm=on_failure to=/nowhere/pager attempt=3"));
  EXPECT_THAT(log, HasSubstr("http://127.0.0.1:9/x answered 503"));
  EXPECT_THAT(log, HasSubstr("/nowhere/sendmail was not started: No such file or directory"));
}

TEST_F(AlarmDeskTest, WhatIsToldToOneReceiverStaysInOrder) {
  status_ = 503;
  const Alarm alarm = alarm_of({.on_failure = true,
                                .on_recovery = true,
                                .notify = {scheduler::NotifyWebhook{"http://127.0.0.1:9/x"}}});
  desk().raised(alarm);
  desk_->cleared(alarm);
  ASSERT_TRUE(until([&] { return !sent().empty(); }));
  status_ = 200;
  ASSERT_TRUE(
      until([&] { return counted("webhook", "delivered") + counted("webhook", "given_up") == 2; }));
  bool cleared = false;
  for (const tasks::HttpOrder& order : sent()) {
    const bool now = order.body.find("cleared") != std::string::npos;
    EXPECT_FALSE(cleared && !now) << "raised after it was over";
    cleared = now;
  }
  EXPECT_TRUE(cleared);
}

TEST_F(AlarmDeskTest, RecoveryIsToldToThoseWhoAskedForIt) {
  testing::internal::CaptureStderr();
  const AlarmPolicy quiet{.on_failure = true,
                          .on_recovery = false,
                          .notify = {scheduler::NotifyLog{}, scheduler::NotifyMetric{}}};
  AlarmPolicy loud = quiet;
  loud.on_recovery = true;
  desk().raised(alarm_of(quiet));
  EXPECT_THAT(metrics_.text({}),
              HasSubstr("systask_alarm{alarm=\"on_failure\",task=\"nightly-report\"} 1"));
  desk_->cleared(alarm_of(quiet));
  EXPECT_THAT(metrics_.text({}),
              HasSubstr("systask_alarm{alarm=\"on_failure\",task=\"nightly-report\"} 0"));
  desk_->cleared(alarm_of(loud, "other"));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("an alarm is raised alarm=on_failure task=nightly-report"));
  EXPECT_THAT(log, Not(HasSubstr("an alarm is over alarm=on_failure task=nightly-report")));
  EXPECT_THAT(log, HasSubstr("an alarm is over alarm=on_failure task=other"));
}

TEST_F(AlarmDeskTest, StopsThoughAProgramHangsAndSaysWhatWasNotDelivered) {
  testing::internal::CaptureStderr();
  const Alarm alarm =
      alarm_of({.on_failure = true,
                .notify = {scheduler::NotifyExec{{program(
                               "hangs", "touch '" + folder_.file("began") + "'; exec sleep 1000")}},
                           scheduler::NotifyWebhook{"http://127.0.0.1:9/x"}}});
  desk().raised(alarm);
  ASSERT_TRUE(until([&] { return std::filesystem::exists(folder_.file("began")); }));
  desk_->stop();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("alarms were not delivered: the service is stopping"));
}

TEST_F(AlarmDeskTest, AWebhookHasTakenItFrom200To299) {
  const Alarm alarm =
      alarm_of({.on_failure = true, .notify = {scheduler::NotifyWebhook{"http://127.0.0.1:9/x"}}});
  desk();
  double taken = 0;
  double refused = 0;
  for (const auto& [status, good] :
       {std::pair{199, false}, {200, true}, {299, true}, {300, false}}) {
    status_ = status;
    desk_->raised(alarm);
    ASSERT_TRUE(until([&] {
      return counted("webhook", "delivered") + counted("webhook", "given_up") ==
             taken + refused + 1;
    }));
    taken += good ? 1 : 0;
    refused += good ? 0 : 1;
    EXPECT_EQ(counted("webhook", "delivered"), taken) << status;
    EXPECT_EQ(counted("webhook", "given_up"), refused) << status;
  }
}

TEST_F(AlarmDeskTest, AProgramLearnsOfTheAlarmAndItsFailureIsOne) {
  const std::string pager = program("pager", "env >> '" + folder_.file("seen") + "'; exit 3");
  const Alarm alarm = alarm_of(
      {.on_failure = true, .on_recovery = true, .notify = {scheduler::NotifyExec{{pager}}}});
  desk().cleared(alarm);
  ASSERT_TRUE(until([&] { return counted("exec", "given_up") == 1; }));
  EXPECT_EQ(counted("exec", "delivered"), 0);
  const std::string seen = text_of("seen");
  for (const char* line : {"ALARM=on_failure", "BUSINESS_DATE=20260522", "STATE=cleared",
                           "TASK=nightly-report", "SAYS=run 7 failed: disk full"})
    EXPECT_THAT(seen, HasSubstr(std::string{"SYSTASK_"} + line + "\n"));
}

// --- words ------------------------------------------------------------------------------------

TEST(AlarmText, NoNameBreaksOutOfAHeader) {
  const scheduler::NotifyMail mail{{"ops@example.com"}, ""};
  const std::string evil =
      alarm_as_mail(alarm_of({}, "x\r\nBcc: all@example.com\n\nforged"), true, mail);
  const std::string headers = evil.substr(0, evil.find("\n\n"));
  EXPECT_THAT(headers, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(headers, Not(HasSubstr("\r")));
  EXPECT_THAT(headers,
              HasSubstr("Subject: [systask] x | Bcc: all@example.com | forged on_failure"));
  const std::string chinese =
      alarm_as_mail(alarm_of({}, "\xE5\xA4\x9C\xE6\x8A\xA5 =?x"), false, mail);
  EXPECT_THAT(chinese,
              HasSubstr("Subject: =?UTF-8?Q?=5Bsystask=5D=20=E5=A4=9C=E6=8A=A5=20=3D=3Fx"));
  EXPECT_THAT(chinese, HasSubstr("?=\n =?UTF-8?Q?"));
  std::istringstream lines{chinese.substr(0, chinese.find("\n\n"))};
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 78U) << line;
}

TEST(AlarmText, ADateThatThereIsNotIsNone) {
  Alarm alarm = alarm_of({});
  alarm.business_date = 0;
  const auto json = boost::json::parse(alarm_as_json(alarm, true)).as_object();
  EXPECT_TRUE(json.at("business_date").is_null());
  EXPECT_EQ(json.at("state"), "raised");
  EXPECT_THAT(alarm_as_mail(alarm, true, {{"a@b"}, ""}), Not(HasSubstr("business date")));
}

TEST(AlarmText, ALineIsOfAtMostSeventySixBytes) {
  Alarm alarm = alarm_of({});
  const std::string half(40, 'a');
  alarm.says = half + " " + std::string(35, 'b');
  EXPECT_THAT(alarm_as_mail(alarm, true, {{"a@b"}, ""}), HasSubstr("\n" + alarm.says + "\n"));
  alarm.says += 'b';
  const std::string mail = alarm_as_mail(alarm, false, {{"a@b"}, ""});
  EXPECT_THAT(mail, HasSubstr("\n" + half + "\n" + std::string(36, 'b') + "\n"));
  EXPECT_THAT(mail, HasSubstr("on_failure: over\n"));
  EXPECT_THAT(mail, Not(HasSubstr("Look at it")));
}

TEST(AlarmText, AMailAddressIsOneAndNothingElse) {
  for (const char* good : {"ops", "ops@example.com", "a.b+c_d-e=f/g@h-1.example"})
    EXPECT_TRUE(is_mail_address(good)) << good;
  for (const char* bad : {"", "-oQ/tmp", "-f@x", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\nBcc: c@d",
                          "\"a\"@b", "a@b,c@d", "<a@b>", "\xC3\xA4@b"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  EXPECT_TRUE(is_mail_address(std::string(254, 'a')));
  EXPECT_FALSE(is_mail_address(std::string(255, 'a')));
}

}  // namespace
}  // namespace systask::service
