#include "db/database.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "db/fault.h"
#include "db/restore.h"
#include "db/schema.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;

bool is_there(const std::string& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return !error && bytes > 0;
}

// What a new database is announced with, where opening the file makes one. SQLite would take an
// empty file for a new database, and delete the log that has all of the old one.
Result<std::optional<std::string>> news_of(const std::string& file, bool was_used) {
  std::error_code error;
  if (is_there(file)) return std::optional<std::string>{};
  const std::string what = fs::exists(file, error) ? "is empty" : "is not there";
  for (const std::string& rest : {file + "-wal", restoring_file(file)})
    if (is_there(rest))
      return Refusal{"DATABASE_MISSING",
                     fmt::format("the database {} {}, but {} is: put the right file back, or run "
                                 "`systask restore BACKUP`; to start with a new database, move {} "
                                 "away",
                                 file, what, rest, rest)};
  return std::optional{fmt::format("a new database was made: {} {}{}", file,
                                   was_used ? "was used before, and " : "", what)};
}

}  // namespace

Database::Database(std::string path, const std::string& file, FileLock lock, InodeLock inode_lock,
                   std::size_t readers, Connection::Sharing sharing)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      inode_lock_(std::move(inode_lock)),
      writer_(file, sharing),
      readers_(file, readers, sharing),
      upkeep_(file, 1, sharing) {}

Result<std::unique_ptr<Database>> Database::open(const std::string& url, std::size_t readers,
                                                 Connection::Sharing sharing) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return Refusal{"DATABASE_URL", "the database \"" + url +
                                       "\" is not one this service can open: write it as "
                                       "sqlite3://PATH"};
  }
  std::string path = url.substr(kScheme.size());
  const std::string file = file_behind(path);
  const bool was_used = is_there(file + ".lock");
  Result<FileLock> lock = FileLock::take(file + ".lock", path);
  if (!lock) return lock.error();
  const auto made_new = news_of(file, was_used);
  if (!made_new) return made_new.error();
  Result<InodeLock> inode_lock = InodeLock::take(file);
  if (!inode_lock) return inode_lock.error();
  try {
    std::unique_ptr<Database> database{new Database{std::move(path), file, std::move(lock).value(),
                                                    std::move(inode_lock).value(), readers,
                                                    sharing}};
    database->made_new_ = *made_new;
    if (const Result<void> migrated = migrate(database->writer_); !migrated) {
      return migrated.error();
    }
    database->files_.emplace(database->path_, file);
    if (!database->inode_lock_.is_at(file))
      return Refusal{"DATABASE_OPEN",
                     "the database \"" + url + "\" was replaced while it was opened: start again"};
    database->writer_.guard(*database->files_);
    return database;
  } catch (const std::exception& error) {
    return Refusal{"DATABASE_OPEN", "the database \"" + url +
                                        "\" cannot be opened: " + error.what() + "; " +
                                        std::string{advice_for(fault_of(error))}};
  }
}

}  // namespace systask::db
