#include "tests/support/memory_holds.h"

#include "tests/conformance/holds_suite.h"

namespace systask::scheduler {
namespace {

struct HoldsInMemory {
  RunAttempts& attempts() { return kept_attempts; }
  HoldStore& holds() { return kept_holds; }

  MemoryAttempts kept_attempts;
  MemoryHolds kept_holds;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, HoldsSuite, HoldsInMemory);

}  // namespace
}  // namespace systask::scheduler
