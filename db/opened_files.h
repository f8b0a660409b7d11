// The OpenedFiles of a database are its file and its log, as they were when they were opened.
// Somebody may delete or replace them while they are used: what is written after that is lost.
//
// A value; every method may be called from any thread.
#pragma once

#include <optional>
#include <string>

#include "db/file_identity.h"

namespace systask::db {

class OpenedFiles {
 public:
  // `path` may be a symbolic link to `file`, which has the log beside it. Both are there.
  OpenedFiles(const std::string& path, const std::string& file)
      : file_(path), log_(file + "-wal") {}

  // Why a path does not name what was opened any more, and what to do. Two system calls.
  [[nodiscard]] std::optional<std::string> moved() const;
  // Throws std::runtime_error, with that, where they moved.
  void expect_in_place() const;

 private:
  FileIdentity file_;
  FileIdentity log_;
};

// The file that a path names in the end, through symbolic links, as an absolute path. Also of one
// that is not there yet.
[[nodiscard]] std::string file_behind(const std::string& path);

}  // namespace systask::db
