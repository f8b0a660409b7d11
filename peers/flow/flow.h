// The Flow is the order system: one logged-in link, a simulated market for the platform's
// orders, and, where asked, a replay of recorded lives. run() gives the exit status once
// the replay is acknowledged to its end, or on SIGTERM or SIGINT; SIGUSR2 (or the line
// "release" on standard input) lets go what was held back, and a second SIGUSR2 holds
// again. One thread, which runs the io_context.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "peers/flow/courier.h"
#include "peers/flow/market.h"
#include "peers/flow/replay.h"
#include "peers/link/link.h"

namespace systask::peers::flow {

// How fast a replay goes: as recorded, as fast as acknowledgements allow, or so many
// messages a second.
struct Pace {
  enum class Kind { kRecorded, kFull, kRate };
  Kind kind = Kind::kFull;
  double per_second = 0;
};

struct FlowOptions {
  LinkOptions link;
  MarketOptions market;
  std::optional<ReplayOptions> replay;
  Pace pace;
  CourierOptions courier;
  std::string fold_path;  // empty: no fold is written
  bool progress = false;
};

class Flow {
 public:
  // Throws std::runtime_error where a file cannot be read or written.
  Flow(const Clock& clock, FlowOptions options);
  ~Flow();
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  int run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace systask::peers::flow
