// A Hold keeps tasks from starting: a pause until it is lifted, or a window of time. Made by
// somebody, for a reason, on one task, on all of a group or on all of a lane. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/named.h"
#include "scheduler/when/timetable.h"

namespace systask::scheduler {

using HoldId = Named<std::int64_t, struct HoldIdTag>;

// What a hold, a backfill or a pause is about.
struct Target {
  enum class Kind : std::uint8_t { kTask, kGroup, kLane };
  Kind kind = Kind::kTask;
  std::string name;  // of the task or group; of a lane its priority, "1"

  static Target task(std::string_view name) { return {Kind::kTask, std::string{name}}; }
  static Target group(std::string_view name) { return {Kind::kGroup, std::string{name}}; }
  static Target lane(int priority) { return {Kind::kLane, std::to_string(priority)}; }

  friend auto operator<=>(const Target&, const Target&) = default;
};

struct Hold {
  HoldId id;
  Target target;
  TimePoint from{};       // nothing starts from here on
  TimePoint to = kNever;  // until here; kNever: until somebody lifts it
  std::string reason;
  std::string actor;
  TimePoint made_at{};

  [[nodiscard]] bool is_pause() const { return to == kNever; }
  // A pause counts until it is lifted, also where the wall clock goes back before its beginning.
  [[nodiscard]] bool covers(TimePoint at) const { return is_pause() || (from <= at && at < to); }

  friend bool operator==(const Hold&, const Hold&) = default;
};

}  // namespace systask::scheduler
