#include "service/api/task_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scheduler/engine/engine.h"

namespace systask::service {
namespace {

using scheduler::TaskDefinition;
using scheduler::TaskId;
using scheduler::TaskSpec;

// So many tasks that left are known by name at most.
constexpr std::size_t kMostGone = 10'000;
constexpr Micros kFrequent = std::chrono::minutes{1};

bool is_frequent(const TaskSpec& spec, TimePoint now) {
  const scheduler::Schedule& schedule = spec.timetable.schedule();
  if (const auto* every = std::get_if<scheduler::Every>(&schedule))
    return every->period() <= kFrequent;
  if (const auto* delay = std::get_if<scheduler::Delay>(&schedule))
    return delay->period() <= kFrequent;
  // Two times that follow one another may be those around a night.
  TimePoint last = now;
  for (int i = 0; i < 3; ++i) {
    const TimePoint next = spec.timetable.next(last).nominal;
    if (next == scheduler::kNever) return false;
    if (i > 0 && next - last <= kFrequent) return true;
    last = next;
  }
  return false;
}

}  // namespace

bool fits(std::string_view name, std::string_view pattern) {
  // Where the last '*' was met, what it stands for grows until the rest fits.
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  std::size_t p = 0;
  while (at < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = at;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[at])) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || last != end) return std::nullopt;
  return number;
}

TaskNames::TaskNames(const ApiParts& parts)
    : specs_(parts.engine.specs()), gone_(parts.history.former_tasks(kMostGone)) {}

const TaskSpec* TaskNames::registered(TaskId task) const {
  const auto at =
      std::ranges::lower_bound(specs_, task, {}, [](const auto& spec) { return spec->id; });
  return at == specs_.end() || (*at)->id != task ? nullptr : at->get();
}

std::string TaskNames::name_of(TaskId task) const {
  if (const TaskSpec* spec = registered(task)) return spec->name;
  const TaskDefinition* last = gone(task);
  return last != nullptr ? last->name : fmt::format("{}", task.value());
}

const TaskDefinition* TaskNames::gone(TaskId task) const {
  const auto at = std::ranges::lower_bound(gone_, task, {}, &TaskDefinition::id);
  return at == gone_.end() || at->id != task ? nullptr : &*at;
}

bool TaskNames::is_gone(TaskId task) const { return registered(task) == nullptr; }

Result<std::vector<TaskId>> TaskNames::find(const std::string& text) const {
  std::vector<TaskId> found;
  const std::optional<std::int64_t> number = number_in(text);
  const auto look = [&](TaskId id, std::string_view name) {
    if (fits(name, text) || number == id.value()) found.push_back(id);
  };
  for (const auto& spec : specs_)
    look(spec->id, spec->name);
  for (const TaskDefinition& task : gone_)
    if (is_gone(task.id)) look(task.id, task.name);
  // A task that left before names were kept has its number.
  if (found.empty() && number) found.emplace_back(*number);
  if (found.empty())
    return Refusal{"UNKNOWN_TASK", fmt::format("no task is named '{}', and no name fits it: give a "
                                               "name, a number or a pattern such as 'watch-*'; "
                                               "`systask tasks` names them all",
                                               text)};
  std::ranges::sort(found);
  return found;
}

std::vector<TaskId> TaskNames::frequent(TimePoint now) const {
  std::vector<TaskId> found;
  for (const auto& spec : specs_)
    if (is_frequent(*spec, now)) found.push_back(spec->id);
  for (const TaskDefinition& task : gone_)
    if (is_gone(task.id)) found.push_back(task.id);
  return found;
}

std::vector<TaskId> TaskNames::rare(TimePoint now) const {
  std::vector<TaskId> found;
  for (const auto& spec : specs_)
    if (!is_frequent(*spec, now)) found.push_back(spec->id);
  return found;
}

}  // namespace systask::service
