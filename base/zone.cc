#include "base/zone.h"

#include <date/tz.h>
#include <fmt/format.h>

namespace systask {
namespace {

const date::time_zone& tz(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

Zone::Span span_of(const date::sys_info& info) {
  // The database's ends of time do not fit microseconds: clamp them to years 0 and 9999.
  constexpr std::chrono::sys_seconds kFirst =
      std::chrono::sys_days{std::chrono::year{0} / std::chrono::January / 1};
  constexpr std::chrono::sys_seconds kLast =
      std::chrono::sys_days{std::chrono::year{9999} / std::chrono::December / 31};
  return {std::max(info.begin, kFirst), std::min(info.end, kLast), info.offset};
}

}  // namespace

Result<Zone> Zone::find(std::string_view name) {
  try {
    return Zone{date::locate_zone(std::string{name})};
  } catch (const std::runtime_error&) {
    return Refusal{"UNKNOWN_TIME_ZONE",
                   fmt::format("there is no time zone '{}': expected an IANA name such as "
                               "Asia/Shanghai or UTC",
                               name)};
  }
}

Zone Zone::utc() { return Zone{date::locate_zone("UTC")}; }

std::string Zone::name() const { return tz(zone_).name(); }

Zone::Span Zone::span_at(TimePoint at) const {
  return span_of(tz(zone_).get_info(std::chrono::floor<std::chrono::seconds>(at)));
}

Zone::Meaning Zone::meaning_of(LocalTime local) const {
  const date::local_time<Micros> civil{local.time_since_epoch()};
  const date::local_info info = tz(zone_).get_info(std::chrono::floor<std::chrono::seconds>(civil));
  const Kind kind = info.result == date::local_info::unique        ? Kind::kUnique
                    : info.result == date::local_info::nonexistent ? Kind::kGap
                                                                   : Kind::kOverlap;
  if (kind == Kind::kUnique) return {kind, span_of(info.first), span_of(info.first)};
  return {kind, span_of(info.first), span_of(info.second)};
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
