// What the service and a simulation of it make of the configuration alike.
#pragma once

#include <map>

#include "scheduler/lanes/lane.h"
#include "service/config/config.h"

namespace systask::service {

[[nodiscard]] std::map<int, scheduler::LaneOptions> lane_options(const Config& config);

}  // namespace systask::service
