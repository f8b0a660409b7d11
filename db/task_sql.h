// What the running and the checking of tasks' SQL share. For those two files of this room only.
#pragma once

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace systask::db {

using SqliteHandle = sqlite_api::sqlite3;
using SqliteStatement =
    std::unique_ptr<sqlite_api::sqlite3_stmt,
                    decltype([](auto* statement) { sqlite_api::sqlite3_finalize(statement); })>;

// What a statement of a task may do. It stays inside its transaction, and leaves the connection as
// it was. On the service's own database it reads everything, and changes rows of the platform's
// tables only where the task names them; what the tables are, no task changes.
// Lives as long as it is set on a connection; one thread.
class TaskSqlRights {
 public:
  // `own`: on the service's own database. `may_write`: its tables, in small letters.
  TaskSqlRights(bool own, const std::set<std::string, std::less<>>& may_write)
      : own_(own), may_write_(may_write) {}
  TaskSqlRights(const TaskSqlRights&) = delete;
  TaskSqlRights& operator=(const TaskSqlRights&) = delete;

  void watch(SqliteHandle* handle);
  static void unwatch(SqliteHandle* handle);

  // Why the statement that was just refused (SQLITE_AUTH) was, and what to do.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  static int authorize(void* self, int action, const char* first, const char* second,
                       const char* database, const char* trigger);
  int decide(int action, std::string_view first, std::string_view second);
  int refuse(std::string why);

  bool own_;
  const std::set<std::string, std::less<>>& may_write_;
  std::string why_;
};

}  // namespace systask::db
