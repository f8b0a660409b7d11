#include "db/database.h"

#include <string_view>

#include "db/fault.h"
#include "db/schema.h"

namespace systask::db {
Database::Database(std::string path, FileLock lock, std::size_t readers,
                   Connection::Sharing sharing)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      writer_(path_, sharing),
      readers_(path_, readers, sharing) {}

std::optional<std::string> Database::moved() const {
  if (auto why = file_->changed()) return why;
  return log_->changed();
}

Result<std::unique_ptr<Database>> Database::open(const std::string& url, std::size_t readers,
                                                 Connection::Sharing sharing) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return Refusal{"DATABASE_URL", "the database \"" + url +
                                       "\" is not one this service can open: write it as "
                                       "sqlite3://PATH"};
  }
  std::string path = url.substr(kScheme.size());
  Result<FileLock> lock = FileLock::take(path + ".lock", path);
  if (!lock) return lock.error();
  try {
    std::unique_ptr<Database> database{
        new Database{std::move(path), std::move(lock).value(), readers, sharing}};
    if (const Result<void> migrated = migrate(database->writer_); !migrated) {
      return migrated.error();
    }
    database->file_.emplace(database->path_);
    database->log_.emplace(database->path_ + "-wal");
    return database;
  } catch (const std::exception& error) {
    return Refusal{"DATABASE_OPEN", "the database \"" + url +
                                        "\" cannot be opened: " + error.what() + "; " +
                                        std::string{advice_for(fault_of(error))}};
  }
}

}  // namespace systask::db
