// The RunHistory answers what people ask about runs: which failed today, what ran instead, who
// asked for it. It only reads; the RunLedger writes.
//
// Calls may come from any thread and never wait for a writer. The cost of a page grows with the
// rows that it shows and with those that are unusual, not with the length of the ledger. Two
// implementations pass one suite: memory and SQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/ports/task_store.h"
#include "scheduler/run.h"

namespace systask::scheduler {

// A usual run is what millions are: scheduled, begun within kUsualDelay of its time, succeeded.
inline constexpr Micros kUsualDelay = std::chrono::minutes{1};
[[nodiscard]] constexpr bool is_usual(const RunRow& row) {
  return row.state == RunState::kSucceeded && row.trigger == Trigger::kSchedule && row.started_at &&
         *row.started_at >= row.key.nominal && *row.started_at <= row.key.nominal + kUsualDelay;
}

enum class RunOrder : std::uint8_t { kNominal, kStarted };

// By what a row is ordered: its nominal time, or when it began. A run that never began counts from
// its outcome; one that has neither from its claim.
[[nodiscard]] constexpr TimePoint ordered_by(RunOrder order, const RunRow& row) {
  if (order == RunOrder::kNominal) return row.key.nominal;
  return row.started_at.value_or(row.finished_at.value_or(row.claimed_at));
}

// The last row of a page: the next one begins after it.
struct RunCursor {
  TimePoint at;
  RunId run;

  friend auto operator<=>(const RunCursor&, const RunCursor&) = default;
};

struct HistoryQuery {
  RunOrder order = RunOrder::kNominal;
  // Of the time that orders them, from `since` and before `until`.
  TimePoint since = TimePoint::min();
  TimePoint until = TimePoint::max();
  std::optional<std::vector<TaskId>> tasks{};  // nothing: of every task
  std::vector<RunState> states{};              // empty: all
  std::vector<Trigger> triggers{};             // empty: all
  // Usual runs of these tasks only; nothing: of all that are asked for.
  std::optional<std::vector<TaskId>> usual_of{};
  std::optional<RunCursor> after{};
  std::size_t limit = 50;
};

struct HistoryPage {
  std::vector<RunRow> rows;       // latest first
  std::optional<RunCursor> next;  // nothing: there are no more
};

// The usual runs of one task in a span of nominal time.
struct RunTally {
  TaskId task;
  std::int64_t count = 0;
  bool at_least = false;  // there are more than were counted
  TimePoint first{};
  TimePoint last{};

  friend bool operator==(const RunTally&, const RunTally&) = default;
};

class RunHistory {
 public:
  // So many usual runs of a task are counted at most.
  static constexpr std::int64_t kMostCounted = 1'000'000;

  virtual ~RunHistory() = default;

  virtual HistoryPage page(const HistoryQuery& query) = 0;
  // Of these tasks, in order of id, those that have usual runs from `from` and before `until`.
  virtual std::vector<RunTally> tally(std::span<const TaskId> tasks, TimePoint from,
                                      TimePoint until) = 0;
  // Nothing where nobody gave it anything.
  virtual std::optional<RunGiven> given(RunId run) = 0;
  // The task as it was at that time; nothing where nobody knows it. A task that has never changed
  // since is as it is now.
  virtual std::optional<TaskDefinition> task_at(TaskId task, TimePoint at) = 0;
  // The tasks that left the configuration, as they were last, in order of id; at most `limit`.
  virtual std::vector<TaskDefinition> former_tasks(std::size_t limit) = 0;
};

}  // namespace systask::scheduler
