// A KeptRun is a RunRow in two thirds of the memory: each task keeps its last one, and a service
// may have a hundred thousand tasks. A value; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scheduler/run.h"

namespace systask::scheduler {

class KeptRun {
 public:
  explicit KeptRun(const RunRow& row)
      : nominal_(row.key.nominal),
        last_nominal_(row.last_nominal),
        claimed_at_(row.claimed_at),
        started_at_(row.started_at.value_or(kNone)),
        finished_at_(row.finished_at.value_or(kNone)),
        id_(row.id),
        count_(row.count),
        business_date_(row.business_date),
        attempt_(row.attempt),
        detail_size_(static_cast<std::uint32_t>(row.detail.size())),
        trigger_(static_cast<std::uint8_t>(row.trigger)),
        state_(static_cast<std::uint8_t>(row.state)),
        texts_(row.detail + row.actor) {}

  // The row of that task as it was.
  [[nodiscard]] RunRow row(TaskId task) const {
    const auto trigger = static_cast<Trigger>(trigger_);
    return {.key = {nominal_, task, trigger == Trigger::kSchedule ? 0 : id_.value()},
            .id = id_,
            .trigger = trigger,
            .state = static_cast<RunState>(state_),
            .business_date = business_date_,
            .attempt = attempt_,
            .last_nominal = last_nominal_,
            .count = count_,
            .claimed_at = claimed_at_,
            .started_at = known(started_at_),
            .finished_at = known(finished_at_),
            .detail = texts_.substr(0, detail_size_),
            .actor = texts_.substr(detail_size_)};
  }

 private:
  static constexpr TimePoint kNone = TimePoint::min();
  static std::optional<TimePoint> known(TimePoint at) {
    return at == kNone ? std::nullopt : std::optional{at};
  }

  TimePoint nominal_;
  TimePoint last_nominal_;
  TimePoint claimed_at_;
  TimePoint started_at_;
  TimePoint finished_at_;
  RunId id_;
  std::int64_t count_;
  std::int32_t business_date_;
  std::int32_t attempt_;
  std::uint32_t detail_size_;
  std::uint8_t trigger_;
  std::uint8_t state_;
  std::string texts_;  // detail, then actor
};

}  // namespace systask::scheduler
