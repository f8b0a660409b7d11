// Finds the next, or the last, instant at which a rule on civil time fires in a zone, clock
// changes included. Shared by every schedule that is written in local time.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "calendar/zone_table.h"
#include "scheduler/when/dst.h"

namespace systask::scheduler {

inline std::chrono::local_seconds civil(std::chrono::sys_seconds at, std::chrono::seconds offset) {
  return std::chrono::local_seconds{at.time_since_epoch() + offset};
}

// One search; made for one question and dropped. `rule.match_from(local)` and
// `rule.match_until(local)` are the nearest civil second at or after, at or before `local`
// that fits, or nothing. `repeats`: it fires in both halves of a doubled hour.
//
// The search walks the spans of constant offset. In each, civil times that fit lie in
// the span itself, and before it, if the clocks went forward, in the gap.
template <class Rule>
class CivilSearch {
 public:
  CivilSearch(const Rule& rule, const ZoneTable& zone, Gap gap, bool repeats)
      : rule_(rule), zone_(zone), gap_(gap), repeats_(repeats) {}

  // Strictly after `after`, or TimePoint::max().
  [[nodiscard]] TimePoint next(TimePoint after) const {
    if (after >= kLatest) return TimePoint::max();
    after = std::max(after, kEarliest);
    const Instant from = std::chrono::floor<std::chrono::seconds>(after) + kSecond;
    // A span in which nothing is left to match may still be repeated in part by the next.
    int exhausted = 0;
    for (std::size_t index = zone_.index_at(after); index < zone_.size() && exhausted < 2;
         ++index) {
      exhausted_ = false;
      const TimePoint found = next_in(index, from);
      if (found != TimePoint::max()) return found;
      exhausted += exhausted_ ? 1 : 0;
    }
    return TimePoint::max();
  }

  // Strictly before `before`, or TimePoint::min().
  [[nodiscard]] TimePoint previous(TimePoint before) const {
    if (before <= kEarliest) return TimePoint::min();
    before = std::min(before, kLatest);
    const Instant until = std::chrono::ceil<std::chrono::seconds>(before) - kSecond;
    int exhausted = 0;
    for (std::size_t index = zone_.index_at(until) + 1; index-- > 0 && exhausted < 2;) {
      exhausted_ = false;
      const TimePoint found = previous_in(index, until);
      if (found != TimePoint::min()) return found;
      exhausted += exhausted_ ? 1 : 0;
    }
    return TimePoint::min();
  }

 private:
  using Local = std::chrono::local_seconds;
  using Instant = std::chrono::sys_seconds;

  static constexpr std::chrono::seconds kSecond{1};
  // Nothing is looked for outside these: the years for which there is a way to write a time.
  static constexpr TimePoint kEarliest = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
  static constexpr TimePoint kLatest = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};

  static Instant seconds(TimePoint at) { return std::chrono::floor<std::chrono::seconds>(at); }

  // The first firing of this span at or after `from`.
  TimePoint next_in(std::size_t index, Instant from) const {
    const Zone::Span& span = zone_.span(index);
    const Instant begin = seconds(span.begin);
    const bool last = index + 1 == zone_.size();
    Local low = civil(index > 0 ? std::max(from, begin) : from, span.offset);
    TimePoint best = TimePoint::max();
    if (index > 0) {
      const std::chrono::seconds before = zone_.span(index - 1).offset;
      if (before < span.offset)
        best = next_of_gap(begin, before, span.offset, from);
      else if (!repeats_)
        low = std::max(low, civil(begin, before));
    }
    const std::optional<Local> match = first_match(low);
    if (!match) {
      exhausted_ = true;
      return best;
    }
    const Instant at{match->time_since_epoch() - span.offset};
    return at < seconds(span.end) || last ? std::min<TimePoint>(best, at) : best;
  }

  // The last firing of this span at or before `until`.
  TimePoint previous_in(std::size_t index, Instant until) const {
    const Zone::Span& span = zone_.span(index);
    const Instant begin = seconds(span.begin);
    const bool last = index + 1 == zone_.size();
    const Instant high = last ? until : std::min(until, seconds(span.end) - kSecond);
    // The span before its gap: the search for the one then answers for the other.
    const std::optional<Local> match = last_match(civil(high, span.offset));
    exhausted_ = !match;
    TimePoint best = TimePoint::min();
    Local low = index > 0 ? civil(begin, span.offset) : Local::min();
    if (index > 0) {
      const std::chrono::seconds before = zone_.span(index - 1).offset;
      if (before < span.offset)
        best = previous_of_gap(begin, before, span.offset, until);
      else if (!repeats_)
        low = std::max(low, civil(begin, before));
    }
    if (!match || *match < low) return best;
    return std::max<TimePoint>(best, Instant{match->time_since_epoch() - span.offset});
  }

  // The gap before `begin` holds the civil times [begin + before, begin + offset).
  TimePoint next_of_gap(Instant begin, std::chrono::seconds before, std::chrono::seconds offset,
                        Instant from) const {
    if (gap_ == Gap::kSkip) return TimePoint::max();
    if (gap_ == Gap::kTransition && from > begin) return TimePoint::max();
    if (from >= begin + (offset - before)) return TimePoint::max();
    const std::optional<Local> match = first_match(civil(std::max(from, begin), before));
    if (!match || *match >= civil(begin, offset)) return TimePoint::max();
    if (gap_ == Gap::kTransition) return begin;
    return Instant{match->time_since_epoch() - before};
  }

  TimePoint previous_of_gap(Instant begin, std::chrono::seconds before, std::chrono::seconds offset,
                            Instant until) const {
    if (gap_ == Gap::kSkip || until < begin) return TimePoint::min();
    const Instant end = begin + (offset - before) - kSecond;  // the gap's last, shifted
    const Instant high = gap_ == Gap::kTransition ? end : std::min(until, end);
    const std::optional<Local> match = last_match(civil(high, before));
    if (!match || *match < civil(begin, before)) return TimePoint::min();
    if (gap_ == Gap::kTransition) return begin;
    return Instant{match->time_since_epoch() - before};
  }

  // A match beyond a span's end is often the next span's too: do not search it again.
  std::optional<Local> first_match(Local low) const {
    if (known_ && known_from_ <= low && low <= *known_) return known_;
    known_from_ = low;
    known_ = rule_.match_from(low);
    return known_;
  }
  std::optional<Local> last_match(Local high) const {
    if (known_ && known_from_ >= high && high >= *known_) return known_;
    known_from_ = high;
    known_ = rule_.match_until(high);
    return known_;
  }

  const Rule& rule_;
  const ZoneTable& zone_;
  Gap gap_;
  bool repeats_;
  mutable bool exhausted_ = false;
  mutable Local known_from_{};  // where the search for known_ began
  mutable std::optional<Local> known_;
};

}  // namespace systask::scheduler
