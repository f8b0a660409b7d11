// The SQL attempts and holds pass what the in-memory ones pass.
#include <memory>

#include "db/hold_store.h"
#include "db/run_attempts.h"
#include "tests/conformance/holds_suite.h"
#include "tests/support/scratch_folder.h"

namespace systask::scheduler {
namespace {

// A database file of its own for each test, gone with it.
class HoldsOnSqlite {
 public:
  RunAttempts& attempts() { return attempts_; }
  HoldStore& holds() { return holds_; }

 private:
  const ScratchFolder folder_;
  const std::unique_ptr<db::Database> database_ = db::Database::open(folder_.url()).value();
  db::RunAttempts attempts_{*database_};
  db::HoldStore holds_{*database_};
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, HoldsSuite, HoldsOnSqlite);

}  // namespace
}  // namespace systask::scheduler
