#include "db/backups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "db/sound_file.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

class BackupsTest : public testing::Test {
 protected:
  BackupMade make(int keep = 0) {
    return make_backup(database_->upkeep().lease().connection(), database_->path(),
                       {.directory = folder_.file("backup"), .prefix = "test-", .keep = keep},
                       TimePoint{});
  }
  // Overwrites part of a file.
  static void damage(const std::string& file, std::streamoff at, std::size_t bytes) {
    std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekp(at);
    stream << std::string(bytes, 'x');
  }

  const ScratchFolder folder_;
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
};

TEST_F(BackupsTest, TwoOfOneSecondAreTwoInTheOrderOfTheirMaking) {
  EXPECT_THAT(make().file, EndsWith("backup/test-19700101T000000Z.db"));
  EXPECT_THAT(make().file, EndsWith("backup/test-19700101T000000Z_02.db"));
  const BackupMade third = make(2);
  EXPECT_THAT(third.file, EndsWith("backup/test-19700101T000000Z_03.db"));
  EXPECT_EQ(third.removed, 1);
  EXPECT_FALSE(fs::exists(folder_.file("backup/test-19700101T000000Z.db"))) << "the oldest went";
}

TEST_F(BackupsTest, TwoAtOnceWaitForEachOther) {
  Connection other{database_->path(), Connection::Access::kReadOnly};
  auto beside = std::async(std::launch::async, [&] {
    return make_backup(other, database_->path(),
                       {.directory = folder_.file("backup"), .prefix = "test-"}, TimePoint{});
  });
  const BackupMade here = make();
  const BackupMade there = beside.get();
  EXPECT_NE(here.file, there.file);
  for (const BackupMade& made : {here, there})
    EXPECT_TRUE(sound_file(made.file)) << made.file;
}

TEST_F(BackupsTest, OneThatIsNotSoundGetsNoName) {
  database_->writer().lease(Urgency::kNormal).connection().run_script("drop table systask_schema");
  try {
    make();
    FAIL() << "it passes for a backup";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("was thrown away, since it is not sound"));
    EXPECT_THAT(error.what(), HasSubstr("none that systask made"));
  }
  EXPECT_TRUE(fs::is_empty(folder_.file("backup")));
}

TEST_F(BackupsTest, OnlyAWholeDatabaseOfSystaskIsSound) {
  const std::string good = make().file;
  ASSERT_TRUE(sound_file(good));
  EXPECT_THAT(sound_file(good)->last_script, EndsWith(".sql"));
  const auto why = [](const std::string& file) {
    const auto sound = sound_file(file);
    return sound ? "sound" : sound.error().message;
  };
  EXPECT_THAT(why(folder_.file("none.db")), HasSubstr("cannot be read"));
  std::ofstream{folder_.file("empty.db")};
  EXPECT_THAT(why(folder_.file("empty.db")), HasSubstr("is empty"));
  std::ofstream{folder_.file("text.db")} << std::string(5000, 't');
  EXPECT_THAT(why(folder_.file("text.db")), HasSubstr("no SQLite database"));
  fs::copy_file(good, folder_.file("short.db"));
  fs::resize_file(folder_.file("short.db"), fs::file_size(good) / 2);
  EXPECT_THAT(why(folder_.file("short.db")), HasSubstr("is damaged"));
  damage(good, 4096, 4096);
  EXPECT_THAT(why(good), HasSubstr("is damaged"));
  EXPECT_FALSE(fs::exists(good + "-wal")) << "looking writes nothing";
}

TEST_F(BackupsTest, AFolderThatIsNoneIsNamed) {
  std::ofstream{folder_.file("backup")} << "a file";
  EXPECT_ANY_THROW(make());
}

}  // namespace
}  // namespace systask::db
