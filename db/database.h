// The Database is one file, opened by one service at a time: its write connection, its
// readers, and its schema, brought up to date when it is opened. The file itself is locked, so
// neither another name of it nor the loss of the lock file beside it lets a second service in.
//
// open() belongs to start-up; after it, every method may be called from any thread. The
// Database must outlive every store and lease.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/file_lock.h"
#include "db/inode_lock.h"
#include "db/opened_files.h"
#include "db/read_pool.h"
#include "db/writer.h"

namespace systask::db {

inline constexpr std::string_view kScheme = "sqlite3://";  // of every database's URL

class Database {
 public:
  // `url` is "sqlite3://PATH". Refused, with what to do: DATABASE_URL, DATABASE_LOCKED
  // (another service has it), DATABASE_OPEN, DATABASE_MISSING (its file is not there or empty,
  // though its log or a restore that was cut short is), SCHEMA_CHANGED, SCHEMA_NEWER.
  static Result<std::unique_ptr<Database>> open(
      const std::string& url, std::size_t readers = 4,
      Connection::Sharing sharing = Connection::Sharing::kMachine);

  // As the URL names it.
  [[nodiscard]] const std::string& path() const { return path_; }
  // That there was no database, or an empty file, and a new one was made: for the operator to know.
  [[nodiscard]] const std::optional<std::string>& made_new() const { return made_new_; }
  // Why its path, or its log's, does not name the file that was opened any more.
  [[nodiscard]] std::optional<std::string> moved() const { return files_->moved(); }
  [[nodiscard]] Writer& writer() { return writer_; }
  [[nodiscard]] ReadPool& readers() { return readers_; }
  // For what takes a while: one, which knows the file that was opened whatever its path names now.
  [[nodiscard]] ReadPool& upkeep() { return upkeep_; }

 private:
  // Opens the connections on the file that is locked.
  Database(std::string path, const std::string& file, FileLock lock, InodeLock inode_lock,
           std::size_t readers, Connection::Sharing sharing);

  std::string path_;
  std::optional<std::string> made_new_;
  FileLock lock_;
  InodeLock inode_lock_;              // outlives the connections
  std::optional<OpenedFiles> files_;  // when the schema is up to date: then both are there
  Writer writer_;
  ReadPool readers_;
  ReadPool upkeep_;
};

}  // namespace systask::db
