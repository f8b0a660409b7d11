// Failures are told: in the log, and to those whom a task's alarms name.
#include <fmt/format.h>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

using News = Failures::News;

// Rows of a task among which the first of its failures in a row is looked for at a start, and so
// many tasks get that much attention.
constexpr std::size_t kRunsOfAFailure = 50;
constexpr std::size_t kTasksLookedAt = 200;

std::string look_at(RunId run) { return fmt::format("systask runs {}", run.value()); }

void log_failure(const News& news) {
  const Failure& failure = news.failure;
  log::warn(news.kind == News::Kind::kFailed ? "a run failed" : "a task goes on failing",
            {{"task", news.task->name},
             {"run", news.run},
             {"outcome", name_of(failure.outcome)},
             {"trigger", name_of(news.trigger)},
             {"business_date", failure.business_date},
             {"attempt", failure.attempt},
             {"reason", failure.reason},
             {"runs_in_a_row", failure.runs},
             {"since", to_rfc3339(failure.since)},
             {"look", look_at(news.run)}});
}

void log_recovery(const News& news) {
  log::info("a task works again", {{"task", news.task->name},
                                   {"run", news.run},
                                   {"failed_runs", news.failure.runs},
                                   {"since", to_rfc3339(news.failure.since)},
                                   {"last_reason", news.failure.reason}});
}

// Of rows with the latest first, those that say that the task fails.
std::vector<RunRow> failures_in_a_row(const std::vector<RunRow>& rows) {
  std::vector<RunRow> failed;
  for (const RunRow& row : rows) {
    if (row.trigger == Trigger::kBackfill) continue;
    if (is_done(row.state)) break;
    if (is_failure(row.state)) failed.push_back(row);
  }
  return failed;
}

Alarm recovery_of(const News& news) {
  Alarm alarm = alarm_of(news.task, news.failure);
  alarm.says = fmt::format(
      "task '{}' works again: run {} was done; {} failed since {}, the last: {}", news.task->name,
      news.run.value(),
      news.failure.runs == 1 ? "one run had" : fmt::format("{} runs had", news.failure.runs),
      to_rfc3339(news.failure.since), news.failure.reason);
  return alarm;
}

}  // namespace

void Engine::Impl::tell_failures(const std::vector<News>& all) {
  for (const News& news : all) {
    const bool works = news.kind == News::Kind::kWorksAgain;
    if (news.logged && works) log_recovery(news);
    if (news.logged && !works) log_failure(news);
    const AlarmPolicy& policy = news.task->special().alarms;
    if (!news.alarmed || parts_.alarms == nullptr) continue;
    if (works ? policy.on_failure || policy.on_recovery : policy.on_failure)
      failure_alarms_.with([&](auto& waiting) {
        waiting.push_back({works ? recovery_of(news) : alarm_of(news.task, news.failure), !works});
      });
  }
}

// By the tick's thread, as every alarm.
void Engine::Impl::tell_failure_alarms() {
  std::size_t left_out = 0;
  const std::vector<News> overdue = state_.with([&](State& state) {
    const MonotonicPoint now = parts_.clock.monotonic();
    left_out = state.failures.left_out(now);
    return state.failures.overdue(now);
  });
  tell_failures(overdue);
  if (left_out > 0)
    log::warn("more runs failed, or work again, than are told one by one",
              {{"lines left out", left_out}, {"look", "systask runs --outcome failed"}});
  const auto waiting = failure_alarms_.with(
      [](std::vector<Failures::AlarmNews>& all) { return std::exchange(all, {}); });
  for (const auto& [alarm, raised] : waiting)
    if (raised)
      parts_.alarms->raised(alarm);
    else
      parts_.alarms->cleared(alarm);
}

void Engine::Impl::retain_failures(State& state) {
  auto changes = state.failures.retain([&](TaskId id) -> std::shared_ptr<const TaskSpec> {
    const Entry* entry = state.tasks.find(id);
    return entry != nullptr && entry->spec->enabled ? entry->spec : nullptr;
  });
  if (parts_.alarms == nullptr) return;
  failure_alarms_.with([&](auto& waiting) {
    waiting.insert(waiting.end(), std::make_move_iterator(changes.begin()),
                   std::make_move_iterator(changes.end()));
  });
}

// After a start: what failed before it, fails still until it has worked.
void Engine::Impl::recall_failures(const std::vector<TaskPast>& pasts) {
  std::vector<News> all;
  std::size_t left = kTasksLookedAt;
  for (const TaskPast& past : pasts) {
    const bool backfill = past.last.trigger == Trigger::kBackfill;
    if (is_done(past.last.state) && !backfill) continue;
    const auto spec = state_.with([&](State& state) -> std::shared_ptr<const TaskSpec> {
      const Entry* entry = state.tasks.find(past.task);
      return entry != nullptr && entry->spec->enabled ? entry->spec : nullptr;
    });
    if (!spec) continue;
    std::vector<RunRow> failed;
    if (left > 0) {
      --left;
      failed = failures_in_a_row(parts_.ledger.runs({.task = past.task, .limit = kRunsOfAFailure}));
    } else if (is_failure(past.last.state) && !backfill) {
      failed.push_back(past.last);
    }
    if (auto news = state_.with([&](State& state) { return state.failures.recall(spec, failed); }))
      all.push_back(std::move(*news));
  }
  if (all.empty()) return;
  log::warn("tasks failed before this start, and fail until they have worked",
            {{"tasks", all.size()}, {"first", all.front().task->name}, {"look", "systask status"}});
  tell_failures(all);
}

}  // namespace systask::scheduler
