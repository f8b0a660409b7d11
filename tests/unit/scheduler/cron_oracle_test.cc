// Random expressions against an oracle that knows nothing of masks or jumps: it asks of
// every minute whether the sets that the expression was made from hold it.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "scheduler/when/cron.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::local_seconds;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int roll(int low, int high) { return std::uniform_int_distribution{low, high}(engine_); }

 private:
  std::mt19937 engine_;
};

// A field as text, and the values that the text stands for.
struct Drawn {
  std::string text;
  std::set<int> values;
  bool any = false;  // restricts nothing
};

// An open step ("5/2") goes on to `open_end`.
Drawn draw_item(Dice& dice, int low, int high, int open_end) {
  const int size = high - low + 1;
  const int first = dice.roll(low, high);
  const int step = dice.roll(1, size / 2);
  Drawn item;
  switch (dice.roll(0, 4)) {
    case 0:
      item.text = fmt::format("*/{}", step);
      item.any = step == 1;
      for (int v = low; v <= high; v += step)
        item.values.insert(v);
      break;
    case 1:
      item.text = fmt::format("{}/{}", first, step);
      for (int v = first; v <= open_end; v += step)
        item.values.insert(v);
      break;
    case 2: {  // a range that may wrap, with a step
      const int last = dice.roll(low, high);
      item.text = fmt::format("{}-{}/{}", first, last, step);
      const int end = last < first ? last + size : last;
      for (int v = first; v <= end; v += step)
        item.values.insert((v - low) % size + low);
      break;
    }
    default: item.text = fmt::format("{}", first); item.values.insert(first);
  }
  return item;
}

Drawn draw_field(Dice& dice, int low, int high, int open_end) {
  Drawn field = draw_item(dice, low, high, open_end);
  while (dice.roll(0, 2) == 0) {
    const Drawn more = draw_item(dice, low, high, open_end);
    field.text += "," + more.text;
    field.values.insert(more.values.begin(), more.values.end());
    field.any |= more.any;
  }
  return field;
}

Drawn all(int low, int high) {
  Drawn field{"*", {}, true};
  for (int v = low; v <= high; ++v)
    field.values.insert(v);
  return field;
}

// An expression with second 0, whose sets are known.
struct Expression {
  Drawn minute, hour, day, month, weekday;
  bool unix = false;  // five fields; else 1 = Sunday

  [[nodiscard]] std::string text() const {
    return fmt::format("{}{} {} {} {} {}", unix ? "" : "0 ", minute.text, hour.text, day.text,
                       month.text, weekday.text);
  }
  [[nodiscard]] bool holds_day(local_days at) const {
    const std::chrono::year_month_day date{at};
    const int d = static_cast<int>(static_cast<unsigned>(date.day()));
    const int m = static_cast<int>(static_cast<unsigned>(date.month()));
    const int w = static_cast<int>(std::chrono::weekday{at}.c_encoding()) + (unix ? 0 : 1);
    const bool by_day = day.values.contains(d);
    const bool by_weekday =
        weekday.values.contains(w) || (unix && w == 0 && weekday.values.contains(7));
    const bool both = day.any || weekday.any ||
                      (unix && (day.text.starts_with('*') || weekday.text.starts_with('*')));
    const bool fits = both ? by_day && by_weekday : by_day || by_weekday;
    return fits && month.values.contains(m);
  }
  [[nodiscard]] bool holds_minute(int of_day) const {
    return minute.values.contains(of_day % 60) && hour.values.contains(of_day / 60);
  }
  [[nodiscard]] bool holds(local_seconds time) const {
    const local_days day_of = std::chrono::floor<std::chrono::days>(time);
    const auto second = (time - day_of).count();
    return second % 60 == 0 && holds_minute(static_cast<int>(second / 60)) && holds_day(day_of);
  }
};

Expression draw(Dice& dice, bool any_date) {
  const bool unix = dice.roll(0, 2) == 0;
  const int sunday = unix ? 0 : 1;
  Expression e{draw_field(dice, 0, 59, 59),
               draw_field(dice, 0, 23, 23),
               draw_field(dice, 1, 31, 31),
               dice.roll(0, 2) > 0 || any_date ? all(1, 12) : draw_field(dice, 1, 12, 12),
               draw_field(dice, sunday, sunday + 6, 7),
               unix};
  if (any_date || dice.roll(0, 1) == 0) e.day = all(1, 31);
  if (any_date || dice.roll(0, 1) == 0) e.weekday = all(sunday, sunday + 6);
  return e;
}

