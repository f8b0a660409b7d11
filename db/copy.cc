#include "db/copy.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "base/new_file.h"
#include "db/connection.h"

namespace systask::db {

namespace fs = std::filesystem;

void copy_database(const std::string& from, const std::string& to) {
  Connection source{from, Connection::Access::kReadOnly};
  copy_database(source, from, to);
}

// One step for all pages: it reads one state, and in WAL mode a reader stops nobody. In
// several steps, every commit in between would make it start again.
void copy_database(Connection& source, const std::string& from, const std::string& to) {
  sqlite_api::sqlite3* target = nullptr;
  make_file(to);
  int code = sqlite_api::sqlite3_open(to.c_str(), &target);
  if (code == SQLITE_OK) {
    sqlite_api::sqlite3_backup* const copy =
        sqlite_api::sqlite3_backup_init(target, "main", source.handle(), "main");
    if (copy != nullptr) sqlite_api::sqlite3_backup_step(copy, -1);
    code = copy != nullptr ? sqlite_api::sqlite3_backup_finish(copy)
                           : sqlite_api::sqlite3_errcode(target);
  }
  const std::string why = code == SQLITE_OK ? "" : sqlite_api::sqlite3_errstr(code);
  sqlite_api::sqlite3_close(target);
  if (code == SQLITE_OK) return;
  std::error_code ignored;
  fs::remove(to, ignored);
  throw std::runtime_error("the database " + from + " could not be copied to " + to + ": " + why +
                           "; check the space and the rights there");
}

Result<std::unique_ptr<Database>> open_copy(const std::string& url, const std::string& directory) {
  if (!url.starts_with(kScheme)) return Database::open(url);  // which says what is wrong
  const std::string path = url.substr(kScheme.size());
  const std::string copy = (fs::path{directory} / "copy.db").string();
  if (fs::exists(path)) copy_database(path, copy);
  auto database = Database::open(std::string{kScheme} + copy, 4, Connection::Sharing::kProcess);
  if (database)
    (*database)
        ->writer()
        .lease(Urgency::kNormal)
        .connection()
        .run_script("pragma synchronous = off");
  return database;
}

}  // namespace systask::db
