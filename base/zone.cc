#include "base/zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "base/guarded.h"
#include "base/posix_zone.h"

namespace systask {

struct Zone::Entry {
  const date::time_zone* listed;  // the changes the file lists
  std::optional<PosixZone> rule;  // what holds after the last of them
};

namespace {

// The database's ends of time do not fit microseconds: clamp them to years 0 and 9999.
constexpr std::chrono::sys_seconds kFirst =
    std::chrono::sys_days{std::chrono::year{0} / std::chrono::January / 1};
constexpr std::chrono::sys_seconds kLast =
    std::chrono::sys_days{std::chrono::year{9999} / std::chrono::December / 31};

// Where the date library looks too. TZDIR is not asked, because the library does not: the
// changes and the rule after them must come from the same file.
constexpr std::string_view kDatabase = "/usr/share/zoneinfo/";

// A file of version 2 or later ends in a line of its own with the rule; the line is empty
// where no rule is known, and a file of version 1 has none.
std::string_view footer_of(std::string_view file) {
  constexpr std::size_t kVersionAt = 4;
  if (!file.starts_with("TZif") || !file.ends_with('\n') || file[kVersionAt] < '2') return {};
  file.remove_suffix(1);
  const std::size_t start = file.rfind('\n');
  return start == std::string_view::npos ? std::string_view{} : file.substr(start + 1);
}

std::optional<PosixZone> rule_of(std::string_view name) {
  const std::string path = std::string{kDatabase}.append(name);
  std::ifstream in{path, std::ios::binary};
  const std::string file{std::istreambuf_iterator<char>{in}, {}};
  if (!in)
    throw std::runtime_error(
        fmt::format("the time zone file {} cannot be read: reinstall the package tzdata", path));
  const std::string_view footer = footer_of(file);
  if (footer.empty()) return std::nullopt;
  std::optional<PosixZone> rule = PosixZone::parse(footer);
  if (!rule)
    throw std::runtime_error(fmt::format(
        "the time zone file {} ends in '{}', which is no rule for the clock changes to come: "
        "reinstall the package tzdata",
        path, footer));
  return rule;
}

}  // namespace

Result<Zone> Zone::find(std::string_view name) {
  using Entries = std::map<std::string, std::unique_ptr<const Entry>, std::less<>>;
  static Guarded<Entries> entries;
  const Entry* known = entries.with([name](const Entries& all) {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second.get();
  });
  if (known != nullptr) return Zone{known};

  const date::time_zone* listed = nullptr;
  try {
    listed = date::locate_zone(std::string{name});
  } catch (const std::runtime_error&) {
    return Refusal{"UNKNOWN_TIME_ZONE",
                   fmt::format("there is no time zone '{}': expected an IANA name such as "
                               "Asia/Shanghai or UTC",
                               name)};
  }
  auto entry = std::make_unique<const Entry>(Entry{listed, rule_of(listed->name())});
  // Of two threads that came here together, the first one's entry is everyone's.
  return Zone{entries.with([&](Entries& all) {
    return all.try_emplace(std::string{name}, std::move(entry)).first->second.get();
  })};
}

Zone Zone::utc() {
  static const Zone utc = find("UTC").value();
  return utc;
}

std::string Zone::name() const { return entry_->listed->name(); }

Zone::Span Zone::span_at(TimePoint at) const {
  const auto info = entry_->listed->get_info(std::chrono::floor<std::chrono::seconds>(at));
  const Span span{std::max(info.begin, kFirst), std::min(info.end, kLast), info.offset};
  if (span.end < kLast || !entry_->rule) return span;
  return entry_->rule->part_of(span, at);
}

// The spans are walked along the wall, from one that has begun there for certain.
Zone::Meaning Zone::meaning_of(LocalTime local) const {
  constexpr Micros kMostOffset = std::chrono::days{1};  // no offset has ever been as large
  const TimePoint wall{local.time_since_epoch()};
  Span span = span_at(std::clamp<TimePoint>(wall, kFirst + kMostOffset, kLast) - kMostOffset);
  while (span.end < kLast && wall >= span.end + span.offset) {
    const Span next = span_at(span.end);
    if (wall < next.begin + next.offset) return {Kind::kGap, span, next};
    span = next;
  }
  if (span.end < kLast && wall >= span.end - kMostOffset) {
    const Span next = span_at(span.end);
    if (wall >= next.begin + next.offset) return {Kind::kOverlap, span, next};
  }
  return {Kind::kUnique, span, span};
}

LocalTime Zone::to_local(TimePoint at) const {
  return LocalTime{at.time_since_epoch() + span_at(at).offset};
}

TimePoint Zone::to_instant(LocalTime local) const {
  const Meaning meaning = meaning_of(local);
  if (meaning.kind == Kind::kGap) return meaning.second.begin;
  return TimePoint{local.time_since_epoch() - meaning.first.offset};
}

std::string Zone::to_rfc3339(TimePoint at) const {
  return systask::to_rfc3339(at, span_at(at).offset);
}

}  // namespace systask
