// A database whose file is deleted, moved or replaced under a running service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/backups.h"
#include "db/statement.h"
#include "db/task_sql.h"
#include "db/unit_of_work.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Counting {
  explicit Counting(soci::session& sql) : rows(sql, "select count(*) from algojr_texectimeinfo") {}
  Query<Params<>, std::int64_t> rows;
};

class MovedFileTest : public testing::Test {
 protected:
  static std::int64_t rows_of(Database& database) {
    std::int64_t found = -1;
    database.readers().lease().prepared<Counting>().rows.run(
        [&](std::int64_t rows) { found = rows; });
    return found;
  }
  // One more row, as a batch of the worker.
  void commit_row(int market) {
    UnitOfWork work{database_->writer().lease(Urgency::kNormal)};
    run_in(work, market);
    work.commit();
  }
  static void run_in(UnitOfWork& work, int market) {
    struct Insert {
      explicit Insert(soci::session& sql)
          : row(sql, "insert into algojr_texectimeinfo values (:market, '093000-113000')") {}
      Command<int> row;
    };
    work.prepared<Insert>().row.run(market);
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.file("test.db");
  const std::string aside_ = folder_.file("aside");
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
};

TEST_F(MovedFileTest, NothingIsCommittedToAFileThatWasDeleted) {
  commit_row(1);
  UnitOfWork begun{database_->writer().lease(Urgency::kNormal)};
  run_in(begun, 2);
  fs::remove(path_);
  try {
    begun.commit();
    FAIL() << "what is lost passes for kept";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("test.db was deleted or moved"));
    EXPECT_THAT(error.what(), HasSubstr("nothing is written or acknowledged any more"));
  }
  EXPECT_TRUE(begun.lost());
  EXPECT_EQ(rows_of(*database_), 1);
}

TEST_F(MovedFileTest, NoTransactionBeginsUntilTheRightFileIsBack) {
  int market = 0;
  for (const std::string& file : {path_, path_ + "-wal"}) {
    ++market;
    fs::rename(file, aside_);
    EXPECT_THROW(commit_row(market), std::runtime_error) << file;
    EXPECT_THROW(UnitOfWork{database_->writer().lease(Urgency::kNormal)}, std::runtime_error);
    fs::copy_file(aside_, file);
    EXPECT_THROW(commit_row(market), std::runtime_error) << "another one, of the same contents";
    fs::rename(aside_, file);
    EXPECT_NO_THROW(commit_row(market));
  }
  EXPECT_EQ(rows_of(*database_), 2);
}

// The look before a commit cannot see what happens after it.
TEST_F(MovedFileTest, ACommitThatTheFileDidNotOutliveIsNotAcknowledged) {
  const auto remove = [](void* path) {
    fs::remove(*static_cast<const std::string*>(path));
    return 0;  // the commit goes on
  };
  std::string path = path_;
  {
    const Writer::Lease lease = database_->writer().lease(Urgency::kNormal);
    sqlite_api::sqlite3_commit_hook(lease.connection().handle(), remove, &path);
  }
  EXPECT_THROW(commit_row(1), std::runtime_error);
  EXPECT_EQ(rows_of(*database_), 1) << "it was committed, to a file without a name";
}

TEST_F(MovedFileTest, BackupsAndRescuesAreOfTheFileThatWasOpened) {
  commit_row(1);
  fs::remove(path_);
  std::ofstream{path_} << "another file";
  const BackupMade saved = rescue(*database_, TimePoint{});
  EXPECT_EQ(saved.file, folder_.file("test-rescued-19700101T000000Z.db"));
  const auto copy = Database::open("sqlite3://" + saved.file).value();
  EXPECT_EQ(rows_of(*copy), 1);
}

}  // namespace
}  // namespace systask::db
