#include "db/inode_lock.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "db/database.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class InodeLockTest : public testing::Test {
 protected:
  [[nodiscard]] std::string code_of(const std::string& name) const {
    const auto opened = Database::open("sqlite3://" + folder_.file(name));
    return opened ? "opened" : opened.error().code;
  }
  // Whether another process can have the lock.
  static bool free_elsewhere(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock byte {};
      byte.l_type = F_WRLCK;
      byte.l_start = off_t{1} << 62;
      byte.l_len = 1;
      const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(::fcntl(file, F_OFD_SETLK, &byte) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  // Whether SQLite has a lock on it, as every process but this one sees.
  static bool is_open_elsewhere(const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock all {};
      all.l_type = F_WRLCK;
      all.l_start = 0x40000002;  // SQLite's shared bytes
      all.l_len = 510;
      const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(::fcntl(file, F_GETLK, &all) == 0 && all.l_type != F_UNLCK ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  const ScratchFolder folder_;
};

TEST_F(InodeLockTest, OneDatabaseIsOneServicesWhateverItsName) {
  const auto database = Database::open(folder_.url()).value();
  fs::create_symlink("test.db", folder_.file("link.db"));
  fs::create_symlink(folder_.file("link.db"), folder_.file("far.db"));
  fs::create_hard_link(folder_.file("test.db"), folder_.file("hard.db"));
  for (const char* name : {"test.db", "link.db", "far.db", "hard.db"})
    EXPECT_EQ(code_of(name), "DATABASE_LOCKED") << name;
  fs::remove(folder_.file("test.db.lock"));
  EXPECT_EQ(code_of("test.db"), "DATABASE_LOCKED") << "after the lock file was removed";
}

TEST_F(InodeLockTest, ADatabaseThroughALinkHasItsLogAndItsLockBesideTheFile) {
  fs::create_directory(folder_.file("there"));
  fs::create_symlink("there/real.db", folder_.file("link.db"));
  const auto database = Database::open("sqlite3://" + folder_.file("link.db")).value();
  for (const char* name : {"there/real.db", "there/real.db-wal", "there/real.db.lock"})
    EXPECT_TRUE(fs::exists(folder_.file(name))) << name;
  EXPECT_FALSE(database->moved());
  fs::rename(folder_.file("there/real.db-wal"), folder_.file("aside"));
  EXPECT_THAT(database->moved().value_or(""), HasSubstr("real.db-wal was deleted or moved"));
  fs::rename(folder_.file("aside"), folder_.file("there/real.db-wal"));
  fs::remove(folder_.file("link.db"));
  EXPECT_THAT(database->moved().value_or(""), HasSubstr("link.db was deleted or moved"));
}

TEST_F(InodeLockTest, HoldsForOtherProcessesUntilItsEnd) {
  const std::string path = folder_.file("a");
  {
    const auto lock = InodeLock::take(path);
    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->is_at(path));
    EXPECT_FALSE(free_elsewhere(path));
    const auto second = InodeLock::take(path);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("fuser " + path));
  }
  EXPECT_TRUE(free_elsewhere(path));
  EXPECT_TRUE(InodeLock::take(path));
}

// SQLite's locks of a file are dropped when this process closes any descriptor of it.
TEST_F(InodeLockTest, ARefusedSecondOpeningLeavesSqlitesLocks) {
  const auto database = Database::open(folder_.url()).value();
  fs::remove(folder_.file("test.db.lock"));
  ASSERT_TRUE(is_open_elsewhere(folder_.file("test.db")));
  EXPECT_EQ(code_of("test.db"), "DATABASE_LOCKED");
  EXPECT_TRUE(is_open_elsewhere(folder_.file("test.db")));
}

TEST_F(InodeLockTest, SaysWhatCannotBeOpened) {
  EXPECT_EQ(InodeLock::take(folder_.file("none/a")).error().code, "DATABASE_OPEN");
  fs::create_directory(folder_.file("folder"));
  EXPECT_THAT(InodeLock::take(folder_.file("folder")).error().message, HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace systask::db
