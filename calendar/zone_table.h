// A ZoneTable is the offsets of one time zone from 1900 to 2300 as a flat table, so that
// a schedule asks for an offset in nanoseconds, and not the time zone library each time.
//
// of() may be called from any thread; it builds a table once per zone name and keeps it
// for the life of the process. A table never changes after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/zone.h"

namespace systask {

class ZoneTable {
 public:
  static const ZoneTable& of(const Zone& zone);

  explicit ZoneTable(const Zone& zone);

  [[nodiscard]] const Zone& zone() const { return zone_; }
  // The number of the span that holds the instant; instants outside the table belong to
  // its first or last span.
  [[nodiscard]] std::size_t index_at(TimePoint at) const;
  [[nodiscard]] const Zone::Span& span(std::size_t index) const { return spans_[index]; }
  [[nodiscard]] std::size_t size() const { return spans_.size(); }

 private:
  Zone zone_;
  std::vector<Zone::Span> spans_;
  std::vector<std::uint32_t> buckets_;  // the span at the start of each bucket of time
};

}  // namespace systask
