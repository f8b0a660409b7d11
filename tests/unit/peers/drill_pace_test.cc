#include "peers/drill/pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace systask::peers::drill {
namespace {

using testing::HasSubstr;

class DrillPace : public testing::Test {
 protected:
  DrillPace() {
    options.from = "a.log";
    options.kills = 2;
  }
  std::string speed(std::int64_t messages, std::int64_t lasted_us = 0) {
    const auto pace = pace_of(options, messages, lasted_us);
    told = pace ? pace->told : pace.error().message;
    return pace ? pace->speed : pace.error().code;
  }
  DrillOptions options;
  std::string told;
};

TEST_F(DrillPace, WhereNothingIsKilledItIsTheOneAskedFor) {
  options.kills = 0;
  EXPECT_EQ(speed(3), "full");
  options.speed = "20";
  EXPECT_EQ(speed(3), "20");
  EXPECT_EQ(told, "");
  options.speed = "recorded";
  EXPECT_EQ(speed(3, 1'000), "recorded");
  EXPECT_EQ(told, "");
  EXPECT_EQ(speed(3, 86'400'000'000), "recorded");
  EXPECT_THAT(told, HasSubstr("it lasts 1440 minutes"));
}

TEST_F(DrillPace, KillsHaveSixSecondsAndOneEach) {
  EXPECT_EQ(speed(60), "10.000");
  EXPECT_EQ(speed(600'000), "5000.000");
  EXPECT_EQ(speed(8), "1.333");
  options.kills = 6;
  options.service_kills = 5;
  EXPECT_EQ(speed(60), "5.000");
}

TEST_F(DrillPace, ASpeedAtWhichTheKillsDoNotFitIsLowered) {
  for (const char* const fast : {"full", "1000"}) {
    options.speed = fast;
    EXPECT_EQ(speed(60), "10.000");
    EXPECT_EQ(told, "replayed at 10.0 messages a second instead of --speed " + options.speed +
                        ", so that 2 kills fall into it");
  }
  options.speed = "9.5";
  EXPECT_EQ(speed(60), "9.5");
  EXPECT_EQ(told, "");
}

TEST_F(DrillPace, ALogThatIsTooShortIsSaidToBeSo) {
  EXPECT_EQ(speed(5), "TOO_SHORT");
  EXPECT_THAT(told, HasSubstr("a.log is too short for 2 kills: it gives 5 messages, and 6 are"));
  options.speed = "recorded";
  EXPECT_EQ(speed(60, 3'000'000), "TOO_SHORT");
  EXPECT_THAT(told, HasSubstr("at recorded speed it lasts 3.0 s, and 6 s are needed"));
  EXPECT_EQ(speed(60, 7'000'000), "recorded");
  EXPECT_EQ(told, "");
  EXPECT_EQ(speed(60, 7'200'000'000), "recorded");
  EXPECT_THAT(told, HasSubstr("at recorded speed it lasts 120 minutes; --longest-gap 10s would"));
  options.longest_gap_ms = 20;
  EXPECT_EQ(speed(60, 3'000'000), "TOO_SHORT");
  EXPECT_THAT(told, HasSubstr("at recorded speed it lasts 3.0 s with its gaps cut, and 6 s"));
}

}  // namespace
}  // namespace systask::peers::drill
