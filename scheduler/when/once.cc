#include "scheduler/when/once.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/timestamp.h"

namespace systask::scheduler {
namespace {

Refusal bad_timestamp(std::string_view text) {
  return {"BAD_TIMESTAMP",
          fmt::format("'{}' is no date and time: expected RFC 3339 with an offset, such as "
                      "2026-05-22T09:25:00+08:00, or without one the time of the task's zone, "
                      "such as 2026-05-22T09:25; several separated by commas",
                      text)};
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Adds the instants that one timestamp stands for.
Result<void> add_instants(std::string_view text, const Zone& zone, DstPolicy dst,
                          std::vector<TimePoint>& instants) {
  if (const auto instant = from_rfc3339(text)) {
    instants.push_back(*instant);
    return {};
  }
  const auto civil = civil_time(text);
  if (!civil) return bad_timestamp(text);
  const Zone::Meaning meaning = zone.meaning_of(*civil);
  // Before a gap's clocks were put forward, the shifted time would have been this one.
  const TimePoint by_first{civil->time_since_epoch() - meaning.first.offset};
  if (meaning.kind != Zone::Kind::kGap) {
    instants.push_back(by_first);
    if (meaning.kind == Zone::Kind::kOverlap && dst.overlap == DstOverlap::kBoth)
      instants.emplace_back(civil->time_since_epoch() - meaning.second.offset);
    return {};
  }
  if (dst.gap == Gap::kSkip)
    return Refusal{"BAD_TIMESTAMP",
                   fmt::format("'{}' does not exist in {}, whose clocks skip it, and with dst gap "
                               "skip it would never fire: name another time, or another gap",
                               text, zone.name())};
  instants.push_back(dst.gap == Gap::kTransition ? meaning.second.begin : by_first);
  return {};
}

}  // namespace

Result<Once> Once::parse(std::string_view text, const Zone& zone, DstPolicy dst) {
  std::vector<TimePoint> instants;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const Result<void> added =
        add_instants(without_blanks(rest.substr(0, comma)), zone, dst, instants);
    if (!added) return added.error();
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  std::ranges::sort(instants);
  instants.erase(std::ranges::unique(instants).begin(), instants.end());
  return Once{std::move(instants)};
}

TimePoint Once::next(TimePoint after) const {
  const auto found = std::ranges::upper_bound(instants_, after);
  return found == instants_.end() ? TimePoint::max() : *found;
}

TimePoint Once::previous(TimePoint before) const {
  const auto found = std::ranges::lower_bound(instants_, before);
  return found == instants_.begin() ? TimePoint::min() : *std::prev(found);
}

}  // namespace systask::scheduler
