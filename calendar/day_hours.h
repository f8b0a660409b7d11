// The hours of a business day as a calendar writes them down: on the wall, seen from the
// business date. Plain values.
#pragma once

#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace systask {

// A time on the wall: so long after midnight of the business date or, where
// `previous_business_day`, of the business day before it. May be negative (the evening
// before) or beyond a day (after midnight).
struct Moment {
  bool previous_business_day = false;
  std::chrono::seconds offset{};

  friend bool operator==(const Moment&, const Moment&) = default;
  friend std::strong_ordering operator<=>(const Moment& a, const Moment& b) {
    if (a.previous_business_day != b.previous_business_day)
      return b.previous_business_day <=> a.previous_business_day;
    return a.offset.count() <=> b.offset.count();
  }
};

// Half-open: a part ends at the instant at which it no longer is.
struct HoursPart {
  Moment begin;
  Moment end;

  friend bool operator==(const HoursPart&, const HoursPart&) = default;
};

// The session that has no name of its own.
inline constexpr const char* kDaySession = "day";

// A session is one or more parts, with breaks between them.
struct SessionHours {
  std::string name = kDaySession;
  std::vector<HoursPart> parts;

  friend bool operator==(const SessionHours&, const SessionHours&) = default;
};

// No session at all: a business day whose hours come from elsewhere, or that has none.
using DayHours = std::vector<SessionHours>;

// What is different about one session on a date, in this order: its hours as a whole, then
// its opening, its close, its breaks.
struct SessionChange {
  std::optional<std::vector<HoursPart>> hours;
  std::optional<Moment> open;
  std::optional<Moment> close;
  bool no_break = false;
  bool none = false;  // the session does not take place

  friend bool operator==(const SessionChange&, const SessionChange&) = default;
};

// What a calendar says of one date, beside its week.
struct DayEntry {
  enum class Kind { kClosed, kOpen, kAsWeekday, kChanged };
  Kind kind = Kind::kClosed;
  unsigned weekday = 0;                          // of kAsWeekday: 0 = Sunday
  std::map<std::string, SessionChange> changes;  // of kChanged, by session
  bool where_open = false;                       // of a range: only days that the week has open

  friend bool operator==(const DayEntry&, const DayEntry&) = default;
};

// The parts with the change made; empty where nothing is left, or there was nothing to
// change. A part that ends by a new opening, or begins at or after a new close, falls away;
// the first, or the last, that is left reaches to it.
[[nodiscard]] std::vector<HoursPart> changed(std::vector<HoursPart> parts,
                                             const SessionChange& change);

}  // namespace systask
