#include "db/database.h"

#include <string_view>

#include "db/fault.h"
#include "db/schema.h"

namespace systask::db {
namespace {

std::string_view advice_for(Fault fault) {
  switch (fault) {
    case Fault::kBusy: return "another program keeps it locked: close that program";
    case Fault::kNoSpace: return "check that its directory exists, is writable and has space";
    case Fault::kCorrupt: return "the file is damaged or no SQLite database: restore a backup";
    default: return "check the path, or start with a new database";
  }
}

}  // namespace

Database::Database(std::string path, FileLock lock, std::size_t readers,
                   Connection::Sharing sharing)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      writer_(path_, sharing),
      readers_(path_, readers, sharing) {}

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
    return database;
  } catch (const std::exception& error) {
    return Refusal{"DATABASE_OPEN", "the database \"" + url +
                                        "\" cannot be opened: " + error.what() + "; " +
                                        std::string{advice_for(fault_of(error))}};
  }
}

}  // namespace systask::db
