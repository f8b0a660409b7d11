#include "service/config/task_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/log.h"
#include "base/zone.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::TaskChange;
using scheduler::TaskSpec;
using namespace std::chrono_literals;

scheduler::TaskEdition edition_of(const ConfiguredTasks& configured) {
  return {configured.tasks,
          [&configured](const TaskSpec& spec) { return configured.works.of(spec.id); }};
}

Zone zone_of(const TaskChange& change) {
  const auto zone = Zone::find(change.zone);
  return zone ? *zone : Zone::utc();
}

std::string or_default(const std::string& text) { return text.empty() ? "(default)" : text; }

std::string counted(std::int64_t count) {
  return fmt::format("{} occurrence{}", count, count == 1 ? "" : "s");
}

std::string_view name_of(TaskChange::Kind kind) {
  constexpr std::string_view kNames[]{"added", "removed", "changed"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string first_line(const TaskChange& change) {
  constexpr char kMarks[]{'+', '-', '~'};
  std::string line = fmt::format("{} {} ({}): {}", kMarks[static_cast<std::size_t>(change.kind)],
                                 change.task, change.id.value(), name_of(change.kind));
  if (change.kind == TaskChange::Kind::kAdded)
    return line + fmt::format(", {}", counted(change.count_after));
  if (change.kind == TaskChange::Kind::kRemoved)
    return line + fmt::format(", {} vanish", counted(change.count_before));
  if (change.count_before != change.count_after)
    return line +
           fmt::format(", {} instead of {}", counted(change.count_after), change.count_before);
  if (change.other_times)
    return line + fmt::format(", {} as before, at other times", counted(change.count_after));
  return line;
}

json::array times_json(const std::vector<TimePoint>& times, const Zone& zone) {
  json::array all;
  for (const TimePoint at : times)
    all.emplace_back(zone.to_rfc3339(at));
  return all;
}

json::object json_of(const TaskChange& change) {
  const Zone zone = zone_of(change);
  json::array policies;
  for (const auto& [key, before, after] : change.policies)
    policies.push_back(json::object{{"key", key}, {"before", before}, {"after", after}});
  json::array moved;
  for (const auto& [before, after] : change.moved)
    moved.push_back(
        json::object{{"before", zone.to_rfc3339(before)}, {"after", zone.to_rfc3339(after)}});
  return {{"id", change.id.value()},
          {"task", change.task},
          {"change", name_of(change.kind)},
          {"policies", policies},
          {"occurrences_before", change.count_before},
          {"occurrences_after", change.count_after},
          {"listed", change.listed},
          {"other_times", change.other_times},
          {"appear", times_json(change.appear, zone)},
          {"vanish", times_json(change.vanish, zone)},
          {"moved", moved}};
}

struct Totals {
  std::int64_t kinds[3]{};
  std::int64_t appear = 0;
  std::int64_t vanish = 0;
  std::int64_t moved = 0;
};

Totals totals_of(const TaskChanges& changes) {
  Totals totals;
  for (const TaskChange& change : changes.changes) {
    ++totals.kinds[static_cast<std::size_t>(change.kind)];
    totals.moved += static_cast<std::int64_t>(change.moved.size());
    if (change.listed) {
      totals.appear += static_cast<std::int64_t>(change.appear.size());
      totals.vanish += static_cast<std::int64_t>(change.vanish.size());
      continue;
    }
    const std::int64_t more = change.count_after - change.count_before;
    totals.appear += std::max<std::int64_t>(more, 0);
    totals.vanish += std::max<std::int64_t>(-more, 0);
    if (change.other_times) totals.moved += change.count_after;
  }
  return totals;
}

}  // namespace

TaskChanges task_changes(const ConfiguredTasks& before, const ConfiguredTasks& after,
                         TimePoint from, int hours) {
  const scheduler::DiffSpan span{from - 1us, from + std::chrono::hours{hours} - 1us};
  return {span, scheduler::diff_tasks(edition_of(before), edition_of(after), span)};
}

std::vector<std::string> change_lines(const TaskChange& change) {
  const Zone zone = zone_of(change);
  std::vector<std::string> lines{first_line(change)};
  for (const auto& [key, before, after] : change.policies)
    lines.push_back(fmt::format("    {}: {} -> {}", key, or_default(before), or_default(after)));
  for (const TimePoint at : change.vanish)
    lines.push_back(fmt::format("    vanishes  {}", zone.to_rfc3339(at)));
  for (const TimePoint at : change.appear)
    lines.push_back(fmt::format("    appears   {}", zone.to_rfc3339(at)));
  for (const auto& [before, after] : change.moved)
    lines.push_back(
        fmt::format("    moves     {} -> {}", zone.to_rfc3339(before), zone.to_rfc3339(after)));
  return lines;
}

void log_changes(const TaskChanges& changes, std::size_t most) {
  if (changes.changes.empty())
    return log::info("nothing changed in the tasks and the next day's occurrences");
  log::info("the configuration changes tasks and the next day's occurrences",
            {{"changes", change_summary(changes)}});
  std::size_t written = 0;
  for (const TaskChange& change : changes.changes)
    for (const std::string& line : change_lines(change)) {
      if (written++ < most) log::info("changes: " + line);
    }
  if (written > most)
    log::info("there are more changes: `systask diff OLD NEW` shows them all",
              {{"lines", written - most}});
}

std::string change_summary(const TaskChanges& changes) {
  const Totals totals = totals_of(changes);
  return fmt::format(
      "{} task{} added, {} removed, {} changed; occurrences: {} appear, {} vanish, {} moved",
      totals.kinds[0], totals.kinds[0] == 1 ? "" : "s", totals.kinds[1], totals.kinds[2],
      totals.appear, totals.vanish, totals.moved);
}

json::object change_json(const TaskChanges& changes) {
  const Totals totals = totals_of(changes);
  json::array all;
  for (const TaskChange& change : changes.changes)
    all.push_back(json_of(change));
  return {{"from", to_rfc3339(changes.span.after + 1us)},
          {"to", to_rfc3339(changes.span.until + 1us)},
          {"added", totals.kinds[0]},
          {"removed", totals.kinds[1]},
          {"changed", totals.kinds[2]},
          {"appear", totals.appear},
          {"vanish", totals.vanish},
          {"moved", totals.moved},
          {"tasks", all}};
}

}  // namespace systask::service
