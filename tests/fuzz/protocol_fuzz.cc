// A sequence of requests of three sites, a client, an operator and an order system, read out
// of the input byte by byte, against a real platform on memory stores and a clock moved by
// hand. After each step every request has its one answer, no plan's line has a hole, and no
// epoch has two holders.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "tests/fuzz/protocol_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostBytes = 600;
  systask::log::set_level(systask::log::Level::kError);
  systask::fuzz::ProtocolWorld world{{data, std::min(size, kMostBytes)}};
  while (world.step()) {
  }
  return 0;
}
