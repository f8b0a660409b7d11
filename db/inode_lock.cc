#include "db/inode_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "base/guarded.h"

namespace systask::db {
namespace {

constexpr int kLockTries = 200;
constexpr int kLockPauseMs = 10;
constexpr off_t kByte = off_t{1} << 62;  // SQLite's lie at 2^30

using Number = std::pair<dev_t, ino_t>;

// What this process has locked.
Guarded<std::set<Number>>& locked_here() {
  static Guarded<std::set<Number>> files;
  return files;
}

bool is_locked_here(const struct stat& found) {
  return locked_here().with([&](const std::set<Number>& files) {
    return files.contains({found.st_dev, found.st_ino});
  });
}

bool lock_byte(int descriptor) {
  struct flock byte {};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = kByte;
  byte.l_len = 1;
  for (int tries = 0; tries < kLockTries; ++tries) {
    if (::fcntl(descriptor, F_OFD_SETLK, &byte) == 0) return true;
    if (errno != EAGAIN && errno != EACCES) return false;
    ::poll(nullptr, 0, kLockPauseMs);
  }
  return false;
}

Refusal in_use(const std::string& path) {
  return Refusal{"DATABASE_LOCKED",
                 "the database " + path +
                     " is in use by another service, perhaps under another name (`fuser " + path +
                     "` names its process): stop it, or give this service another database"};
}

Refusal cannot(const std::string& path, const std::string& what, int error) {
  return Refusal{"DATABASE_OPEN",
                 "the database " + path + " cannot be " + what + ": " + std::strerror(error) +
                     "; check that its directory exists and that both are writable"};
}

}  // namespace

Result<InodeLock> InodeLock::take(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && is_locked_here(found)) return in_use(path);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return cannot(path, "opened", errno);
  if (::fstat(descriptor, &found) != 0 || !lock_byte(descriptor)) {
    const int error = errno;
    ::close(descriptor);
    return error == EAGAIN || error == EACCES ? in_use(path) : cannot(path, "locked", error);
  }
  locked_here().with([&](std::set<Number>& files) { files.emplace(found.st_dev, found.st_ino); });
  return InodeLock{descriptor, found.st_dev, found.st_ino};
}

InodeLock::InodeLock(InodeLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      device_(other.device_),
      number_(other.number_) {}

InodeLock::~InodeLock() {
  if (descriptor_ < 0) return;
  locked_here().with([this](std::set<Number>& files) { files.erase({device_, number_}); });
  ::close(descriptor_);
}

bool InodeLock::is_at(const std::string& path) const {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == number_;
}

}  // namespace systask::db
