// What a reload does to the lanes. Called on the thread that reloads, by one at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scheduler/lanes/lane.h"
#include "scheduler/ports/lane_sizes.h"
#include "service/app/lane_options.h"
#include "service/config/config.h"

namespace systask::service {

// Gives the lanes what `after` says: threads, lengths of queues, and lanes that are new. Where the
// configured threads change, what an operator gave the lane counts no longer. `now`, what the
// service runs with, follows. What it cannot do (a lane that is gone, reserved threads) is
// answered, key by key: it needs a restart.
[[nodiscard]] std::vector<std::string> apply_lanes(const std::map<int, LaneConfig>& after,
                                                   std::map<int, LaneConfig>& now,
                                                   scheduler::LaneSet& lanes,
                                                   scheduler::LaneSizes& sizes);

// All of `service` and `lanes` in `fresh`: what can change now does, and `now` follows; the rest is
// named in the log, key by key. The log says so too where nothing changed.
void take_settings(const Config& fresh, Config& now, scheduler::LaneSet& lanes,
                   scheduler::LaneSizes& sizes);

}  // namespace systask::service
