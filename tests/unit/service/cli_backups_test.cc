// systask backup and systask restore, on files.
#include "service/cli/backups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "db/database.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BackupCommands : public testing::Test {
 protected:
  BackupCommands() {
    std::ofstream{config_} << "service: {database: \"sqlite3://own.db\"}\ntasks: []\n";
  }
  int backup() { return make_backup_of({.config = config_, .now = TimePoint{}}, out_, err_); }
  int restore(const std::string& file) {
    return restore_from({.config = config_, .file = file, .now = TimePoint{}}, out_, err_);
  }

  const ScratchFolder folder_;
  const std::string config_ = folder_.file("tasks.yaml");
  const std::string database_ = folder_.file("own.db");
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(BackupCommands, WithoutADatabaseNothingIsCopiedAndNoneIsMade) {
  EXPECT_EQ(backup(), 1);
  EXPECT_THAT(err_.str(), HasSubstr("there is no database at " + database_));
  EXPECT_FALSE(fs::exists(database_));
}

TEST_F(BackupCommands, ACopyBesideARunningServiceAndItsReturnWithoutOne) {
  {
    const auto service = db::Database::open("sqlite3://" + database_);
    ASSERT_TRUE(service);
    EXPECT_EQ(backup(), 0) << err_.str();
    EXPECT_EQ(restore(folder_.file("backup/own-19700101T000000Z.db")), 1);
    EXPECT_THAT(err_.str(), HasSubstr("is in use by"));
  }
  EXPECT_THAT(out_.str(), HasSubstr("backup/own-19700101T000000Z.db: "));
  EXPECT_THAT(out_.str(), HasSubstr("opened and found sound"));
  EXPECT_EQ(restore(folder_.file("backup/own-19700101T000000Z.db")), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(database_ + " is now what "));
  EXPECT_THAT(out_.str(), HasSubstr("kept as " + database_ + ".replaced-19700101T000000Z"));
}

TEST_F(BackupCommands, WhatWasDoneAsJson) {
  ASSERT_TRUE(db::Database::open("sqlite3://" + database_));
  EXPECT_EQ(
      make_backup_of({.config = config_, .directory = folder_.file("b"), .json = true}, out_, err_),
      0);
  EXPECT_THAT(out_.str(), HasSubstr(R"({"file":")" + folder_.file("b/own-19700101T000000Z.db")));
  fs::remove(database_);
  const std::string backup = folder_.file("b/own-19700101T000000Z.db");
  EXPECT_EQ(restore_from({.config = config_, .file = backup, .json = true}, out_, err_), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"("kept":null})"));
}

TEST_F(BackupCommands, AConfigurationWithMistakesIsNamed) {
  std::ofstream{config_} << "service: {databse: x}\n";
  EXPECT_EQ(backup(), 2);
  EXPECT_EQ(restore("x"), 2);
  EXPECT_THAT(err_.str(), HasSubstr("databse"));
}

}  // namespace
}  // namespace systask::service
