// A FileLock keeps a second service off the same database. It is an flock on a file that
// also names the process that has it, so it ends with the process, however that dies.
// Movable, owned by whoever took it; take() may be called from any thread.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace systask::db {

class FileLock {
 public:
  // DATABASE_LOCKED, naming the file and the process that has it, where somebody does;
  // DATABASE_OPEN where the file cannot be made. `what` is named in the message. Waits for up
  // to two seconds where the process that is named there is gone.
  static Result<FileLock> take(const std::string& lock_path, const std::string& what);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace systask::db
