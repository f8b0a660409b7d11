// What a drill is asked to do. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "peers/flow/recording_options.h"

namespace systask::peers::drill {

enum class Scenario { kNone, kEditWhileDown, kHoldFills, kRestartAll };

// What drives its plans: a recording; where that has no name, TWAP plans.
struct DrillOptions : flow::RecordingOptions {
  std::int64_t plans = 20;
  int sites = 3;
  int kills = 0;
  std::string signal = "KILL";  // or STOP
  int service_kills = 0;
  bool revive = false;        // the service, where somebody else kills it
  std::int64_t window_s = 6;  // of TWAP plans
  std::string speed;          // empty: full; where anything is killed see Director
  std::int64_t limit = 0;
  double duplicate = 0;
  double swap = 0;
  std::uint64_t seed = 1;
  std::chrono::milliseconds restart_after{1'000};
  Scenario scenario = Scenario::kNone;
  bool json = false;
  bool keep = false;
  std::chrono::seconds timeout{120};

  [[nodiscard]] bool disturbs() const {
    return kills > 0 || service_kills > 0 || revive || scenario != Scenario::kNone;
  }
};

}  // namespace systask::peers::drill
