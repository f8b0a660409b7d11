#include "tests/support/memory_holds.h"

#include "tests/conformance/holds_suite.h"

namespace systask::scheduler {
namespace {

struct HoldsInMemory {
  RunAttempts& attempts() { return kept_attempts; }
  RunOutputs& outputs() { return kept_outputs; }
  HoldStore& holds() { return kept_holds; }
  LaneSizes& lane_sizes() { return kept_lane_sizes; }
  StepSkips& skips() { return kept_skips; }
  BackfillStore& backfills() { return kept_backfills; }

  MemoryAttempts kept_attempts;
  MemoryOutputs kept_outputs;
  MemoryHolds kept_holds;
  MemoryLaneSizes kept_lane_sizes;
  MemoryStepSkips kept_skips;
  MemoryBackfills kept_backfills;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, HoldsSuite, HoldsInMemory);

}  // namespace
}  // namespace systask::scheduler
