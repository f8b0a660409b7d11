#include "scheduler/policies.h"

#include <fmt/format.h>

namespace systask::scheduler {

TimePoint TimeOfDay::on_date_of(TimePoint at) const {
  const auto day = std::chrono::floor<std::chrono::days>(zone.to_local(at));
  return zone.to_instant(LocalTime{day} + time);
}

std::string TimeOfDay::text() const {
  const std::chrono::hh_mm_ss parts{time};
  std::string text = fmt::format("{:02}:{:02}", parts.hours().count(), parts.minutes().count());
  if (parts.seconds().count() == 0) return text;
  return fmt::format("{}:{:02}", text, parts.seconds().count());
}

TimePoint start_of_day(const Zone& zone, TimePoint at) {
  return TimeOfDay{std::chrono::seconds{0}, zone}.on_date_of(at);
}

}  // namespace systask::scheduler
