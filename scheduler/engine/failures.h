// Failures knows which tasks fail: the latest of their runs came to no good, and none has succeeded
// since. It decides what of that is told, in the log and as alarms, and tells nobody itself.
//
// The first failure of a task is told at once. Of a task that goes on failing a line is told after
// kFirstPause, and the pauses double up to kLongestPause: a task of every second floods no log, and
// one of every hour has a line for each run. The pauses go on where it works only for a while, so
// that a task that fails every other time floods neither the log nor those whom alarms tell; what
// they keep back is told when they are over. All tasks together have at most kLinesAMinute lines.
//
// Not thread-safe: it lives inside the engine's lock. It grows with the tasks that fail.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scheduler/ports/alarm_sink.h"
#include "scheduler/run.h"

namespace systask::scheduler {

// Since when a task fails, and how its latest run came to do so.
struct Failure {
  RunId run;  // the latest that failed
  RunState outcome = RunState::kFailed;
  int business_date = 0;
  int attempt = 1;
  TimePoint since{};      // when the first of them ended
  TimePoint at{};         // when the latest did
  std::int64_t runs = 0;  // so many in a row
  std::string reason;     // of the latest, on one line, bounded
};

// "run 118 of business date 20260522 failed at …: REASON", and how many did before it.
[[nodiscard]] std::string describe(const Failure& failure);

// The same without the times: for whoever shows those by themselves, in a zone of his own.
[[nodiscard]] std::string describe_briefly(const Failure& failure);

class Failures {
 public:
  static constexpr std::chrono::minutes kFirstPause{1};
  static constexpr std::chrono::minutes kLongestPause{10};
  static constexpr std::size_t kLinesAMinute = 100;
  static constexpr std::size_t kReasonBytes = 600;

  // Something that may be told of a task.
  struct News {
    enum class Kind : std::uint8_t { kFailed, kFailsStill, kWorksAgain };
    Kind kind = Kind::kFailed;
    std::shared_ptr<const TaskSpec> task;
    RunId run;
    Trigger trigger = Trigger::kSchedule;
    Failure failure;       // up to now; where it works again, what it was until then
    bool logged = true;    // it is not folded
    bool alarmed = false;  // its alarm, if it has one, is raised, or cleared
  };

  // A run of the task has its outcome. What a backfill makes again says nothing about how the task
  // works today, nor does a run of a task that is gone (not `known`): such failures are told, and
  // not remembered.
  std::optional<News> ended(const std::shared_ptr<const TaskSpec>& task, const RunRow& row,
                            bool known, MonotonicPoint now);
  // What the ledger knew at a start: its latest runs that failed, the latest first.
  std::optional<News> recall(const std::shared_ptr<const TaskSpec>& task,
                             const std::vector<RunRow>& failed);
  // The tasks as they are from now on; null: gone, or disabled. What is to be told of that.
  struct AlarmNews {
    Alarm alarm;
    bool raised;
  };
  std::vector<AlarmNews> retain(const std::function<std::shared_ptr<const TaskSpec>(TaskId)>& find);

  [[nodiscard]] const Failure* find(TaskId task) const;
  // In order of task.
  void each(const std::function<void(const TaskSpec&, const Failure&)>& call) const;
  // The alarms of tasks that fail and have one.
  [[nodiscard]] std::vector<Alarm> alarms() const;
  // What was kept back and is to be told now. To be called now and then.
  std::vector<News> overdue(MonotonicPoint now);
  // How many lines the bound on all tasks has swallowed in the minute that is over; 0: none.
  std::size_t left_out(MonotonicPoint now);

 private:
  // When something was told of a task, and how long nothing more is.
  struct Fold {
    std::optional<MonotonicPoint> told_at;
    MonotonicPoint::duration pause{};

    [[nodiscard]] bool due(MonotonicPoint now) const { return !told_at || now - *told_at >= pause; }
    void told(MonotonicPoint now);
  };
  struct Kept {
    std::shared_ptr<const TaskSpec> task;
    Failure failure;
    Trigger trigger = Trigger::kSchedule;
    Fold fold;
    bool logged = false;   // since it began to fail
    bool alarmed = false;  // likewise
    int alarmed_date = 0;
  };
  bool may_log(MonotonicPoint now);
  News tell(Kept& kept, News::Kind kind, bool due, MonotonicPoint now);
  News works_again(std::map<TaskId, Kept>::iterator kept, const RunRow& row, MonotonicPoint now);

  std::map<TaskId, Kept> failing_;
  std::map<TaskId, Fold> calmed_;  // of tasks that work again, for kLongestPause
  std::size_t untold_ = 0;         // of failing_, those not logged
  MonotonicPoint minute_{};        // when the minute of `lines_` began
  std::size_t lines_ = 0;
  std::size_t left_out_ = 0;
};

// The alarm that a task fails.
[[nodiscard]] Alarm alarm_of(const std::shared_ptr<const TaskSpec>& task, const Failure& failure);

}  // namespace systask::scheduler
