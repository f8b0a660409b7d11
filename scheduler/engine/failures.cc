#include "scheduler/engine/failures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace systask::scheduler {
namespace {

// What happened to a run, as a verb.
std::string_view verb_of(RunState outcome) {
  switch (outcome) {
    case RunState::kTimedOut: return "ran into its timeout";
    case RunState::kAbandoned: return "was given up";
    case RunState::kLost: return "was lost";
    case RunState::kRefused: return "was refused";
    case RunState::kSkippedLaneFull: return "found its lane full";
    default: return "failed";
  }
}

// `before`: what the task failed with until now.
Failure failure_of(const RunRow& row, const Failure* before) {
  const TimePoint at = row.finished_at.value_or(row.claimed_at);
  return {.run = row.id,
          .outcome = row.state,
          .business_date = row.business_date,
          .attempt = row.attempt,
          .since = before == nullptr ? at : before->since,
          .at = at,
          .runs = (before == nullptr ? 0 : before->runs) + 1,
          .reason = one_line(row.detail, Failures::kReasonBytes)};
}

std::string text_of(const Failure& failure, std::string_view at, std::string_view since) {
  std::string says = fmt::format("run {}", failure.run.value());
  if (failure.business_date != 0)
    says += fmt::format(" of business date {}", failure.business_date);
  says += fmt::format(" {}{}", verb_of(failure.outcome), at);
  if (failure.attempt > 1) says += fmt::format(", attempt {}", failure.attempt);
  if (!failure.reason.empty()) says += ": " + failure.reason;
  if (failure.runs > 1) says += fmt::format(" ({} runs in a row{})", failure.runs, since);
  return says;
}

}  // namespace

std::string describe(const Failure& failure) {
  return text_of(failure, fmt::format(" at {}", to_rfc3339(failure.at)),
                 fmt::format(", since {}", to_rfc3339(failure.since)));
}

std::string describe_briefly(const Failure& failure) { return text_of(failure, "", ""); }

Alarm alarm_of(const std::shared_ptr<const TaskSpec>& task, const Failure& failure) {
  return {task, Alarm::Kind::kFailed, failure.business_date, failure.since,
          fmt::format("task '{}': {}", task->name, describe(failure))};
}

bool Failures::may_log(MonotonicPoint now) {
  if (now - minute_ >= std::chrono::minutes{1} && left_out_ == 0) {
    minute_ = now;
    lines_ = 0;
  }
  if (lines_ >= kLinesAMinute) {
    ++left_out_;
    return false;
  }
  ++lines_;
  return true;
}

std::size_t Failures::left_out(MonotonicPoint now) {
  if (left_out_ == 0 || now - minute_ < std::chrono::minutes{1}) return 0;
  minute_ = now;
  lines_ = 0;
  return std::exchange(left_out_, 0);
}

void Failures::Fold::told(MonotonicPoint now) {
  pause = told_at ? std::min<MonotonicPoint::duration>(2 * pause, kLongestPause)
                  : MonotonicPoint::duration{kFirstPause};
  told_at = now;
}

// A line that the bound on all tasks swallows counts as told: the sum of them is.
Failures::News Failures::tell(Kept& kept, News::Kind kind, bool due, MonotonicPoint now) {
  News news{.kind = kind,
            .task = kept.task,
            .run = kept.failure.run,
            .trigger = kept.trigger,
            .failure = kept.failure,
            .logged = due && may_log(now)};
  const int date = kept.failure.business_date;
  news.alarmed = kept.alarmed ? date > kept.alarmed_date : due;
  if (news.alarmed) {
    kept.alarmed = true;
    kept.alarmed_date = std::max(kept.alarmed_date, date);
  }
  if (due) {
    kept.fold.told(now);
    if (!std::exchange(kept.logged, true)) --untold_;
  }
  return news;
}

Failures::News Failures::works_again(std::map<TaskId, Kept>::iterator kept, const RunRow& row,
                                     MonotonicPoint now) {
  Kept& before = kept->second;
  News news{.kind = News::Kind::kWorksAgain,
            .task = before.task,
            .run = row.id,
            .trigger = row.trigger,
            .failure = std::move(before.failure),
            .logged = before.logged && may_log(now),
            .alarmed = before.alarmed};
  if (before.fold.told_at) calmed_[kept->first] = before.fold;
  if (!before.logged) --untold_;
  failing_.erase(kept);
  return news;
}

