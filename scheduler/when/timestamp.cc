#include "scheduler/when/timestamp.h"

#include <fmt/format.h>

#include <string>

namespace systask::scheduler {

std::optional<LocalTime> civil_time(std::string_view text) {
  constexpr std::size_t kToTheMinute = std::string_view{"2026-05-22T09:25"}.size();
  std::string full{text};
  if (full.size() == kToTheMinute) full += ":00";
  full += 'Z';
  const auto wall = from_rfc3339(full);
  if (!wall) return std::nullopt;
  return LocalTime{wall->time_since_epoch()};
}

Result<Timestamp> parse_timestamp(std::string_view text, const Zone& zone) {
  if (const auto instant = from_rfc3339(text)) return Timestamp{*instant, zone.to_local(*instant)};
  constexpr std::size_t kDateAlone = std::string_view{"2026-05-22"}.size();
  auto civil = civil_time(text);
  if (!civil && text.size() == kDateAlone) civil = civil_time(fmt::format("{}T00:00", text));
  if (civil) return Timestamp{zone.to_instant(*civil), *civil};
  return Refusal{"BAD_TIMESTAMP",
                 fmt::format("'{}' is no date: expected one such as 2026-05-22, or a time of the "
                             "task's zone such as 2026-05-22T09:25, or RFC 3339 with an offset",
                             text)};
}

}  // namespace systask::scheduler
