#include "db/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/backups.h"
#include "db/statement.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Sessions {
  explicit Sessions(soci::session& sql)
      : rows(sql, "select count(*) from algojr_texectimeinfo"),
        insert(sql, "insert into algojr_texectimeinfo values (:market, '093000-113000')") {}
  Query<Params<>, std::int64_t> rows;
  Command<int> insert;
};

class RestoreTest : public testing::Test {
 protected:
  static void add_row(Database& database, int market) {
    const auto lease = database.writer().lease(Urgency::kNormal);
    lease.begin();
    lease.prepared<Sessions>().insert.run(market);
    lease.commit();
  }
  [[nodiscard]] static std::int64_t rows_in(const std::string& file) {
    const auto database = Database::open("sqlite3://" + file).value();
    std::int64_t found = -1;
    database->readers().lease().prepared<Sessions>().rows.run([&](std::int64_t n) { found = n; });
    return found;
  }
  // A database of one row, its backup, and a second row in what is left behind: with its log, as
  // after a service that was killed.
  void SetUp() override {
    auto database = Database::open(folder_.url()).value();
    add_row(*database, 1);
    backup_ = make_backup(database->upkeep().lease().connection(), path_,
                          {.directory = folder_.file("backup"), .prefix = "test-"}, TimePoint{})
                  .file;
    add_row(*database, 2);
    fs::copy_file(path_, folder_.file("killed"));
    fs::copy_file(path_ + "-wal", folder_.file("killed-wal"));
    database.reset();
    fs::rename(folder_.file("killed"), path_);
    fs::rename(folder_.file("killed-wal"), path_ + "-wal");
  }
  [[nodiscard]] std::string refusal_of(const std::string& from) const {
    const auto done = restore_database(folder_.url(), from, TimePoint{});
    return done ? "restored" : done.error().code;
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.file("test.db");
  std::string backup_;
};

TEST_F(RestoreTest, PutsTheBackupInPlaceAndKeepsWhatWasThereWithItsLog) {
  const auto done = restore_database(folder_.url(), backup_, TimePoint{});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->kept, path_ + ".replaced-19700101T000000Z");
  EXPECT_FALSE(fs::exists(path_ + "-wal")) << "the old log would bring the old rows back";
  EXPECT_FALSE(fs::exists(restoring_file(path_)));
  EXPECT_EQ(rows_in(path_), 1);
  EXPECT_EQ(rows_in(done->kept), 2);
  const auto again = restore_database(folder_.url(), backup_, TimePoint{});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kept, path_ + ".replaced-19700101T000000Z_02");
}

TEST_F(RestoreTest, ABackupThatWasCopiedWithItsLogIsRestoredWithIt) {
  fs::rename(path_, folder_.file("copy.db"));
  fs::rename(path_ + "-wal", folder_.file("copy.db-wal"));
  const auto done = restore_database(folder_.url(), folder_.file("copy.db"), TimePoint{});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->with_log);
  EXPECT_TRUE(done->kept.empty());
  EXPECT_EQ(rows_in(path_), 2);
  EXPECT_TRUE(fs::exists(folder_.file("copy.db-wal"))) << "the backup stays as it is";
}

TEST_F(RestoreTest, RefusesWhatIsNoneAndChangesNothing) {
  std::ofstream{folder_.file("text.db")} << "no database";
  EXPECT_EQ(refusal_of(folder_.file("text.db")), "NOT_SOUND");
  EXPECT_EQ(refusal_of(folder_.file("none.db")), "NOT_SOUND");
  EXPECT_EQ(refusal_of(path_), "SAME_FILE");
  {
    const auto newer = Database::open("sqlite3://" + backup_).value();
    newer->writer()
        .lease(Urgency::kNormal)
        .connection()
        .run_script("insert into systask_schema values (9999, '9999_later.sql', '0')");
  }
  EXPECT_EQ(refusal_of(backup_), "SCHEMA_NEWER");
  EXPECT_FALSE(fs::exists(restoring_file(path_)));
  EXPECT_EQ(rows_in(path_), 2);
}

TEST_F(RestoreTest, RefusesWhileAServiceHasTheDatabase) {
  const auto service = Database::open(folder_.url()).value();
  EXPECT_EQ(refusal_of(backup_), "DATABASE_LOCKED");
  fs::remove(path_ + ".lock");
  EXPECT_EQ(refusal_of(backup_), "DATABASE_LOCKED");
}

TEST_F(RestoreTest, ANewDatabaseIsAnnounced) {
  EXPECT_FALSE(Database::open(folder_.url()).value()->made_new());
  fs::remove(path_);
  EXPECT_THAT(Database::open(folder_.url()).value()->made_new().value_or(""),
              HasSubstr("test.db was used before, and is not there"));
  std::ofstream{folder_.file("empty.db")};
  const auto empty = Database::open("sqlite3://" + folder_.file("empty.db")).value();
  EXPECT_THAT(empty->made_new().value_or(""), HasSubstr("empty.db is empty"));
}

TEST_F(RestoreTest, ALogOrARestoreWithoutItsDatabaseIsNoNewDatabase) {
  for (const char* const rest : {"-wal", ".restoring"}) {
    std::ofstream{path_ + rest} << "all that there is";
    for (const bool empty : {false, true}) {
      fs::remove(path_);
      if (empty) std::ofstream{path_};
      const auto opened = Database::open(folder_.url());
      ASSERT_FALSE(opened) << rest;
      EXPECT_EQ(opened.error().code, "DATABASE_MISSING");
      EXPECT_THAT(opened.error().message, HasSubstr("systask restore"));
      EXPECT_EQ(fs::file_size(path_ + rest), 17U);
    }
    fs::remove(path_ + rest);
  }
}

}  // namespace
}  // namespace systask::db
