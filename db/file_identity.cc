#include "db/file_identity.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace systask::db {
namespace {

constexpr const char* kWhatToDo =
    ": nothing is written or acknowledged any more. Stop the service, put the right file back "
    "(what "
    "it held is copied beside it) and start it";

}  // namespace

FileIdentity::FileIdentity(std::string path) : path_(std::move(path)) {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return;
  known_ = true;
  device_ = found.st_dev;
  number_ = found.st_ino;
}

std::optional<std::string> FileIdentity::changed() const {
  if (!known_) return std::nullopt;
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) {
    const int error = errno;
    if (error == ENOENT)
      return "the file " + path_ + " was deleted or moved while it was open" + kWhatToDo;
    return "the file " + path_ + " cannot be looked at: " + std::strerror(error);
  }
  if (found.st_dev == device_ && found.st_ino == number_) return std::nullopt;
  return "the file " + path_ + " is another one than the one that was opened" + kWhatToDo;
}

}  // namespace systask::db
