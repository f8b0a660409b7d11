// Questions about tasks and occurrences.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scheduler/engine/engine_impl.h"
#include "scheduler/engine/forecast.h"

namespace systask::scheduler {
namespace {

TaskStatus status_of(State& state, const Entry& entry, TimePoint now, MonotonicPoint monotonic) {
  const Busy& busy = entry.runs();
  TaskStatus status{.spec = entry.spec,
                    .watermark = entry.watermark,
                    .next_due = entry.next_due,
                    .running = !busy.running.empty(),
                    .runs = busy.running.size(),
                    .waiting = busy.waiting.size(),
                    .once_more = !busy.waiting.empty()};
  if (entry.has_holds) {
    status.holds = state.holds.of(*entry.spec);
    if (const Hold* pause = state.holds.pause_of(Target::task(entry.spec->name)))
      status.pause = Pause{pause->reason, pause->actor, pause->made_at};
  }
  if (status.running) {
    const Run& first = *busy.running.front();
    if (first.row.started_at)  // by the wall clock as it goes now
      status.running_since = now - std::chrono::duration_cast<Micros>(monotonic - first.begun_at);
    status.running_id = first.row.id;
  }
  if (busy.held) status.held_id = busy.held->row.id;
  if (!busy.retrying.empty()) {
    const RunPtr& run = busy.retrying.front();
    status.retry_id = run->row.id;
    status.retry_at = now + std::chrono::ceil<Micros>(run->retry_at - monotonic);
  }
  if (entry.last) status.last = entry.last.row(entry.spec->id);
  if (const Failure* failure = state.failures.find(entry.spec->id)) status.failure = *failure;
  return status;
}

}  // namespace

std::vector<TaskStatus> Engine::Impl::tasks() {
  const TimePoint now = parts_.clock.now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  std::vector<TaskStatus> all;
  state_.with([&](State& state) {
    all.reserve(state.tasks.all().size());
    for (const Entry& entry : state.tasks.all())
      all.push_back(status_of(state, entry, now, monotonic));
  });
  const StepTable steps = steps_today();
  if (steps.empty()) return all;
  for (TaskStatus& status : all)
    status.today = step_of(steps, status.spec->name);
  return all;
}

std::vector<std::shared_ptr<const TaskSpec>> Engine::Impl::specs() {
  return state_.with([](State& state) {
    std::vector<std::shared_ptr<const TaskSpec>> all;
    all.reserve(state.tasks.all().size());
    for (const Entry& entry : state.tasks.all())
      all.push_back(entry.spec);
    return all;
  });
}

std::optional<TaskStatus> Engine::Impl::task(std::string_view name) {
  const TimePoint now = parts_.clock.now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  auto status = state_.with([&](State& state) -> std::optional<TaskStatus> {
    const Entry* entry = state.tasks.find(name);
    if (entry == nullptr) return std::nullopt;
    return status_of(state, *entry, now, monotonic);
  });
  if (status) status->today = step_of(steps_today(), name);
  return status;
}

// What the ledger knows of it; nothing where it knows nothing.
std::optional<Explanation> Engine::Impl::recorded(TaskId task, TimePoint at) const {
  std::vector<RunRow> rows = parts_.ledger.outcomes_of(task, at);
  if (rows.empty()) return std::nullopt;
  Explanation found{.kind = Explanation::Kind::kRecorded, .nominal = at};
  std::optional<RunRow> row = std::move(rows.front());
  found.earlier.assign(std::move_iterator{rows.begin() + 1}, std::move_iterator{rows.end()});
  if (parts_.attempts != nullptr) found.attempts = parts_.attempts->of(row->id);
  found.says =
      fmt::format("{}{}{}", name_of(row->state), row->detail.empty() ? "" : ": ", row->detail);
  if (row->count > 1)
    found.says += fmt::format(" (one of {} occurrences from {} to {})", row->count,
                              to_rfc3339(row->key.nominal), to_rfc3339(row->last_nominal));
  if (!found.attempts.empty())
    found.says += fmt::format("; attempt {}, after {}", row->attempt,
                              fmt::join(describe(found.attempts), "; "));
  found.row = std::move(row);
  return found;
}

Result<Explanation> Engine::Impl::explain(std::string_view task, TimePoint at) {
  std::shared_ptr<const TaskSpec> spec;
  ForecastInput input{.at = at, .now = parts_.clock.now()};
  const Result<int> date = date_of(task, at);
  std::string held;
  state_.with([&](State& state) {
    const Entry* entry = state.tasks.find(task);
    if (entry == nullptr) return;
    spec = entry->spec;
    input.watermark = entry->watermark;
    input.next_due = entry->next_due;
    if (!entry->has_holds) return;
    input.holds = state.holds.of(*spec);
    if (const Hold* hold = state.holds.against(*spec, false, input.now)) held = why_held(*hold);
  });
  if (!spec) return unknown_task(task);
  const Occurrence occurrence = spec->timetable.next(at - Micros{1});
  const int own = occurrence.nominal == at && occurrence.business_date != 0
                      ? occurrence.business_date
                      : (date ? *date : 0);
  state_.with([&](State& state) {
    if (const StepSkip* skip = state.skipped.find(spec->id, own))
      input.skipped = why_skipped(*skip);
  });
  Explanation answer = recorded(spec->id, at).value_or(Explanation{});
  if (!answer.row) answer = forecast(*spec, input);
  answer.step = step_about(parts_.ledger.clock_steps(), at);
  answer.held = std::move(held);
  answer.today = step_of(steps_today(), task);
  return answer;
}

std::vector<Alarm> Engine::Impl::alarms() {
  std::vector<Alarm> all = raised_.with([](const std::vector<Alarm>& raised) { return raised; });
  for (Alarm& alarm : state_.with([](State& state) { return state.failures.alarms(); }))
    all.push_back(std::move(alarm));
  return all;
}

}  // namespace systask::scheduler
