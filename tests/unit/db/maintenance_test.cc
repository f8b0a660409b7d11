#include "db/maintenance.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

void write_something(Database& database) {
  const auto lease = database.writer().lease(Urgency::kNormal);
  lease.connection().run_script(
      "insert into algojr_texectimeinfo values (1, '093000-113000;130000-150000')"
      " on conflict do nothing");
}

TEST(Maintenance, CheckpointsTheLogAndMeasuresTheFiles) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Maintenance maintenance{*database};
  write_something(*database);
  EXPECT_GT(maintenance.space().log_bytes, 0);
  const auto done = maintenance.checkpoint();
  EXPECT_GT(done.frames, 0);
  EXPECT_EQ(done.checkpointed, done.frames);
  EXPECT_GT(maintenance.space().database_bytes, 0);
  EXPECT_GT(maintenance.space().free_bytes, 0);
  EXPECT_TRUE(maintenance.verify(false, 10, {}).problems.empty());
}

TEST(Maintenance, ABackupIsWholeAndOnlyTheNewestAreKept) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Maintenance maintenance{*database};
  write_something(*database);
  const auto writing = database->writer().lease(Urgency::kNormal);
  writing.begin();  // a writer at work neither waits nor is waited for
  const std::string directory = folder.file("backups/deep");
  trading::Upkeep::Backup last;
  for (int day = 0; day < 3; ++day) {
    last = maintenance.backup(directory, 2, TimePoint{std::chrono::hours{24 * day}});
  }
  EXPECT_EQ(last.removed, 1);
  EXPECT_GT(last.bytes, 0);
  EXPECT_TRUE(last.file.ends_with("test-19700103T000000Z.db")) << last.file;
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator{directory})
    ++files;
  EXPECT_EQ(files, 2U);
  const auto copy = Database::open("sqlite3://" + last.file).value();
  EXPECT_TRUE(Maintenance{*copy}.verify(true, 10, {}).problems.empty());
}

}  // namespace
}  // namespace systask::db
