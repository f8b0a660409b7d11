#include "db/sql_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

#include "db/schema.h"
#include "db/task_sql.h"

namespace systask::db {
namespace {

constexpr int kWaitMillis = 1'000;
constexpr int kMostSteps = 1'000'000;  // of a statement that makes a table, in an empty database

// Closed with its last use.
class SchemaConnection {
 public:
  SchemaConnection(const std::string& name, int flags)
      : code_(sqlite_api::sqlite3_open_v2(name.c_str(), &handle_, flags, nullptr)) {
    sqlite_api::sqlite3_busy_timeout(handle_, kWaitMillis);
  }
  SchemaConnection(const SchemaConnection&) = delete;
  SchemaConnection& operator=(const SchemaConnection&) = delete;
  ~SchemaConnection() { sqlite_api::sqlite3_close(handle_); }

  [[nodiscard]] SqliteHandle* handle() const { return handle_; }
  [[nodiscard]] bool open() const { return code_ == SQLITE_OK; }
  [[nodiscard]] std::string error() const { return sqlite_api::sqlite3_errmsg(handle_); }
  bool say(const std::string& words) const {
    return sqlite_api::sqlite3_exec(handle_, words.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

 private:
  SqliteHandle* handle_ = nullptr;
  int code_;
};

// The words that made the tables, indexes, views and triggers of a database, in order.
std::optional<std::vector<std::string>> schema_of(const std::string& path, std::string& why) {
  const SchemaConnection file{path, SQLITE_OPEN_READONLY};
  sqlite_api::sqlite3_stmt* made = nullptr;
  constexpr const char* kWords = "select sql from sqlite_master where sql is not null";
  const bool readable = file.open() && sqlite_api::sqlite3_prepare_v2(file.handle(), kWords, -1,
                                                                      &made, nullptr) == SQLITE_OK;
  const SqliteStatement statement{made};
  std::vector<std::string> words;
  int code = readable ? sqlite_api::sqlite3_step(made) : SQLITE_ERROR;
  for (; code == SQLITE_ROW; code = sqlite_api::sqlite3_step(made)) {
    const auto* const text = sqlite_api::sqlite3_column_text(made, 0);
    words.emplace_back(text, text + sqlite_api::sqlite3_column_bytes(made, 0));
  }
  if (code == SQLITE_DONE) return words;
  why = file.error();
  return std::nullopt;
}

bool has_table(const SchemaConnection& copy, const std::string& name) {
  return sqlite_api::sqlite3_table_column_metadata(copy.handle(), "main", name.c_str(), nullptr,
                                                   nullptr, nullptr, nullptr, nullptr,
                                                   nullptr) == SQLITE_OK;
}

bool begins_with_word(std::string_view text, std::string_view word) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text.size() - begin < word.size()) return false;
  return std::ranges::equal(text.substr(begin, word.size()), word, {},
                            [](unsigned char c) { return std::tolower(c); });
}

// Prepares the statements of one SqlWork one after the other, on a copy of the schema. Those that
// change the schema are run: what comes after them may need it.
class Preparer {
 public:
  Preparer(const SchemaConnection& copy, bool own, const SqlWork& work)
      : copy_(copy), work_(work), rights_(own, work.may_write) {
    rights_.watch(copy.handle());
    sqlite_api::sqlite3_progress_handler(
        copy.handle(), kMostSteps, [](void*) { return 1; }, nullptr);
  }

  std::optional<std::string> fault() {
    const char* rest = work_.text.c_str();
    while (*rest != '\0') {
      const char* const begin = rest;
      sqlite_api::sqlite3_stmt* made = nullptr;
      const int code = sqlite_api::sqlite3_prepare_v2(copy_.handle(), rest, -1, &made, &rest);
      const SqliteStatement statement{made};
      if (code == SQLITE_OK && statement == nullptr) continue;  // a comment
      ++number_;
      if (code == SQLITE_AUTH) return fmt::format("statement {}: {}", number_, rights_.why());
      if (code != SQLITE_OK) return fmt::format("statement {}: {}", number_, copy_.error());
      if (auto wrong = fault_of(made)) return wrong;
      const std::string_view text{begin, static_cast<std::size_t>(rest - begin)};
      for (const std::string_view word : {"create", "drop", "alter"})
        if (begins_with_word(text, word)) sqlite_api::sqlite3_step(made);
    }
    if (number_ == 0) return "there is no statement in it";
    return std::nullopt;
  }

 private:
  std::optional<std::string> fault_of(sqlite_api::sqlite3_stmt* statement) const {
    if (work_.read_only && sqlite_api::sqlite3_stmt_readonly(statement) == 0)
      return fmt::format("statement {} writes, and the task says read_only", number_);
    for (int i = 1; i <= sqlite_api::sqlite3_bind_parameter_count(statement); ++i) {
      const char* const name = sqlite_api::sqlite3_bind_parameter_name(statement, i);
      if (name == nullptr)
        return fmt::format("statement {} has a ? without a name: name it, such as :keep", number_);
      if (!work_.values.contains(std::string_view{name}.substr(1)))
        return fmt::format(
            "statement {} has the parameter {}, and nothing is given for it: name "
            "it in `parameters` of the task",
            number_, name);
    }
    return std::nullopt;
  }

  const SchemaConnection& copy_;
  const SqlWork& work_;
  TaskSqlRights rights_;
  int number_ = 0;  // of the statement, from 1
};

}  // namespace

std::optional<SqlFault> fault_in_sql(const SqlWork& work, const std::string& own) {
  std::error_code error;
  const bool is_own =
      work.database.empty() || std::filesystem::weakly_canonical(work.database, error) ==
                                   std::filesystem::weakly_canonical(own, error);
  const std::string& path = is_own ? own : work.database;
  const bool exists = std::filesystem::exists(path, error);
  if (!exists && !is_own)
    return SqlFault{fmt::format("there is no database {}: the SQL is not checked", path), true};
  const SchemaConnection copy{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
  if (is_own)
    for (const Script& script : scripts())
      copy.say(std::string{script.text});
  std::string why;
  const auto words = exists ? schema_of(path, why) : std::vector<std::string>{};
  if (!words)
    return SqlFault{
        fmt::format("the database {} cannot be read ({}): the SQL is not checked", path, why),
        true};
  for (const std::string& each : *words)
    copy.say(each);  // those of the built-in schema are there
  for (const std::string& table : work.may_write)
    if (!has_table(copy, table))
      return SqlFault{fmt::format("`allow` names the table {}, and there is none", table)};
  if (auto wrong = Preparer{copy, is_own, work}.fault()) return SqlFault{*std::move(wrong)};
  return std::nullopt;
}

}  // namespace systask::db
