#include "db/sql_tasks.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/text.h"
#include "db/task_sql.h"
#include "scheduler/run.h"
#include "scheduler/when/duration.h"

namespace systask::db {
namespace {

using Handle = SqliteHandle;
using Statement = SqliteStatement;

constexpr int kStepsBetweenLooks = 1'000;
constexpr int kBusyMillis = 5'000;
constexpr std::size_t kRowBytes = 500;
constexpr std::int64_t kMostRows = 100;
constexpr std::size_t kRowsBytes = std::size_t{16} * 1024;

[[noreturn]] void fail(Handle* handle, const std::string& what) {
  throw std::runtime_error(
      fmt::format("{}: {}; nothing of it was kept", what, sqlite_api::sqlite3_errmsg(handle)));
}

std::optional<std::int64_t> as_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  // "007" and "-0" are texts: they would not come back as they were given.
  return whole && std::to_string(number) == text ? std::optional{number} : std::nullopt;
}

// The statements of one SqlWork, run one after the other on a connection that is in a
// transaction. While it lives, the connection is watched.
class RunningScript {
 public:
  RunningScript(Handle* handle, TaskSqlRights& rights, const std::stop_token& stop,
                std::function<bool()> out_of_time)
      : handle_(handle), rights_(rights), stop_(stop), out_of_time_(std::move(out_of_time)) {
    rights_.watch(handle_);
    sqlite_api::sqlite3_progress_handler(handle_, kStepsBetweenLooks, look, this);
  }
  RunningScript(const RunningScript&) = delete;
  RunningScript& operator=(const RunningScript&) = delete;
  ~RunningScript() {
    sqlite_api::sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    TaskSqlRights::unwatch(handle_);
  }

  SqlCount run(const SqlWork& work) {
    const char* rest = work.text.c_str();
    while (*rest != '\0') {
      sqlite_api::sqlite3_stmt* made = nullptr;
      const int code = sqlite_api::sqlite3_prepare_v2(handle_, rest, -1, &made, &rest);
      const Statement statement{made};
      if (code != SQLITE_OK) refuse(code, work);
      if (statement == nullptr) continue;  // a comment
      ++number_;
      bind(statement.get(), work);
      step(statement.get(), work);
    }
    if (number_ == 0) throw std::runtime_error("there is no statement in the SQL of the task");
    return std::move(count_);
  }

 private:
  static int look(void* self) {
    auto* const script = static_cast<RunningScript*>(self);
    return script->stop_.stop_requested() || script->out_of_time_() ? 1 : 0;
  }

  [[noreturn]] void refuse(int code, const SqlWork& work) const {
    if (code == SQLITE_INTERRUPT && stop_.stop_requested())
      throw scheduler::RunStopped("stopped while its SQL ran; nothing of it was kept");
    if (code == SQLITE_INTERRUPT)
      throw std::runtime_error(fmt::format(
          "it held up everything that is written for more than {}, and nothing of it was kept: do "
          "less at a time, give it more with `longest`, or say `read_only` where it only reads",
          scheduler::format_duration(work.longest)));
    if (code == SQLITE_AUTH)
      throw std::runtime_error(fmt::format("nothing was kept: {}", rights_.why()));
    fail(handle_, fmt::format("statement {}", number_ + (number_ == 0 ? 1 : 0)));
  }

  void bind(sqlite_api::sqlite3_stmt* statement, const SqlWork& work) const {
    for (int i = 1; i <= sqlite_api::sqlite3_bind_parameter_count(statement); ++i) {
      const char* const name = sqlite_api::sqlite3_bind_parameter_name(statement, i);
      const auto value =
          name == nullptr ? work.values.end() : work.values.find(std::string_view{name}.substr(1));
      if (value == work.values.end())
        throw std::runtime_error(fmt::format(
            "statement {} has the parameter {}, and nothing is given for it: name it in "
            "`parameters` of the task",
            number_, name == nullptr ? "? without a name" : name));
      const std::string& text = value->second;  // outlives the statement
      const auto number = as_number(text);
      const int code = number
                           ? sqlite_api::sqlite3_bind_int64(statement, i, *number)
                           : sqlite_api::sqlite3_bind_text(statement, i, text.data(),
                                                           static_cast<int>(text.size()), nullptr);
      if (code != SQLITE_OK) refuse(code, work);
    }
  }

