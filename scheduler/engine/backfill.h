// A Backfill runs tasks again for business dates: an instance a date, whose steps start when
// those they come after, in that instance, have ended well enough. It decides; the engine
// acts. Not thread-safe: it lives inside the engine's lock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/engine/status.h"

namespace systask::scheduler {

class Backfill {
 public:
  struct Step {
    TaskId task;
    TimePoint nominal;
    std::vector<std::size_t> after_success;  // of the same instance, by index
    std::vector<std::size_t> after_any;
    std::vector<Predecessor> outside;  // what it comes after that is no step of the instance
    enum class Stage : std::uint8_t { kPending, kUnderWay, kDone, kEnded } stage = Stage::kPending;
  };
  struct Instance {
    int business_date = 0;
    std::vector<Step> steps;
  };
  // A step to be started, or one that never will be: something before it did not succeed.
  struct Move {
    std::size_t instance;
    std::size_t step;
    std::optional<std::size_t> failed;  // that one, of the same instance
  };
  using Outside = std::function<bool(const Predecessor&, int business_date)>;

  // Its dates are those of the instances.
  Backfill(KeptBackfill backfill, std::vector<Instance> instances);

  // What may start, or has to be given up, now; it counts as under way from here on.
  // `outside` says whether a task that is no step is done for a date.
  std::vector<Move> advance(const Outside& outside);
  // A step has its outcome.
  void ended(const RunRow& row, const std::string& task);
  // A step could not be started, and is pending again.
  void put_back(TaskId task, int business_date);
  // No further step starts.
  void cancel(std::string_view actor);
  // Dates that have ended since the last call, to be kept; with `all` those under way too.
  std::vector<BackfillDate> take_changes(bool all);
  void listen(BackfillDone done) { listeners_.push_back(std::move(done)); }
  std::vector<BackfillDone> take_listeners() { return std::exchange(listeners_, {}); }

  [[nodiscard]] const Instance& instance(std::size_t index) const { return instances_[index]; }
  [[nodiscard]] const KeptBackfill& record() const { return backfill_; }
  [[nodiscard]] BackfillStatus status() const { return {backfill_, !over()}; }
  [[nodiscard]] bool over() const { return left_ == 0; }

 private:
  void advance(std::size_t index, const Outside& outside, std::vector<Move>& moves);
  Step* under_way(std::size_t index, TaskId task);

  KeptBackfill backfill_;
  std::vector<Instance> instances_;
  std::vector<bool> changed_;  // as many: what came of the date has not been kept
  std::size_t left_ = 0;       // steps that have not ended
  std::vector<BackfillDone> listeners_;
};

// The instance of one date: steps for `tasks`, of which each knows its nominal time, with the
// dependencies among them.
struct PlannedStep {
  const TaskSpec* spec;
  TimePoint nominal;
};
[[nodiscard]] Backfill::Instance make_instance(int business_date,
                                               const std::vector<PlannedStep>& planned);

}  // namespace systask::scheduler
