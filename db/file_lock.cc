#include "db/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

namespace systask::db {
namespace {

constexpr int kTries = 200;
constexpr int kPauseMs = 10;

std::string read_owner(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(descriptor, text.data(), text.size() - 1, 0);
  std::string owner{text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  while (!owner.empty() && owner.back() == '\n')
    owner.pop_back();
  return owner.empty() ? "unknown" : owner;
}

bool write_owner(int descriptor) {
  const std::string owner = std::to_string(::getpid()) + "\n";
  return ::ftruncate(descriptor, 0) == 0 &&
         ::pwrite(descriptor, owner.data(), owner.size(), 0) == static_cast<ssize_t>(owner.size());
}

bool is_gone(const std::string& owner) {
  pid_t process = 0;
  const auto [end, error] = std::from_chars(owner.data(), owner.data() + owner.size(), process);
  return error == std::errc{} && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

// A service that is killed while it starts a program leaves a copy of its descriptors behind,
// and the lock with them, until that program begins: an instant, or more on a busy machine.
bool locked(int descriptor) {
  for (int tries = 0; tries < kTries; ++tries) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (!is_gone(read_owner(descriptor))) return false;
    ::poll(nullptr, 0, kPauseMs);
  }
  return false;
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& lock_path, const std::string& what) {
  const int descriptor = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return Refusal{"DATABASE_OPEN", "the lock file " + lock_path +
                                        " cannot be opened: " + std::strerror(errno) +
                                        "; check that its directory exists and is writable"};
  }
  FileLock lock{descriptor};
  if (!locked(descriptor)) {
    return Refusal{"DATABASE_LOCKED", "the database " + what + " is in use by process " +
                                          read_owner(descriptor) + ", which holds " + lock_path +
                                          ": stop it, or give this service another database"};
  }
  if (!write_owner(descriptor)) {
    return Refusal{"DATABASE_OPEN", "the lock file " + lock_path + " cannot be written: " +
                                        std::strerror(errno) + "; check the free space"};
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace systask::db
