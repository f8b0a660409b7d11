// A FileIdentity knows which file a path named when it was made: its device and its number there.
// A program that has a file open goes on writing to it after somebody deleted it or put another in
// its place, and all that it writes is lost with its end.
//
// A value; changed() asks the file system, and may be called from any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace systask::db {

class FileIdentity {
 public:
  explicit FileIdentity(std::string path);

  // Why the path does not name that file any more, and what to do; nothing where it does, or
  // where there was none.
  [[nodiscard]] std::optional<std::string> changed() const;

 private:
  std::string path_;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t number_ = 0;
};

}  // namespace systask::db
