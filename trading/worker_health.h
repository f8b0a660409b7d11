// How a worker is: whether what it was asked for becomes durable. A value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace systask::trading {

struct WorkerHealth {
  std::string failure;               // why its latest batch was not kept; empty: it was
  std::uint64_t committed = 0;       // batches since the start
  std::chrono::microseconds busy{};  // how long the batch under way has taken; 0: none is
};

}  // namespace systask::trading
