#include "calendar/zone_table.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/guarded.h"

namespace systask {
namespace {

constexpr TimePoint kBegin =
    std::chrono::sys_days{std::chrono::year{1900} / std::chrono::January / 1};
constexpr TimePoint kEnd =
    std::chrono::sys_days{std::chrono::year{2300} / std::chrono::January / 1};
// Zones change twice a year at most, so that a bucket of 45 days rarely holds a change.
constexpr Micros kBucket = std::chrono::days{45};

}  // namespace

const ZoneTable& ZoneTable::of(const Zone& zone) {
  using Tables = std::map<std::string, std::unique_ptr<const ZoneTable>>;
  static Guarded<Tables> tables;
  return tables.with([&](Tables& known) -> const ZoneTable& {
    std::unique_ptr<const ZoneTable>& table = known[zone.name()];
    if (!table) table = std::make_unique<const ZoneTable>(zone);
    return *table;
  });
}

ZoneTable::ZoneTable(const Zone& zone) : zone_(zone) {
  for (TimePoint at = kBegin; at < kEnd; at = spans_.back().end) {
    const Zone::Span span = zone.span_at(at);
    // A change of name or of the DST flag alone is not a change of the offset.
    if (!spans_.empty() && spans_.back().offset == span.offset)
      spans_.back().end = span.end;
    else
      spans_.push_back(span);
  }
  std::uint32_t index = 0;
  for (TimePoint at = kBegin; at < kEnd; at += kBucket) {
    while (index + 1 < spans_.size() && spans_[index].end <= at)
      ++index;
    buckets_.push_back(index);
  }
}

std::size_t ZoneTable::index_at(TimePoint at) const {
  const std::int64_t bucket = std::clamp<std::int64_t>(
      (at - kBegin) / kBucket, 0, static_cast<std::int64_t>(buckets_.size()) - 1);
  std::size_t index = buckets_[static_cast<std::size_t>(bucket)];
  while (index + 1 < spans_.size() && spans_[index].end <= at)
    ++index;
  return index;
}

}  // namespace systask
