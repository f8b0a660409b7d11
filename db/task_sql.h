// What the running and the checking of tasks' SQL share. For those two files of this room only.
#pragma once

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>

namespace systask::db {

using SqliteHandle = sqlite_api::sqlite3;
using SqliteStatement =
    std::unique_ptr<sqlite_api::sqlite3_stmt,
                    decltype([](auto* statement) { sqlite_api::sqlite3_finalize(statement); })>;

inline constexpr const char* kNotForTasks =
    "the SQL of a task may not begin or end transactions, attach databases or set pragmas, since "
    "its run is one transaction on a connection that others use";

// A statement of a task stays inside its transaction, and leaves the connection as it was.
inline int authorize_task_sql(void*, int action, const char*, const char* value, const char*,
                              const char*) {
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return SQLITE_DENY;
    case SQLITE_PRAGMA: return value == nullptr ? SQLITE_OK : SQLITE_DENY;
    default: return SQLITE_OK;
  }
}

}  // namespace systask::db
