#include "scheduler/ahead/task_diff.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "scheduler/ahead/policy_text.h"

namespace systask::scheduler {
namespace {

// Beyond so many, occurrences of one task are compared by number alone.
constexpr std::int64_t kMostCompared = 100'000;

bool has_occurrences(const TaskSpec* spec) {
  return spec != nullptr && spec->enabled && !spec->timetable.on_demand() &&
         !std::holds_alternative<Delay>(spec->timetable.schedule());
}

std::int64_t count(const TaskSpec* spec, DiffSpan span) {
  if (!has_occurrences(spec)) return 0;
  return spec->timetable.due_in(span.after, span.until + spec->timetable.jitter()).runnable.count;
}

std::vector<TimePoint> occurrences(const TaskSpec* spec, DiffSpan span) {
  std::vector<TimePoint> times;
  if (!has_occurrences(spec)) return times;
  for (Occurrence next = spec->timetable.next(span.after);
       next.nominal != kNever && next.nominal <= span.until;
       next = spec->timetable.next(next.nominal))
    if (next.refusal.empty()) times.push_back(next.nominal);
  return times;
}

// Without a calendar, the text of a schedule says all about its occurrences.
bool surely_same(const TaskSpec* before, const TaskSpec* after) {
  return before != nullptr && after != nullptr && before->enabled == after->enabled &&
         before->schedule_text == after->schedule_text && !before->timetable.calendar() &&
         !after->timetable.calendar();
}

void compare_times(const TaskSpec* before, const TaskSpec* after, DiffSpan span,
                   TaskChange& change) {
  change.count_before = count(before, span);
  change.count_after = count(after, span);
  const std::int64_t most = std::max(change.count_before, change.count_after);
  change.listed = most <= kMostListed;
  if (surely_same(before, after)) return;
  if (most > kMostCompared) {
    change.other_times =
        before != nullptr && after != nullptr && before->schedule_text != after->schedule_text;
    return;
  }
  const std::vector<TimePoint> was = occurrences(before, span);
  const std::vector<TimePoint> is = occurrences(after, span);
  // Refused ones are no occurrences, and jitter moves none: what was walked through counts.
  change.count_before = static_cast<std::int64_t>(was.size());
  change.count_after = static_cast<std::int64_t>(is.size());
  if (!change.listed) {
    change.other_times = was != is && was.size() == is.size();
    return;
  }
  std::ranges::set_difference(was, is, std::back_inserter(change.vanish));
  std::ranges::set_difference(is, was, std::back_inserter(change.appear));
  if (was.size() != is.size()) return;
  for (std::size_t i = 0; i < change.vanish.size(); ++i)
    change.moved.push_back({change.vanish[i], change.appear[i]});
  change.vanish.clear();
  change.appear.clear();
}

std::map<std::string, std::string> texts_of(const TaskSpec& spec, const TaskEdition& edition) {
  std::map<std::string, std::string> texts = policy_texts(spec);
  if (edition.work) texts["run"] = edition.work(spec);
  return texts;
}

std::vector<TaskChange::Policy> compare_policies(std::map<std::string, std::string> before,
                                                 std::map<std::string, std::string> after) {
  std::vector<TaskChange::Policy> changes;
  for (const auto& [key, text] : after)
    before.try_emplace(key);
  for (const auto& [key, text] : before)
    if (text != after[key]) changes.push_back({key, text, after[key]});
  return changes;
}

}  // namespace

std::vector<TaskChange> diff_tasks(const TaskEdition& before, const TaskEdition& after,
                                   DiffSpan span) {
  std::map<TaskId, std::pair<const TaskSpec*, const TaskSpec*>> both;
  for (const TaskSpec& spec : before.tasks)
    both[spec.id].first = &spec;
  for (const TaskSpec& spec : after.tasks)
    both[spec.id].second = &spec;
  std::vector<TaskChange> changes;
  for (const auto& [id, pair] : both) {
    const auto [was, is] = pair;
    TaskChange change{.id = id, .task = (is != nullptr ? is : was)->name};
    change.zone = (is != nullptr ? is : was)->zone;
    if (was == nullptr) change.kind = TaskChange::Kind::kAdded;
    if (is == nullptr) change.kind = TaskChange::Kind::kRemoved;
    if (was != nullptr && is != nullptr)
      change.policies = compare_policies(texts_of(*was, before), texts_of(*is, after));
    compare_times(was, is, span, change);
    if (change.kind == TaskChange::Kind::kChanged && change.policies.empty() &&
        change.same_occurrences())
      continue;
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace systask::scheduler
