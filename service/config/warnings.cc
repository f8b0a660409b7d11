#include "service/config/warnings.h"

#include <algorithm>

#include "base/log.h"

namespace systask::service {
namespace {

void add_ends_of_calendars(const Config& config, TimePoint now, std::vector<Mistake>& into) {
  for (const auto& [name, each] : config.calendars)
    if (const auto ends = each.calendar->edition()->ends_soon(now))
      into.push_back({{}, "calendars." + name, *ends, {}});
}

}  // namespace

std::vector<Mistake> warnings_of(const Config& config, TimePoint now) {
  std::vector<Mistake> all = config.warnings;
  add_ends_of_calendars(config, now, all);
  std::ranges::sort(all);
  return all;
}

void log_warnings(const Config& config, TimePoint) {
  for (const Mistake& warning : config.warnings)
    log::warn("the configuration says something that is probably not meant",
              {{"warning", to_text(config.file, warning)}});
}

}  // namespace systask::service
