#include <gtest/gtest.h>

#include <fmt/format.h>

#include "calendar/hours_text.h"

namespace systask {
namespace {

// Each moment as "b" for the business day before, and minutes from midnight.
std::string minutes_of(const std::vector<HoursPart>& parts) {
  const auto text = [](const Moment& moment) {
    return fmt::format("{}{}", moment.previous_business_day ? "b" : "",
                       std::chrono::floor<std::chrono::minutes>(moment.offset).count());
  };
  std::string all;
  for (const HoursPart& part : parts)
    all += fmt::format("{}{}..{}", all.empty() ? "" : " ", text(part.begin), text(part.end));
  return all;
}

TEST(CalendarHours, AreReadAsPeopleWriteThem) {
  const struct {
    const char* text;
    const char* minutes;
  } cases[] = {
      {"09:30-16:00", "570..960"},
      {"9:30-16:00", "570..960"},
      {" 09:30 - 11:30 , 13:00 - 15:00 ", "570..690 780..900"},
      {"00:00-24:00", "0..1440"},
      {"17:00-02:00", "1020..1560"},
      {"-1d 17:00-16:00", "-420..960"},
      {"-1d 18:00-18:00", "-360..1080"},
      {"-1d 17:00-15:15, 15:30-16:00", "-420..915 930..960"},
      {"-1d 17:00-0d 16:00", "-420..960"},
      {"17:00-+1d 02:00", "1020..1560"},
      {"-2d 21:00-23:00", "-1620..-1500"},
      {"-1b 21:00-02:30", "b1260..b1590"},
      {"-1b 18:00-0d 17:00", "b1080..1020"},
      {"09:30:30-09:31:30", "570..571"},
  };
  for (const auto& one : cases) {
    const auto parts = parse_hours(one.text);
    ASSERT_TRUE(parts) << one.text << ": " << parts.error().message;
    EXPECT_EQ(minutes_of(*parts), one.minutes) << one.text;
  }
}

TEST(CalendarHours, ThatAreNoneAreRefused) {
  for (const char* text :
       {"", "soon", "09:30", "09:30-", "-16:00", "09:30-16:00,", "09:30-24:01", "09:60-10:00",
        "25:00-26:00", "09:30-16:00 x", "-2b 09:00-10:00", "+1b 09:00-10:00", "9-16",
        "09:30-16:00; 17:00-18:00", "12:00--1d 10:00"})
    EXPECT_EQ(parse_hours(text).error().code, "BAD_HOURS") << text;
}

// The normal day is 09:30-12:00, 13:00-16:00.
TEST(CalendarHours, OfADateChangeThoseOfItsWeek) {
  const std::vector<HoursPart> normal = parse_hours("09:30-12:00, 13:00-16:00").value();
  const struct {
    const char* change;
    const char* minutes;
  } cases[] = {
      {"close 12:00", "570..720"},
      {"close 12:30", "570..750"},
      {"close 13:00", "570..780"},
      {"close 14:00", "570..720 780..840"},
      {"close 16:30", "570..720 780..990"},
      {"open 10:00", "600..720 780..960"},
      {"open 09:00", "540..720 780..960"},
      {"open 12:30", "750..960"},
      {"open 13:00", "780..960"},
      {"open 10:00, close 16:30", "600..720 780..990"},
      {"Open 10:30 Close 12:00", "630..720"},
      {"no break", "570..960"},
      {"close 15:00, no break", "570..900"},
      {"10:00-11:00", "600..660"},
      {"close +1d 01:00", "570..720 780..1500"},
      {"closed", ""},
      {"close 09:30", ""},
  };
  for (const auto& one : cases) {
    const auto change = parse_session_change(one.change);
    ASSERT_TRUE(change) << one.change;
    EXPECT_EQ(minutes_of(changed(normal, *change)), one.minutes) << one.change;
  }
  for (const char* text : {"", "close", "open", "closed 12:00", "no", "no lunch", "close 12:00 x",
                           "close 12:00 close 13:00", "half"})
    EXPECT_FALSE(parse_session_change(text)) << text;
}

TEST(CalendarHours, WeekdaysAndDates) {
  EXPECT_EQ(parse_weekdays("MON-FRI").value(), 0b0111110U);
  EXPECT_EQ(parse_weekdays("SUN-THU").value(), 0b0011111U);
  EXPECT_EQ(parse_weekdays("SAT-WED").value(), 0b1001111U);
  EXPECT_EQ(parse_weekdays("monday, Wed").value(), 0b0001010U);
  for (const char* text : {"", "MO", "MON-", "MON;TUE", "8"})
    EXPECT_EQ(parse_weekdays(text).error().code, "BAD_WEEKDAYS") << text;
  EXPECT_EQ(iso_date(parse_date("2024-02-29").value()), "2024-02-29");
  EXPECT_EQ(iso_date(parse_date("02-29", 2024).value()), "2024-02-29");
  for (const char* text : {"2026-02-29", "2026-13-01", "02-01", "1899-12-31", "2300-01-01", "",
                           "2026/01/01", "2026-01-01x"})
    EXPECT_EQ(parse_date(text).error().code, "BAD_DATE") << text;
  EXPECT_EQ(parse_date_range("02-16..02-23", 2026)->last - parse_date("2026-02-16").value(),
            std::chrono::days{7});
  EXPECT_FALSE(parse_date_range("2026-02-23..2026-02-16"));
}

}  // namespace
}  // namespace systask
