// How long a task's runs usually take, out of what the ledger remembers: pure functions.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "scheduler/run.h"

namespace systask::scheduler {

inline constexpr std::size_t kUsualSuccesses = 20;  // the latest of them say what is usual
inline constexpr std::size_t kFewestSuccesses = 5;  // fewer say nothing
inline constexpr Micros kOverdueAtLeast = std::chrono::seconds{10};

// The 95th percentile of how long the latest successes among `latest_first` took.
[[nodiscard]] std::optional<Micros> usual_duration(std::span<const RunRow> latest_first);

// Under way for longer than this, a run is worth a report: three times what is usual.
[[nodiscard]] constexpr Micros overdue_after(Micros usual) {
  return std::max<Micros>(3 * usual, kOverdueAtLeast);
}

}  // namespace systask::scheduler
