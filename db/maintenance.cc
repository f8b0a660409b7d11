#include "db/maintenance.h"

#include <fmt/chrono.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;

sqlite_api::sqlite3* handle_of(Connection& connection) {
  return static_cast<soci::sqlite3_session_backend*>(connection.sql().get_backend())->conn_;
}

// One step for all pages: it reads one state, and in WAL mode a reader stops nobody. In
// several steps, every commit in between would make it start again.
void copy_database(const std::string& from, const std::string& to) {
  Connection source{from, Connection::Access::kReadOnly};
  sqlite_api::sqlite3* target = nullptr;
  int code = sqlite_api::sqlite3_open(to.c_str(), &target);
  if (code == SQLITE_OK) {
    sqlite_api::sqlite3_backup* const copy =
        sqlite_api::sqlite3_backup_init(target, "main", handle_of(source), "main");
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

// Names carry the time, so their order is the order in time.
int remove_old(const fs::path& directory, const std::string& prefix, int keep) {
  std::vector<fs::path> copies;
  for (const auto& entry : fs::directory_iterator{directory}) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".db")) copies.push_back(entry.path());
  }
  std::ranges::sort(copies, std::greater<>{});
  int removed = 0;
  for (std::size_t i = static_cast<std::size_t>(std::max(keep, 1)); i < copies.size(); ++i) {
    if (fs::remove(copies[i])) ++removed;
  }
  return removed;
}

std::int64_t size_or_zero(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

Maintenance::Checkpoint Maintenance::checkpoint() {
  Connection connection{path_, Connection::Access::kReadWrite};
  Query<Params<>, int, std::int64_t, std::int64_t> query{connection.sql(),
                                                         "pragma wal_checkpoint(passive)"};
  Checkpoint done;
  query.run([&](int, std::int64_t frames, std::int64_t checkpointed) {
    done = Checkpoint{frames, checkpointed};
  });
  return done;
}

Maintenance::Backup Maintenance::backup(const std::string& directory, int keep, TimePoint at) {
  fs::create_directories(directory);
  const std::string prefix = fs::path{path_}.stem().string() + "-";
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const fs::path file = fs::path{directory} /
                        (prefix + fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(second)) + ".db");
  const std::string unfinished = file.string() + ".part";
  std::error_code ignored;
  fs::remove(unfinished, ignored);  // left by a copy that was cut short
  copy_database(path_, unfinished);
  fs::rename(unfinished, file);
  return Backup{file.string(), size_or_zero(file.string()), remove_old(directory, prefix, keep)};
}

Maintenance::Space Maintenance::space() {
  const fs::space_info disk = fs::space(fs::absolute(path_).parent_path());
  return Space{size_or_zero(path_), size_or_zero(path_ + "-wal"),
               static_cast<std::int64_t>(disk.available), static_cast<std::int64_t>(disk.capacity)};
}

std::vector<std::string> Maintenance::quick_check() {
  Connection connection{path_, Connection::Access::kReadOnly};
  Query<Params<>, std::string> query{connection.sql(), "pragma quick_check"};
  std::vector<std::string> wrong;
  query.run([&](std::string line) {
    if (line != "ok") wrong.push_back(std::move(line));
  });
  return wrong;
}

}  // namespace systask::db
