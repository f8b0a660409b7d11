// An InodeLock keeps a second service off the file itself, whatever name it is opened by: through
// a symbolic or a hard link, or after somebody removed the lock file beside it.
//
// It is a lock of an open file description on one byte, far behind any that SQLite locks. Closing
// any descriptor of a file drops all locks that SQLite has on it for this process, so an InodeLock
// must outlive every connection to its file, and none may be taken for a file that this process
// has locked already: take() knows those, and does not open them.
// Movable, owned by whoever took it; take() may be called from any thread.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/result.h"

namespace systask::db {

class InodeLock {
 public:
  // Locks the file, which is made where it is not there. DATABASE_LOCKED where somebody has it, in
  // this process or another, after two seconds in which a killed owner's children let go of it;
  // DATABASE_OPEN where it cannot be opened.
  static Result<InodeLock> take(const std::string& path);

  InodeLock(InodeLock&& other) noexcept;
  InodeLock& operator=(InodeLock&&) = delete;
  ~InodeLock();

  // Whether the path names the file that is locked.
  [[nodiscard]] bool is_at(const std::string& path) const;

 private:
  InodeLock(int descriptor, dev_t device, ino_t number)
      : descriptor_(descriptor), device_(device), number_(number) {}

  int descriptor_;
  dev_t device_;
  ino_t number_;
};

}  // namespace systask::db
