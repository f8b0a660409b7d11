#include "tests/support/memory_ledger.h"

#include "tests/conformance/run_ledger_suite.h"

namespace systask::scheduler {
namespace {

struct InMemory {
  RunLedger& ledger() { return both; }
  TaskStore& tasks() { return both; }

  MemoryLedger both;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, RunLedgerSuite, InMemory);

}  // namespace
}  // namespace systask::scheduler
