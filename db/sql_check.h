// Looks at the SQL of a task without running it: whether it could be prepared on the database that
// it is for. That database is read, never written, and no lock of it is waited for.
#pragma once

#include <optional>
#include <string>

#include "db/sql_tasks.h"

namespace systask::db {

struct SqlFault {
  std::string says;      // "statement 2: no such column: amont"
  bool unknown = false;  // the database could not be looked at: nothing is known of the SQL
};

// `own`: the path of the service's own database. What the SQL is for is `work.database` or, where
// that is empty, `own`, which has the built-in schema whether the file is there or not. The values
// count by their names only. Nothing: all of it can be prepared.
[[nodiscard]] std::optional<SqlFault> fault_in_sql(const SqlWork& work, const std::string& own);

}  // namespace systask::db
