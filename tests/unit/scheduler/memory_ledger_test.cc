#include "tests/support/memory_ledger.h"

#include "tests/conformance/run_history_suite.h"
#include "tests/conformance/run_ledger_suite.h"

namespace systask::scheduler {
namespace {

struct InMemory {
  RunLedger& ledger() { return all; }
  TaskStore& tasks() { return all; }
  RunHistory& history() { return all; }

  MemoryLedger all;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, RunLedgerSuite, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, RunHistorySuite, InMemory);

}  // namespace
}  // namespace systask::scheduler
