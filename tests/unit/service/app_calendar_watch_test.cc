// That a calendar ends is said once a day, from sixty days before.
#include "service/app/calendar_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/config.h"

namespace systask::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class CalendarWatchTest : public testing::Test {
 protected:
  static constexpr const char* kText = R"(
calendars:
  desk: {from: 2026-01-01, to: 2026-06-30, week: {MON-FRI: "09:30-16:00"}}
  idle: {from: 2026-01-01, to: 2026-03-31, week: {MON-FRI: "09:30-16:00"}}
tasks:
  - {id: 1, name: a, at: open, calendar: desk}
  - {id: 2, name: b, at: open, calendar: idle, enabled: false}
)";
  CalendarWatchTest() {
    const ConfigResult config = read_config(kText, "tasks.yaml", {"a", "b"});
    EXPECT_FALSE(config.has_error()) << to_text(config.error());
    if (config.has_value()) config_ = *config;
  }
  static TimePoint at(const std::string& text) { return from_rfc3339(text).value(); }
  // What the log says while it looks.
  std::string look(const std::string& text) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(watch_.look(at(text)));
    return testing::internal::GetCapturedStderr();
  }

  Config config_;
  CalendarWatch watch_{[] { return SessionTexts{}; }};
};

TEST_F(CalendarWatchTest, SaysItAgainEachDayAndOnceADay) {
  testing::internal::CaptureStderr();
  watch_.take(config_.calendars, config_.tasks, at("2026-04-30T12:00:00+08:00"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty()) << "61 days";
  EXPECT_THAT(look("2026-05-01T00:00:00+08:00"),
              AllOf(HasSubstr("calendar 'desk' ends on 2026-06-30, in 60 days"),
                    HasSubstr("calendar=desk days_left=60")));
  EXPECT_THAT(look("2026-05-01T00:00:01+08:00"), IsEmpty());
  EXPECT_THAT(look("2026-05-01T23:59:59+08:00"), IsEmpty());
  EXPECT_THAT(look("2026-05-02T00:00:00+08:00"), HasSubstr("in 59 days")) << "the second warning";
  EXPECT_THAT(look("2026-05-02T00:00:01+08:00"), IsEmpty());
  EXPECT_THAT(look("2026-07-01T00:00:00+08:00"), HasSubstr("ended on 2026-06-30"));
}

TEST_F(CalendarWatchTest, AReloadOfTheSameDaySaysNothingNew) {
  testing::internal::CaptureStderr();
  watch_.take(config_.calendars, config_.tasks, at("2026-05-01T12:00:00+08:00"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("in 60 days"));
  testing::internal::CaptureStderr();
  watch_.take(config_.calendars, config_.tasks, at("2026-05-01T13:00:00+08:00"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

}  // namespace
}  // namespace systask::service
