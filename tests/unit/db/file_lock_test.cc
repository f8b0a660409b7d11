#include "db/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <future>

#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using namespace std::chrono_literals;

// The number of a process that has ended.
pid_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

TEST(FileLock, SaysWhoHasIt) {
  const ScratchFolder folder;
  const auto first = FileLock::take(folder.file("lock"), "a database");
  ASSERT_TRUE(first);
  const auto second = FileLock::take(folder.file("lock"), "a database");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "DATABASE_LOCKED");
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
}

// As a program does that a killed service had just begun to start.
TEST(FileLock, WaitsForACopyThatOutlivesItsOwnerForAMoment) {
  const ScratchFolder folder;
  const std::string path = folder.file("lock");
  std::ofstream{path} << dead_process() << "\n";
  const int copy = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(copy, LOCK_EX | LOCK_NB), 0);
  auto taken = std::async(std::launch::async,
                          [&] { return FileLock::take(path, "a database").has_value(); });
  EXPECT_EQ(taken.wait_for(50ms), std::future_status::timeout);
  ::close(copy);
  EXPECT_TRUE(taken.get());
}

}  // namespace
}  // namespace systask::db
