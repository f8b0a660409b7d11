// The SQL run ledger, task store and history pass what the in-memory ones pass.
#include <filesystem>
#include <string>

#include "db/run_history.h"
#include "db/run_ledger.h"
#include "db/task_store.h"
#include "tests/conformance/run_history_suite.h"
#include "tests/conformance/run_ledger_suite.h"
#include "tests/support/scratch_folder.h"

namespace systask::scheduler {
namespace {

// A database file of its own for each test, gone with it.
class OnSqlite {
 public:
  OnSqlite() {
    database_ = db::Database::open(folder_.url()).value();
    ledger_ = std::make_unique<db::RunLedger>(*database_);
    tasks_ = std::make_unique<db::TaskStore>(*database_);
    history_ = std::make_unique<db::RunHistory>(*database_);
  }
  ~OnSqlite() {
    history_.reset();
    tasks_.reset();
    ledger_.reset();
    database_.reset();
  }
  OnSqlite(const OnSqlite&) = delete;
  OnSqlite& operator=(const OnSqlite&) = delete;

  RunLedger& ledger() { return *ledger_; }
  TaskStore& tasks() { return *tasks_; }
  RunHistory& history() { return *history_; }

 private:
  const ScratchFolder folder_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::RunLedger> ledger_;
  std::unique_ptr<db::TaskStore> tasks_;
  std::unique_ptr<db::RunHistory> history_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RunLedgerSuite, OnSqlite);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RunHistorySuite, OnSqlite);

}  // namespace
}  // namespace systask::scheduler
