// A Zone is one time zone of the system's tz database: it turns instants into local
// civil time and back, and says when its offset changes next. Values are cheap to copy,
// immutable, and may be used from any thread. Source of the rules: /usr/share/zoneinfo; after
// the last change a zone's file lists (2037 for most), the rule in the file's last line.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace systask {

// Civil time in some zone: microseconds since 1970-01-01T00:00:00 on the wall.
using LocalTime = std::chrono::local_time<Micros>;

class Zone {
 public:
  // The half-open span [begin, end) of instants during which the offset stays the same,
  // cut to the years 0 to 9999.
  struct Span {
    TimePoint begin;
    TimePoint end;
    std::chrono::seconds offset;
  };
  enum class Kind { kUnique, kGap, kOverlap };
  // What a civil time means: `first` is the span before the change, `second` (only for
  // a gap or an overlap) the one after it.
  struct Meaning {
    Kind kind;
    Span first;
    Span second;
  };

  // The zone of an IANA name ("Asia/Shanghai", "UTC"), or UNKNOWN_TIME_ZONE. Throws where
  // the zone's file is broken.
  static Result<Zone> find(std::string_view name);
  static Zone utc();

  [[nodiscard]] std::string name() const;
  [[nodiscard]] Span span_at(TimePoint at) const;
  [[nodiscard]] Meaning meaning_of(LocalTime local) const;

  [[nodiscard]] LocalTime to_local(TimePoint at) const;
  // The instant of a civil time; in a gap the change itself, in an overlap the first.
  [[nodiscard]] TimePoint to_instant(LocalTime local) const;
  [[nodiscard]] std::string to_rfc3339(TimePoint at) const;

 private:
  struct Entry;
  explicit Zone(const Entry* entry) : entry_(entry) {}
  const Entry* entry_;  // one a name, which lives as long as the process
};

}  // namespace systask