std::optional<Failures::News> Failures::ended(const std::shared_ptr<const TaskSpec>& task,
                                              const RunRow& row, bool known, MonotonicPoint now) {
  const bool fails = is_failure(row.state);
  if (!known || row.trigger == Trigger::kBackfill) {
    if (!fails) return std::nullopt;
    return News{.task = task,
                .run = row.id,
                .trigger = row.trigger,
                .failure = failure_of(row, nullptr),
                .logged = may_log(now)};
  }
  const auto found = failing_.find(task->id);
  if (is_done(row.state) && found != failing_.end()) return works_again(found, row, now);
  if (!fails) return std::nullopt;
  const bool first = found == failing_.end();
  Kept& kept = failing_[task->id];
  if (first) {
    ++untold_;
    if (const auto calmed = calmed_.extract(task->id); calmed) kept.fold = calmed.mapped();
  }
  const bool otherwise = !first && kept.failure.outcome != row.state && kept.fold.told_at &&
                         now - *kept.fold.told_at >= kFirstPause;
  kept.task = task;
  kept.trigger = row.trigger;
  kept.failure = failure_of(row, first ? nullptr : &kept.failure);
  return tell(kept, kept.logged ? News::Kind::kFailsStill : News::Kind::kFailed,
              kept.fold.due(now) || otherwise, now);
}

std::vector<Failures::News> Failures::overdue(MonotonicPoint now) {
  std::vector<News> news;
  std::erase_if(
      calmed_, [now](const auto& calmed) { return now - *calmed.second.told_at >= kLongestPause; });
  if (untold_ == 0) return news;
  for (auto& [id, kept] : failing_)
    if (!kept.logged && kept.fold.due(now))
      news.push_back(tell(kept, News::Kind::kFailed, true, now));
  return news;
}

std::optional<Failures::News> Failures::recall(const std::shared_ptr<const TaskSpec>& task,
                                               const std::vector<RunRow>& failed) {
  if (failed.empty()) return std::nullopt;
  Failure failure = failure_of(failed.back(), nullptr);
  for (auto row = failed.rbegin() + 1; row != failed.rend(); ++row)
    failure = failure_of(*row, &failure);
  Kept& kept = failing_[task->id];
  kept.task = task;
  kept.failure = failure;
  kept.trigger = failed.front().trigger;
  kept.logged = kept.alarmed = true;
  kept.alarmed_date = failure.business_date;
  return News{.kind = News::Kind::kFailsStill,
              .task = task,
              .run = failure.run,
              .trigger = failed.front().trigger,
              .failure = std::move(failure),
              .logged = false,
              .alarmed = true};
}

std::vector<Failures::AlarmNews> Failures::retain(
    const std::function<std::shared_ptr<const TaskSpec>(TaskId)>& find) {
  std::vector<AlarmNews> changes;
  for (auto& [id, kept] : failing_) {
    const auto before = std::exchange(kept.task, find(id));
    const bool had = before->special().alarms.on_failure;
    const bool has = kept.task && kept.task->special().alarms.on_failure;
    if (had && !has) {
      Alarm alarm = alarm_of(before, kept.failure);
      alarm.says = fmt::format("task '{}' is not watched for failures any more", before->name);
      changes.push_back({std::move(alarm), false});
    }
    if (has && !had) changes.push_back({alarm_of(kept.task, kept.failure), true});
  }
  std::erase_if(failing_, [this](const auto& entry) {
    const bool gone = !entry.second.task;
    if (gone && !entry.second.logged) --untold_;
    return gone;
  });
  return changes;
}

const Failure* Failures::find(TaskId task) const {
  const auto found = failing_.find(task);
  return found == failing_.end() ? nullptr : &found->second.failure;
}

void Failures::each(const std::function<void(const TaskSpec&, const Failure&)>& call) const {
  for (const auto& [id, kept] : failing_)
    call(*kept.task, kept.failure);
}

std::vector<Alarm> Failures::alarms() const {
  std::vector<Alarm> raised;
  for (const auto& [id, kept] : failing_)
    if (kept.task->special().alarms.on_failure) raised.push_back(alarm_of(kept.task, kept.failure));
  return raised;
}

}  // namespace systask::scheduler
