// The SQL run ledger and task store pass what the in-memory ones pass.
#include <filesystem>
#include <string>

#include "db/run_ledger.h"
#include "db/task_store.h"
#include "tests/conformance/run_ledger_suite.h"

namespace systask::scheduler {
namespace {

// A database file of its own for each test, gone with it.
class OnSqlite {
 public:
  OnSqlite()
      : folder_(std::filesystem::path{testing::TempDir()} /
                ("run_ledger_" +
                 std::string{testing::UnitTest::GetInstance()->current_test_info()->name()})) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    database_ = db::Database::open("sqlite3://" + (folder_ / "test.db").string()).value();
    ledger_ = std::make_unique<db::RunLedger>(*database_);
    tasks_ = std::make_unique<db::TaskStore>(*database_);
  }
  ~OnSqlite() {
    tasks_.reset();
    ledger_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  OnSqlite(const OnSqlite&) = delete;
  OnSqlite& operator=(const OnSqlite&) = delete;

  RunLedger& ledger() { return *ledger_; }
  TaskStore& tasks() { return *tasks_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::RunLedger> ledger_;
  std::unique_ptr<db::TaskStore> tasks_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RunLedgerSuite, OnSqlite);

}  // namespace
}  // namespace systask::scheduler