  void step(sqlite_api::sqlite3_stmt* statement, const SqlWork& work) {
    const int before = sqlite_api::sqlite3_total_changes(handle_);
    int code = sqlite_api::sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite_api::sqlite3_step(statement))
      remember(++count_.read, statement);
    if (code != SQLITE_DONE) refuse(code, work);
    if (sqlite_api::sqlite3_total_changes(handle_) != before)
      count_.changed += sqlite_api::sqlite3_changes(handle_);
  }

  void remember(std::int64_t number, sqlite_api::sqlite3_stmt* statement) {
    if (number > kMostRows || number != count_.shown + 1) return;
    const std::string row = text_of(statement);
    if (number == 1) count_.first = row;
    if (count_.rows.size() + row.size() >= kRowsBytes) return;  // this one, and those after it
    count_.rows += row + "\n";
    ++count_.shown;
  }

  static std::string text_of(sqlite_api::sqlite3_stmt* statement) {
    std::string row;
    for (int i = 0; i < sqlite_api::sqlite3_column_count(statement); ++i) {
      const auto* const text = sqlite_api::sqlite3_column_text(statement, i);
      const auto size = static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(statement, i));
      const std::string whole = text == nullptr ? "null" : std::string{text, text + size};
      const std::string value = whole_utf8(utf8_prefix(whole, kRowBytes));
      row += fmt::format("{}{}={}", i == 0 ? "" : ", ",
                         sqlite_api::sqlite3_column_name(statement, i), value);
      if (row.size() <= kRowBytes) continue;
      row.resize(utf8_prefix(row, kRowBytes).size());
      break;
    }
    std::ranges::replace(row, '\n', ' ');
    return row;
  }

  Handle* const handle_;
  TaskSqlRights& rights_;
  const std::stop_token& stop_;
  const std::function<bool()> out_of_time_;
  int number_ = 0;  // of the statement that runs, from 1
  SqlCount count_;
};

// A connection for one run, whose pragmas are the other database's own. Closing it rolls
// back what was not committed.
class OwnConnection {
 public:
  OwnConnection(const std::string& path, bool read_only) {
    const int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code = sqlite_api::sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
      sqlite_api::sqlite3_close(handle_);
      throw std::runtime_error(
          fmt::format("the database {} cannot be opened: {}; check its path "
                      "and its rights",
                      path, sqlite_api::sqlite3_errstr(code)));
    }
    sqlite_api::sqlite3_busy_timeout(handle_, kBusyMillis);
  }
  OwnConnection(const OwnConnection&) = delete;
  OwnConnection& operator=(const OwnConnection&) = delete;
  ~OwnConnection() { sqlite_api::sqlite3_close(handle_); }

  [[nodiscard]] Handle* handle() const { return handle_; }
  void say(const char* words) const {
    if (sqlite_api::sqlite3_exec(handle_, words, nullptr, nullptr, nullptr) != SQLITE_OK)
      fail(handle_, words);
  }

 private:
  Handle* handle_ = nullptr;
};

SqlCount run_apart(const std::string& path, TaskSqlRights& rights, const SqlWork& work,
                   const std::stop_token& stop) {
  const OwnConnection connection{path, work.read_only};
  connection.say(work.read_only ? "begin" : "begin immediate");
  SqlCount count = RunningScript{connection.handle(), rights, stop, [] { return false; }}.run(work);
  connection.say("commit");
  return count;
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) && !error;
}

}  // namespace

SqlCount SqlTasks::run(const SqlWork& work, const std::stop_token& stop) {
  if (stop.stop_requested()) throw scheduler::RunStopped("stopped before its SQL began");
  const bool own = work.database.empty() || same_file(work.database, database_.path());
  TaskSqlRights rights{own, work.may_write};
  if (work.read_only || !own)
    return run_apart(own ? database_.path() : work.database, rights, work, stop);
  const Writer::Lease lease = database_.writer().lease(Urgency::kNormal);
  const MonotonicPoint deadline = clock_.monotonic() + work.longest;
  auto* const handle = lease.connection().handle();
  lease.begin();
  SqlCount count =
      RunningScript{handle, rights, stop, [&] { return clock_.monotonic() > deadline; }}.run(work);
  lease.commit();
  return count;
}

}  // namespace systask::db
