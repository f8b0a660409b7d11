#include "service/app/lane_options.h"

namespace systask::service {

std::map<int, scheduler::LaneOptions> lane_options(const Config& config) {
  std::map<int, scheduler::LaneOptions> lanes;
  for (const auto& [priority, lane] : config.lanes)
    lanes[priority] = {static_cast<std::size_t>(lane.threads), lane.queue, lane.reserved};
  return lanes;
}

}  // namespace systask::service
