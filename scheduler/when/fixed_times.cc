#include "scheduler/when/fixed_times.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/civil_search.h"

namespace systask::scheduler {
namespace {

Refusal bad_times(std::string_view text) {
  return {"BAD_TIME_OF_DAY",
          fmt::format("'{}' is not a time of day: expected HH:MM or HH:MM:SS from 00:00 to "
                      "23:59:59, several separated by commas",
                      text)};
}

// Two digits at `text[at]`, up to `max`; -1 where they are not.
int two_digits(std::string_view text, std::size_t at, int max) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (at + 2 > text.size() || !digit(text[at]) || !digit(text[at + 1])) return -1;
  const int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value <= max ? value : -1;
}

Result<std::chrono::seconds> parse_time(std::string_view text) {
  const bool with_seconds = text.size() == 8;
  if ((text.size() != 5 && !with_seconds) || text[2] != ':') return bad_times(text);
  if (with_seconds && text[5] != ':') return bad_times(text);
  const int hour = two_digits(text, 0, 23);
  const int minute = two_digits(text, 3, 59);
  const int second = with_seconds ? two_digits(text, 6, 59) : 0;
  if (hour < 0 || minute < 0 || second < 0) return bad_times(text);
  return std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
}

}  // namespace

FixedTimes::FixedTimes(std::vector<std::chrono::seconds> times, const ZoneTable& zone,
                       DstPolicy dst)
    : times_(std::move(times)), zone_(&zone), dst_(dst) {}

Result<FixedTimes> FixedTimes::parse(std::string_view text, const Zone& zone, DstPolicy dst) {
  std::vector<std::chrono::seconds> times;
  constexpr std::string_view kBetween = ", \t";
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t begin = rest.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) break;
    rest.remove_prefix(begin);
    const std::size_t end = std::min(rest.find_first_of(kBetween), rest.size());
    const Result<std::chrono::seconds> time = parse_time(rest.substr(0, end));
    if (!time) return time.error();
    times.push_back(*time);
    rest.remove_prefix(end);
  }
  if (times.empty()) return bad_times(text);
  std::ranges::sort(times);
  times.erase(std::ranges::unique(times).begin(), times.end());
  return FixedTimes{std::move(times), ZoneTable::of(zone), dst};
}

TimePoint FixedTimes::next(TimePoint after) const {
  const bool repeats = dst_.overlap == DstOverlap::kBoth;
  return CivilSearch{*this, *zone_, dst_.gap, repeats}.next(after);
}

TimePoint FixedTimes::previous(TimePoint before) const {
  const bool repeats = dst_.overlap == DstOverlap::kBoth;
  return CivilSearch{*this, *zone_, dst_.gap, repeats}.previous(before);
}

std::optional<std::chrono::local_seconds> FixedTimes::match_from(
    std::chrono::local_seconds from) const {
  const auto day = std::chrono::floor<std::chrono::days>(from);
  const auto found = std::ranges::lower_bound(times_, from - day);
  if (found != times_.end()) return day + *found;
  return day + std::chrono::days{1} + times_.front();
}

std::optional<std::chrono::local_seconds> FixedTimes::match_until(
    std::chrono::local_seconds until) const {
  const auto day = std::chrono::floor<std::chrono::days>(until);
  const auto found = std::ranges::upper_bound(times_, until - day);
  if (found != times_.begin()) return day + *std::prev(found);
  return day - std::chrono::days{1} + times_.back();
}

}  // namespace systask::scheduler
