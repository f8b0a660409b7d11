#include "db/sound_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <optional>

#include "db/connection.h"
#include "db/schema.h"
#include "db/task_sql.h"

namespace systask::db {
namespace {

// A connection that takes the file as it is: no log, no lock, nothing written beside it.
class Looker {
 public:
  explicit Looker(const std::string& file)
      : code_(sqlite_api::sqlite3_open_v2((uri_of(file) + "?immutable=1").c_str(), &handle_,
                                          SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr)) {}
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;
  ~Looker() { sqlite_api::sqlite3_close(handle_); }

  // Calls row(statement) for each row; why it could not be read to its end, or nothing.
  template <class Row>
  std::optional<std::string> read(const char* words, const Row& row) const {
    sqlite_api::sqlite3_stmt* made = nullptr;
    int code = code_;
    if (code == SQLITE_OK)
      code = sqlite_api::sqlite3_prepare_v2(handle_, words, -1, &made, nullptr);
    const SqliteStatement statement{made};
    if (code != SQLITE_OK) return sqlite_api::sqlite3_errmsg(handle_);
    while ((code = sqlite_api::sqlite3_step(made)) == SQLITE_ROW)
      row(made);
    if (code != SQLITE_DONE) return sqlite_api::sqlite3_errmsg(handle_);
    return std::nullopt;
  }

 private:
  SqliteHandle* handle_ = nullptr;
  const int code_;
};

std::string text_of(sqlite_api::sqlite3_stmt* statement, int column) {
  const auto* const text = sqlite_api::sqlite3_column_text(statement, column);
  return text == nullptr
             ? ""
             : std::string{text, text + sqlite_api::sqlite3_column_bytes(statement, column)};
}

Refusal not_sound(const std::string& file, const std::string& why) {
  return Refusal{"NOT_SOUND", file + " " + why};
}

}  // namespace

Result<SoundFile> sound_file(const std::string& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return not_sound(file, "cannot be read: " + error.message());
  if (bytes == 0) return not_sound(file, "is empty");
  const Looker looker{file};
  std::string problem;
  auto failed = looker.read("pragma quick_check(1)", [&](auto* row) {
    if (const std::string line = text_of(row, 0); line != "ok") problem = line;
  });
  if (failed) return not_sound(file, "is damaged, or no SQLite database: " + *failed);
  if (!problem.empty()) return not_sound(file, "is damaged: " + problem);
  std::map<int, Applied> applied;
  failed = looker.read("select version, name, checksum from systask_schema", [&](auto* row) {
    applied.emplace(sqlite_api::sqlite3_column_int(row, 0),
                    Applied{text_of(row, 1), text_of(row, 2)});
  });
  if (failed || applied.empty())
    return not_sound(file,
                     "is an SQLite database, but none that systask made: it does not say "
                     "which schema it has");
  if (const Result<void> checked = check_applied(applied); !checked)
    return Refusal{checked.error().code, file + ": " + checked.error().message};
  return SoundFile{static_cast<int>(applied.size()), applied.rbegin()->second.name};
}

}  // namespace systask::db
