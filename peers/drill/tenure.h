// A Tenure is the time that one process of a site had one plan in one epoch, as the process
// recorded it. Values; pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "peers/drill/trace.h"

namespace systask::peers::drill {

struct Tenure {
  const SiteTrace* process = nullptr;
  std::int64_t epoch = 0;
  const SiteLine* rebuilt = nullptr;  // R: where it began as a takeover
  std::vector<const SiteLine*> line;  // E, K, C, in the order recorded
  const SiteLine* digest = nullptr;   // the last D
  bool dropped = false;               // X

  // The number before the first it had to see.
  [[nodiscard]] std::int64_t before_first() const { return rebuilt ? rebuilt->seq : 0; }
  [[nodiscard]] std::int64_t last_seen() const {
    return line.empty() ? before_first() : line.back()->seq;
  }
};

// By plan, each plan's tenures by epoch.
[[nodiscard]] std::map<std::int64_t, std::vector<Tenure>> tenures_of(
    const std::vector<SiteTrace>& sites);

}  // namespace systask::peers::drill
