#include "scheduler/run.h"

#include <array>

namespace systask::scheduler {
namespace {

constexpr std::array<std::string_view, 5> kTriggers{"schedule", "manual", "event", "after",
                                                    "backfill"};

}  // namespace

std::string_view name_of(Trigger trigger) { return kTriggers[static_cast<std::size_t>(trigger)]; }

std::optional<Trigger> trigger_of(std::string_view name) {
  for (std::size_t i = 0; i < kTriggers.size(); ++i)
    if (kTriggers[i] == name) return static_cast<Trigger>(i);
  return std::nullopt;
}

}  // namespace systask::scheduler
