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

}  // namespace
}  // namespace systask
