#include <gtest/gtest.h>

#include "service/config/time_text.h"

namespace systask::service {
namespace {

TEST(TimeText, EachFormNamesItsInstant) {
  const Zone shanghai = Zone::find("Asia/Shanghai").value();
  const TimePoint now = from_rfc3339("2026-05-22T20:00:00Z").value();  // the 23rd there
  const std::vector<std::pair<std::string, std::string>> forms{
      {"2026-05-22T08:30:00+08:00", "2026-05-22T08:30:00+08:00"},
      {"now", "2026-05-23T04:00:00+08:00"},
      {"08:30", "2026-05-23T08:30:00+08:00"},
      {"08:30:15", "2026-05-23T08:30:15+08:00"},
      {"today 08:30", "2026-05-23T08:30:00+08:00"},
      {"yesterday 08:30", "2026-05-22T08:30:00+08:00"},
      {"tomorrow 23:59", "2026-05-24T23:59:00+08:00"},
      {"today", "2026-05-23T00:00:00+08:00"},
      {"yesterday", "2026-05-22T00:00:00+08:00"},
      {"2026-05-20", "2026-05-20T00:00:00+08:00"},
      {"2h ago", "2026-05-23T02:00:00+08:00"},
      {"1h30m ago", "2026-05-23T02:30:00+08:00"},
      {"2024-02-29 00:00", "2024-02-29T00:00:00+08:00"}};
  for (const auto& [text, expected] : forms) {
    const auto found = parse_time(text, shanghai, now);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(shanghai.to_rfc3339(*found), expected) << text;
  }
  for (const char* text : {"", "8:30", "24:00", "08:60", "08:30:", "2026-02-29 08:00", "noon",
                           "2 ago", "ago", "-2h ago", "2026-02-29", "08:30 tomorrow"}) {
    const auto found = parse_time(text, shanghai, now);
    ASSERT_TRUE(found.has_error()) << text;
    EXPECT_EQ(found.error().code, "BAD_TIME");
  }
  EXPECT_EQ(civil_date(shanghai, now), 20260523);
  EXPECT_EQ(parse_date("2026-05-22").value(), 20260522);
  EXPECT_EQ(parse_date("20260522").value(), 20260522);
  EXPECT_TRUE(parse_date("2026-5-22").has_error());
}

}  // namespace
}  // namespace systask::service
