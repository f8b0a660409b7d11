#include "base/clock.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNine{std::chrono::sys_days{std::chrono::year{2026} / 5 / 22} + 1h + 30min};

TEST(Rfc3339, WritesTheOffsetAndOnlyTheFractionThereIs) {
  EXPECT_EQ(to_rfc3339(kNine), "2026-05-22T01:30:00Z");
  EXPECT_EQ(to_rfc3339(kNine, 8h), "2026-05-22T09:30:00+08:00");
  EXPECT_EQ(to_rfc3339(kNine + 250ms, -3h - 30min), "2026-05-21T22:00:00.250-03:30");
  EXPECT_EQ(to_rfc3339(kNine + 1us), "2026-05-22T01:30:00.000001Z");
}

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const auto offset : {0s, std::chrono::seconds{8h}, std::chrono::seconds{-9h - 30min}})
    for (const auto fraction : {0us, 1us, 250'000us, 999'999us})
      EXPECT_EQ(from_rfc3339(to_rfc3339(kNine + fraction, offset)), kNine + fraction);
}

TEST(Rfc3339, RefusesWhatIsNotAnInstant) {
  for (const char* text :
       {"", "2026-05-22", "2026-05-22T09:30:00", "2026-02-30T09:30:00Z", "2026-05-22T24:00:00Z",
        "2026-05-22T09:60:00Z", "2026-05-22T09:30:00+0800", "2026-05-22T09:30:00Zjunk",
        "2026-05-22T09:30:00.Z", "-026-05-22T09:30:00Z"})
    EXPECT_EQ(from_rfc3339(text), std::nullopt) << text;
}

TEST(Rfc3339, TakesEachPartUpToItsLastValueAndNoFurther) {
  const auto utc = [](const char* text) {
    const auto at = from_rfc3339(text);
    return at ? to_rfc3339(*at) : std::string{"refused"};
  };
  EXPECT_EQ(utc("2026-05-22T23:59:59Z"), "2026-05-22T23:59:59Z");
  EXPECT_EQ(utc("2026-05-22T09:30:60Z"), "refused");
  EXPECT_EQ(utc("2026-12-31T00:00:00Z"), "2026-12-31T00:00:00Z");
  EXPECT_EQ(utc("2026-13-01T00:00:00Z"), "refused");
  EXPECT_EQ(utc("2026-00-01T00:00:00Z"), "refused");
  EXPECT_EQ(utc("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(utc("2026-05-22T00:00:00+23:59"), "2026-05-21T00:01:00Z");
  EXPECT_EQ(utc("2026-05-22T00:00:00-23:59"), "2026-05-22T23:59:00Z");
  EXPECT_EQ(utc("2026-05-22T00:00:00+24:00"), "refused");
  EXPECT_EQ(utc("2026-05-22T00:00:00+08:60"), "refused");
  EXPECT_EQ(utc("2026-05-22T00:00:00-00:30"), "2026-05-22T00:30:00Z");
  EXPECT_EQ(utc("2026-05-22T00:00:00+08"), "refused");
  EXPECT_EQ(utc("2026-05-22T00:00:0-Z"), "refused");
}

TEST(Rfc3339, CutsAFractionBeyondMicrosecondsAndTakesSmallLetters) {
  const TimePoint at = kNine + 123'456us;
  EXPECT_EQ(from_rfc3339("2026-05-22T01:30:00.1234569Z"), at);
  EXPECT_EQ(from_rfc3339("2026-05-22t01:30:00.123456z"), at);
  EXPECT_EQ(from_rfc3339("2026-05-22 01:30:00.123456Z"), at);
  EXPECT_EQ(from_rfc3339("2026-05-22T01:30:00.1Z"), kNine + 100ms);
}

TEST(Rfc3339, WritesAnOffsetOfLessThanAnHourAndTimesBefore1970) {
  EXPECT_EQ(to_rfc3339(kNine, -30min), "2026-05-22T01:00:00-00:30");
  EXPECT_EQ(to_rfc3339(kNine, 45min), "2026-05-22T02:15:00+00:45");
  EXPECT_EQ(to_rfc3339(TimePoint{-1us}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(from_rfc3339("1969-12-31T23:59:59.999999Z"), TimePoint{-1us});
}

TEST(Clocks, OfTheMachineGoOn) {
  const SystemClock clock;
  const MonotonicPoint begun = clock.monotonic();
  const TimePoint now = clock.now();
  EXPECT_GT(now, kNine - 24h * 365);
  EXPECT_LE(begun, clock.monotonic());
}

}  // namespace
}  // namespace systask
