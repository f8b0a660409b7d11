#include "scheduler/engine/usual.h"

#include <algorithm>
#include <vector>

namespace systask::scheduler {

std::optional<Micros> usual_duration(std::span<const RunRow> latest_first) {
  std::vector<Micros> times;
  for (const RunRow& row : latest_first) {
    if (row.state != RunState::kSucceeded || !row.started_at || !row.finished_at) continue;
    if (*row.finished_at < *row.started_at) continue;  // the wall clock was set back meanwhile
    times.push_back(*row.finished_at - *row.started_at);
    if (times.size() == kUsualSuccesses) break;
  }
  if (times.size() < kFewestSuccesses) return std::nullopt;
  std::ranges::sort(times);
  return times[(times.size() * 95 + 99) / 100 - 1];  // the nearest rank
}

}  // namespace systask::scheduler
