#include "base/zone.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

using namespace std::chrono_literals;

LocalTime local(int year, unsigned month, unsigned day, std::chrono::minutes time) {
  return LocalTime{std::chrono::local_days{std::chrono::year{year} / month / day}} + time;
}

TEST(Zone, RefusesANameThatIsNone) {
  const auto zone = Zone::find("Asia/Atlantis");
  ASSERT_TRUE(zone.has_error());
  EXPECT_EQ(zone.error().code, "UNKNOWN_TIME_ZONE");
  EXPECT_NE(zone.error().message.find("Asia/Atlantis"), std::string::npos);
}

TEST(Zone, TurnsInstantsIntoCivilTimeAndBack) {
  const Zone shanghai = Zone::find("Asia/Shanghai").value();
  const TimePoint nine = from_rfc3339("2026-05-22T09:30:00+08:00").value();
  EXPECT_EQ(shanghai.to_local(nine), local(2026, 5, 22, 9h + 30min));
  EXPECT_EQ(shanghai.to_instant(local(2026, 5, 22, 9h + 30min)), nine);
  EXPECT_EQ(shanghai.to_rfc3339(nine), "2026-05-22T09:30:00+08:00");
}

TEST(Zone, KnowsTheGapAndTheOverlapOfAClockChange) {
  const Zone new_york = Zone::find("America/New_York").value();
  const auto gap = new_york.meaning_of(local(2026, 3, 8, 2h + 30min));
  EXPECT_EQ(gap.kind, Zone::Kind::kGap);
  EXPECT_EQ(new_york.to_instant(local(2026, 3, 8, 2h + 30min)),
            from_rfc3339("2026-03-08T03:00:00-04:00"));
  const auto overlap = new_york.meaning_of(local(2026, 11, 1, 1h + 30min));
  EXPECT_EQ(overlap.kind, Zone::Kind::kOverlap);
  EXPECT_EQ(overlap.first.offset, -4h);
  EXPECT_EQ(overlap.second.offset, -5h);
}

}  // namespace
}  // namespace systask
