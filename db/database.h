// The Database is one file, opened by one service at a time: its write connection, its
// readers, and its schema, brought up to date when it is opened.
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
#include "db/file_identity.h"
#include "db/file_lock.h"
#include "db/read_pool.h"
#include "db/writer.h"

namespace systask::db {

inline constexpr std::string_view kScheme = "sqlite3://";  // of every database's URL

class Database {
 public:
  // `url` is "sqlite3://PATH". Refused, with what to do: DATABASE_URL, DATABASE_LOCKED
  // (another service has it), DATABASE_OPEN, SCHEMA_CHANGED, SCHEMA_NEWER.
  static Result<std::unique_ptr<Database>> open(
      const std::string& url, std::size_t readers = 4,
      Connection::Sharing sharing = Connection::Sharing::kMachine);

  [[nodiscard]] const std::string& path() const { return path_; }
  // Why its path, or its log's, does not name the file that was opened any more.
  [[nodiscard]] std::optional<std::string> moved() const;
  [[nodiscard]] Writer& writer() { return writer_; }
  [[nodiscard]] ReadPool& readers() { return readers_; }

 private:
  Database(std::string path, FileLock lock, std::size_t readers, Connection::Sharing sharing);

  std::string path_;
  FileLock lock_;
  Writer writer_;
  ReadPool readers_;
  // As they are when the schema is up to date: then all of them are there.
  std::optional<FileIdentity> file_;
  std::optional<FileIdentity> log_;
};

}  // namespace systask::db
