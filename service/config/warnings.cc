#include "service/config/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"

namespace systask::service {
namespace {

void add_ends_of_calendars(const Config& config, TimePoint now, std::vector<Mistake>& into) {
  for (const auto& [name, each] : config.calendars)
    if (const auto ends = each.calendar->edition()->ends_soon(now))
      into.push_back({{}, "calendars." + name, *ends, {}});
}

// Single times that are over, and years of which none is left.
void look_at_past(const DatedSchedule& dated, TimePoint now, Complaints& into) {
  const TimePoint last = scheduler::previous_due(*dated.schedule, now + Micros{1});
  const bool over = scheduler::next_due(*dated.schedule, now) == scheduler::kNever;
  const auto* times = std::get_if<scheduler::Once>(&*dated.schedule);
  if (last == scheduler::kNeverBefore) return;
  if (over)
    return into.warn(dated.place, dated.key, dated.text,
                     fmt::format("its last occurrence, {}, lies in the past: the task is not due "
                                 "again",
                                 to_rfc3339(last)),
                     "name a later time or year, or take the task out");
  if (times == nullptr) return;
  const auto past =
      std::ranges::count_if(times->instants(), [now](TimePoint at) { return at <= now; });
  into.warn(dated.place, dated.key, dated.text,
            fmt::format("{} of its {} times, up to {}, lie in the past", past,
                        times->instants().size(), to_rfc3339(last)),
            "take them out");
}

std::vector<Mistake> past_schedules(const Config& config, TimePoint now) {
  Complaints found;
  for (const DatedSchedule& dated : config.dated)
    look_at_past(dated, now, found);
  return found.take();
}

std::vector<Mistake> known_warnings(const Config& config, TimePoint now) {
  std::vector<Mistake> all = config.warnings;
  std::ranges::move(past_schedules(config, now), std::back_inserter(all));
  std::ranges::sort(all);
  return all;
}

}  // namespace

std::vector<Mistake> warnings_of(const Config& config, TimePoint now) {
  std::vector<Mistake> all = known_warnings(config, now);
  add_ends_of_calendars(config, now, all);
  std::ranges::sort(all);
  return all;
}

void log_warnings(const Config& config, TimePoint now) {
  for (const Mistake& warning : known_warnings(config, now))
    log::warn("the configuration says something that is probably not meant",
              {{"warning", to_text(config.file, warning)}});
}

}  // namespace systask::service
