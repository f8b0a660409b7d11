// How fast a drill replays a recording: so that every kill falls into it, with time before and
// behind it for what a kill is about. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "peers/drill/options.h"

namespace systask::peers::drill {

struct Pace {
  std::string speed;  // as the flow's --speed takes it
  std::string told;   // what is to be said of it; mostly nothing
};

// Of a recording of so many messages that lasted so long. TOO_SHORT where no pace makes room for
// the kills.
[[nodiscard]] Result<Pace> pace_of(const DrillOptions& options, std::int64_t messages,
                                   std::int64_t lasted_us);

}  // namespace systask::peers::drill
