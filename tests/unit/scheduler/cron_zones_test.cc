// Every clock change of every zone of the tz database, ten years back and ten ahead: next
// never stands still or goes back, and previous walks the same way home.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "scheduler/when/schedule.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// "Z name ..." and "L target name" lines of the database as text.
std::vector<std::string> zone_names() {
  std::ifstream in{"/usr/share/zoneinfo/tzdata.zi"};
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string kind;
    std::string name;
    words >> kind >> name;
    if (kind == "L") words >> name;
    if (kind == "Z" || kind == "L") names.push_back(name);
  }
  return names;
}

const TimePoint kFrom = from_rfc3339("2016-11-22T00:00:00Z").value();
const TimePoint kTo = from_rfc3339("2036-11-22T00:00:00Z").value();

// The changes of a zone's offset.
std::vector<TimePoint> changes_of(const Zone& zone) {
  std::vector<TimePoint> changes;
  for (Zone::Span span = zone.span_at(kFrom); span.end < kTo;) {
    const Zone::Span next = zone.span_at(span.end);
    if (next.offset != span.offset) changes.push_back(span.end);
    span = next;
  }
  return changes;
}

std::vector<Schedule> schedules_of(const Zone& zone) {
  std::vector<Schedule> all;
  for (const Gap gap : {Gap::kTransition, Gap::kShift, Gap::kSkip})
    for (const DstOverlap overlap : {DstOverlap::kFirst, DstOverlap::kBoth}) {
      const DstPolicy dst{gap, overlap};
      all.push_back(parse_cron_schedule("0 7/20 * * * ?", zone, dst).value());
      all.push_back(parse_cron_schedule("30 0,59 0-3 * * ?", zone, dst).value());
      all.push_back(parse_cron_schedule("30 2 * * *", zone, dst).value());
      all.push_back(parse_at_schedule("00:00,00:30,01:59:59,02:15", zone, dst).value());
    }
  return all;
}

// What is wrong with the occurrences in (begin, end), or nothing.
std::string fault_of(const Schedule& schedule, TimePoint begin, TimePoint end) {
  std::vector<TimePoint> ahead;
  TimePoint at = begin;
  while ((at = next_due(schedule, at)) < end) {
    if (at <= (ahead.empty() ? begin : ahead.back())) return "stands still or goes back";
    if (next_due(schedule, at - 1us) != at) return "is not there from just before it";
    ahead.push_back(at);
  }
  std::vector<TimePoint> back;
  at = end;
  while ((at = previous_due(schedule, at)) > begin)
    back.push_back(at);
  std::ranges::reverse(back);
  return back == ahead ? "" : "previous walks another way than next";
}

TEST(CronZones, NextNeverStandsStillOrGoesBackAtAnyChange) {
  std::size_t zones = 0;
  std::size_t changes = 0;
  for (const std::string& name : zone_names()) {
    const auto zone = Zone::find(name);
    if (!zone) continue;  // listed, and not installed
    ++zones;
    const std::vector<TimePoint> found = changes_of(*zone);
    if (found.empty()) continue;
    const std::vector<Schedule> schedules = schedules_of(*zone);
    for (const TimePoint change : found) {
      ++changes;
      for (std::size_t i = 0; i < schedules.size(); ++i) {
        const std::string fault = fault_of(schedules[i], change - 3h, change + 3h);
        ASSERT_EQ(fault, "") << name << ", schedule " << i << ", " << zone->to_rfc3339(change);
      }
    }
  }
  EXPECT_GT(zones, 300U) << "the tz database as text is missing or cut short";
  EXPECT_GT(changes, 3000U);
}

}  // namespace
}  // namespace systask::scheduler