TEST(CronOracle, AgreesMinuteByMinuteOnRandomExpressions) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Dice dice{seed};
    const Expression e = draw(dice, false);
    const auto cron = Cron::parse(e.text(), Zone::utc());
    if (cron.has_error()) {
      ASSERT_EQ(cron.error().code, "NEVER_FIRES") << e.text();
      continue;
    }
    const local_days begin =
        local_days{std::chrono::year{2026} / 1 / 1} + std::chrono::days{dice.roll(0, 2000)};
    std::vector<bool> minutes(24 * 60);
    for (int minute = 0; minute < 24 * 60; ++minute)
      minutes[static_cast<std::size_t>(minute)] = e.holds_minute(minute);
    std::optional<local_seconds> next = cron->match_from(begin);
    std::optional<local_seconds> last = cron->match_until(begin - 1s);
    for (local_days day = begin; day < begin + std::chrono::days{40}; day += std::chrono::days{1}) {
      if (!e.holds_day(day)) {
        ASSERT_TRUE(!next || *next >= day + 24h) << "seed " << seed << ": " << e.text();
        continue;
      }
      for (int minute = 0; minute < 24 * 60; ++minute) {
        const local_seconds time = day + std::chrono::minutes{minute};
        if ((next && *next == time) != minutes[static_cast<std::size_t>(minute)])
          FAIL() << "seed " << seed << ": " << e.text();
        if (!minutes[static_cast<std::size_t>(minute)]) continue;
        ASSERT_EQ(cron->match_until(time - 1s), last) << "seed " << seed << ": " << e.text();
        ASSERT_EQ(cron->match_until(time + 59s), time) << "seed " << seed << ": " << e.text();
        last = time;
        next = cron->match_from(time + 1s);
      }
    }
  }
}

// What must fire between two instants in a zone with changes, by walking every minute of
// real time, and every civil minute of a gap.
std::vector<TimePoint> expected_firings(const Expression& e, const Zone& zone, DstPolicy dst,
                                        bool interval, TimePoint begin, TimePoint end) {
  const bool both =
      dst.overlap == DstOverlap::kBoth || (dst.overlap == DstOverlap::kAuto && interval);
  std::set<TimePoint> firings;
  const auto local_at = [&](TimePoint at) {
    return std::chrono::floor<std::chrono::seconds>(zone.to_local(at));
  };
  for (TimePoint at = begin + 1min; at <= end; at += 1min) {
    const local_seconds now = local_at(at);
    const local_seconds before = local_at(at - 1us) + 1s;
    const bool repeated =
        zone.meaning_of(now).kind == Zone::Kind::kOverlap && zone.to_instant(now) != at;
    if (e.holds(now) && (both || !repeated)) firings.insert(at);
    for (local_seconds lost = before; lost < now; lost += 1min) {  // a gap ends here
      if (!e.holds(lost) || dst.gap == Gap::kSkip) continue;
      firings.insert(dst.gap == Gap::kTransition ? at : at + (lost - before));
    }
  }
  std::vector<TimePoint> sorted;
  for (const TimePoint at : firings)
    if (at <= end) sorted.push_back(at);
  return sorted;
}

TEST(CronOracle, AgreesAcrossClockChanges) {
  constexpr Gap kGaps[] = {Gap::kTransition, Gap::kShift, Gap::kSkip};
  constexpr DstOverlap kOverlaps[] = {DstOverlap::kAuto, DstOverlap::kFirst, DstOverlap::kBoth};
  for (const char* name :
       {"America/New_York", "Australia/Lord_Howe", "America/Santiago", "Europe/London",
        "Asia/Shanghai", "Africa/Casablanca", "Asia/Beirut", "Africa/Cairo"}) {
    const Zone zone = Zone::find(name).value();
    TimePoint change = from_rfc3339("2025-01-01T00:00:00Z").value();
    for (unsigned seed = 1; seed <= 40; ++seed) {
      Dice dice{seed};
      const Expression e = draw(dice, true);
      const DstPolicy dst{kGaps[dice.roll(0, 2)], kOverlaps[dice.roll(0, 2)]};
      const Cron cron = Cron::parse(e.text(), zone, dst).value();
      const Zone::Span span = zone.span_at(change);
      change = span.end < from_rfc3339("2030-01-01T00:00:00Z").value() ? span.end : change;
      const TimePoint begin = change - 36h;
      const TimePoint end = change + 36h;
      std::vector<TimePoint> found;
      for (TimePoint at = cron.next(begin); at <= end; at = cron.next(at))
        found.push_back(at);
      EXPECT_EQ(found, expected_firings(e, zone, dst, cron.interval(), begin, end))
          << name << " seed " << seed << ": " << e.text() << " at " << zone.to_rfc3339(change);
      std::vector<TimePoint> backwards;
      for (TimePoint at = cron.previous(end + 1us); at > begin; at = cron.previous(at))
        backwards.insert(backwards.begin(), at);
      EXPECT_EQ(backwards, found) << name << " seed " << seed << ": " << e.text() << " at "
                                  << zone.to_rfc3339(change);
    }
  }
}

TEST(CronOracle, NeverStandsStillWhateverTheStart) {
  const Zone zone = Zone::find("America/New_York").value();
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Dice dice{seed};
    const Expression e = draw(dice, false);
    const auto cron = Cron::parse(e.text(), zone);
    if (cron.has_error()) continue;
    TimePoint at = from_rfc3339("1969-06-01T00:00:00Z").value() + std::chrono::days{seed * 300};
    for (int i = 0; i < 200; ++i) {
      const TimePoint next = cron->next(at);
      ASSERT_GT(next, at) << e.text();
      if (next == TimePoint::max()) break;
      ASSERT_EQ(cron->next(next - 1us), next) << e.text();
      ASSERT_LE(cron->previous(next), at + 1us) << e.text();
      ASSERT_EQ(cron->previous(next + 1us), next) << e.text();
      at = next;
    }
  }
}

}  // namespace
}  // namespace systask::scheduler
