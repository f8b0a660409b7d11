// What a Zone says of the years its file of the tz database lists no clock changes for.
#include <gtest/gtest.h>

#include <vector>

#include "base/zone.h"

namespace systask {
namespace {

using namespace std::chrono_literals;

TimePoint instant(std::string_view text) { return from_rfc3339(text).value(); }

// The civil time of a text: "2060-03-14T02:30:00".
LocalTime wall(std::string_view text) {
  return LocalTime{instant(std::string{text} + "Z").time_since_epoch()};
}

TimePoint new_year(int year) { return std::chrono::sys_days{std::chrono::year{year} / 1 / 1}; }

Zone zone(std::string_view name) { return Zone::find(name).value(); }

// The fixed values below are what python's zoneinfo says.
TEST(ZoneFuture, KnowsTheOffsetsOfYearsToCome) {
  struct Case {
    std::string_view zone;
    std::string_view utc;
    std::string_view local;
  };
  const Case cases[] = {
      {"America/New_York", "2060-07-01T12:00:00Z", "2060-07-01T08:00:00-04:00"},
      {"America/New_York", "2060-03-14T06:59:59Z", "2060-03-14T01:59:59-05:00"},
      {"America/New_York", "2060-03-14T07:00:00Z", "2060-03-14T03:00:00-04:00"},
      {"America/New_York", "2060-11-07T06:00:00Z", "2060-11-07T01:00:00-05:00"},
      {"Australia/Lord_Howe", "2050-04-02T15:00:00Z", "2050-04-03T01:30:00+10:30"},
      {"Australia/Lord_Howe", "2050-10-01T15:30:00Z", "2050-10-02T02:30:00+11:00"},
      {"America/Santiago", "2045-04-02T03:00:00Z", "2045-04-01T23:00:00-04:00"},
      {"America/Santiago", "2045-09-03T04:00:00Z", "2045-09-03T01:00:00-03:00"},
      {"Asia/Jerusalem", "2060-03-25T23:59:59Z", "2060-03-26T01:59:59+02:00"},
      {"Asia/Jerusalem", "2060-03-26T00:00:00Z", "2060-03-26T03:00:00+03:00"},
      {"Asia/Jerusalem", "2060-10-30T23:00:00Z", "2060-10-31T01:00:00+02:00"},
      {"Europe/Dublin", "2060-03-28T01:00:00Z", "2060-03-28T02:00:00+01:00"},
      {"Europe/Dublin", "2060-12-25T12:00:00Z", "2060-12-25T12:00:00Z"},
      {"America/Scoresbysund", "2060-03-28T01:00:00Z", "2060-03-28T00:00:00-01:00"},
      {"Africa/Cairo", "2060-04-29T22:00:00Z", "2060-04-30T01:00:00+03:00"},
      {"Asia/Shanghai", "2060-07-01T00:00:00Z", "2060-07-01T08:00:00+08:00"},
      {"UTC", "2060-07-01T00:00:00Z", "2060-07-01T00:00:00Z"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(zone(one.zone).to_rfc3339(instant(one.utc)), one.local) << one.zone;
}

TEST(ZoneFuture, KnowsGapsOfYearsToCome) {
  const Zone new_york = zone("America/New_York");
  const Zone::Meaning gap = new_york.meaning_of(wall("2060-03-14T02:30:00"));
  EXPECT_EQ(gap.kind, Zone::Kind::kGap);
  EXPECT_EQ(gap.first.offset, -5h);
  EXPECT_EQ(gap.first.begin, instant("2059-11-02T06:00:00Z"));
  EXPECT_EQ(gap.first.end, instant("2060-03-14T07:00:00Z"));
  EXPECT_EQ(gap.second.begin, instant("2060-03-14T07:00:00Z"));
  EXPECT_EQ(gap.second.end, instant("2060-11-07T06:00:00Z"));
  EXPECT_EQ(gap.second.offset, -4h);
  EXPECT_EQ(new_york.meaning_of(wall("2060-03-14T01:59:59")).kind, Zone::Kind::kUnique);
  EXPECT_EQ(new_york.meaning_of(wall("2060-03-14T03:00:00")).kind, Zone::Kind::kUnique);

  const Zone santiago = zone("America/Santiago");  // its gap begins at midnight
  EXPECT_EQ(santiago.meaning_of(wall("2045-09-02T23:59:59")).kind, Zone::Kind::kUnique);
  EXPECT_EQ(santiago.meaning_of(wall("2045-09-03T00:00:00")).kind, Zone::Kind::kGap);
  EXPECT_EQ(santiago.to_instant(wall("2045-09-03T00:30:00")), instant("2045-09-03T04:00:00Z"));

  const Zone lord_howe = zone("Australia/Lord_Howe");  // its gap is half an hour
  EXPECT_EQ(lord_howe.meaning_of(wall("2050-10-02T02:29:59")).kind, Zone::Kind::kGap);
  EXPECT_EQ(lord_howe.meaning_of(wall("2050-10-02T02:30:00")).kind, Zone::Kind::kUnique);
}

TEST(ZoneFuture, KnowsOverlapsOfYearsToCome) {
  const Zone new_york = zone("America/New_York");
  const Zone::Meaning overlap = new_york.meaning_of(wall("2060-11-07T01:00:00"));
  EXPECT_EQ(overlap.kind, Zone::Kind::kOverlap);
  EXPECT_EQ(overlap.first.offset, -4h);
  EXPECT_EQ(overlap.first.end, instant("2060-11-07T06:00:00Z"));
  EXPECT_EQ(overlap.second.offset, -5h);
  EXPECT_EQ(overlap.second.end, instant("2061-03-13T07:00:00Z"));
  EXPECT_EQ(new_york.to_instant(wall("2060-11-07T01:30:00")), instant("2060-11-07T05:30:00Z"));
  EXPECT_EQ(new_york.meaning_of(wall("2060-11-07T00:59:59")).kind, Zone::Kind::kUnique);
  EXPECT_EQ(new_york.meaning_of(wall("2060-11-07T02:00:00")).kind, Zone::Kind::kUnique);

  const Zone dublin = zone("Europe/Dublin");
  EXPECT_EQ(dublin.meaning_of(wall("2060-10-31T01:30:00")).kind, Zone::Kind::kOverlap);
  EXPECT_EQ(dublin.meaning_of(wall("2060-03-28T01:30:00")).kind, Zone::Kind::kGap);
  EXPECT_EQ(zone("Asia/Shanghai").meaning_of(wall("2060-03-14T02:30:00")).kind,
            Zone::Kind::kUnique);
}

TEST(ZoneFuture, CutsTheLastChangeOfTheFileLikeAnyOther) {
  const Zone new_york = zone("America/New_York");
  const Zone::Span winter = new_york.span_at(instant("2037-12-01T00:00:00Z"));
  EXPECT_EQ(winter.begin, instant("2037-11-01T06:00:00Z"));
  EXPECT_EQ(winter.end, instant("2038-03-14T07:00:00Z"));
  EXPECT_EQ(winter.offset, -5h);
  const Zone::Meaning overlap = new_york.meaning_of(wall("2037-11-01T01:30:00"));
  EXPECT_EQ(overlap.kind, Zone::Kind::kOverlap);
  EXPECT_EQ(overlap.second.end, instant("2038-03-14T07:00:00Z"));
}

TEST(ZoneFuture, StaysSaneAtTheEndsOfTime) {
  const Zone new_york = zone("America/New_York");
  for (const TimePoint at : {TimePoint{Micros::min()}, TimePoint{}, TimePoint{Micros::max()}})
    EXPECT_LT(new_york.span_at(at).begin, new_york.span_at(at).end);
  const LocalTime late = wall("9999-12-31T23:00:00");
  EXPECT_EQ(new_york.meaning_of(late).kind, Zone::Kind::kUnique);
  EXPECT_EQ(new_york.meaning_of(late).first.offset, -5h);
}

// Zones of many rules, and some of none. Gaza is not here: its file lists changes to 2086 that
// follow the moon.
const char* const kZones[] = {"Africa/Cairo",
                              "Africa/Johannesburg",
                              "America/Adak",
                              "America/Anchorage",
                              "America/Asuncion",
                              "America/Chicago",
                              "America/Havana",
                              "America/Los_Angeles",
                              "America/Miquelon",
                              "America/New_York",
                              "America/Nuuk",
                              "America/Santiago",
                              "America/Scoresbysund",
                              "America/St_Johns",
                              "Antarctica/Troll",
                              "Asia/Beirut",
                              "Asia/Jerusalem",
                              "Asia/Kolkata",
                              "Asia/Nicosia",
                              "Asia/Shanghai",
                              "Asia/Tokyo",
                              "Atlantic/Azores",
                              "Australia/Adelaide",
                              "Australia/Lord_Howe",
                              "Australia/Sydney",
                              "Europe/Chisinau",
                              "Europe/Dublin",
                              "Europe/Kyiv",
                              "Europe/London",
                              "Europe/Paris",
                              "Pacific/Auckland",
                              "Pacific/Chatham",
                              "Pacific/Easter",
                              "Pacific/Norfolk",
                              "UTC"};

struct Change {
  std::chrono::seconds from;
  std::chrono::seconds to;
  std::chrono::weekday day;  // on the wall before the change
  Micros time;

  friend bool operator==(const Change&, const Change&) = default;
};

// The changes of one year, after a check that its spans follow one another.
std::vector<Change> changes_of(const Zone& of, int year) {
  std::vector<Change> changes;
  Zone::Span span = of.span_at(new_year(year));
  while (span.end < new_year(year + 1)) {
    const Zone::Span next = of.span_at(span.end);
    EXPECT_EQ(next.begin, span.end) << of.name() << " " << year;
    EXPECT_GT(next.end, span.end) << of.name() << " " << year;
    EXPECT_NE(next.offset, span.offset) << of.name() << " " << year;
    EXPECT_EQ(of.span_at(span.end - Micros{1}).end, span.end) << of.name() << " " << year;
    const TimePoint wall_before = span.end + span.offset;
    const auto day = std::chrono::floor<std::chrono::days>(wall_before);
    changes.push_back(
        {span.offset, next.offset, std::chrono::weekday{day}, wall_before - TimePoint{day}});
    span = next;
  }
  return changes;
}

TEST(ZoneFuture, RepeatsTheLastYearOfTheFileForCenturies) {
  for (const char* name : kZones) {
    const Zone of = zone(name);
    const std::vector<Change> listed = changes_of(of, 2036);
    EXPECT_TRUE(listed.empty() || listed.size() == 2) << name;
    for (int year = 2037; year < 2300; ++year)
      EXPECT_TRUE(changes_of(of, year) == listed) << name << " " << year;
  }
}

TEST(ZoneFuture, TurnsEveryCivilTimeBackIntoItsInstant) {
  for (const char* name : kZones) {
    const Zone of = zone(name);
    for (TimePoint at = new_year(2035); at < new_year(2200); at += 97h + 13min) {
      const LocalTime local = of.to_local(at);
      const Zone::Meaning meaning = of.meaning_of(local);
      ASSERT_NE(meaning.kind, Zone::Kind::kGap) << name << " " << to_rfc3339(at);
      const bool second = at >= meaning.first.end;
      ASSERT_EQ(second ? meaning.second.begin : meaning.first.begin, of.span_at(at).begin)
          << name << " " << to_rfc3339(at);
      ASSERT_EQ(of.to_instant(local) == at, !second) << name << " " << to_rfc3339(at);
    }
  }
}

}  // namespace
}  // namespace systask
