// The SQL attempts, outputs, holds and sizes of lanes pass what the in-memory ones pass.
#include <memory>

#include "db/backfill_store.h"
#include "db/hold_store.h"
#include "db/lane_sizes.h"
#include "db/run_attempts.h"
#include "db/run_outputs.h"
#include "db/step_skips.h"
#include "tests/conformance/holds_suite.h"
#include "tests/support/scratch_folder.h"

namespace systask::scheduler {
namespace {

// A database file of its own for each test, gone with it.
class HoldsOnSqlite {
 public:
  RunAttempts& attempts() { return attempts_; }
  RunOutputs& outputs() { return outputs_; }
  HoldStore& holds() { return holds_; }
  LaneSizes& lane_sizes() { return lane_sizes_; }
  StepSkips& skips() { return skips_; }
  BackfillStore& backfills() { return backfills_; }

 private:
  const ScratchFolder folder_;
  const std::unique_ptr<db::Database> database_ = db::Database::open(folder_.url()).value();
  db::RunAttempts attempts_{*database_};
  db::RunOutputs outputs_{*database_};
  db::HoldStore holds_{*database_};
  db::LaneSizes lane_sizes_{*database_};
  db::StepSkips skips_{*database_};
  db::BackfillStore backfills_{*database_};
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, HoldsSuite, HoldsOnSqlite);

}  // namespace
}  // namespace systask::scheduler
