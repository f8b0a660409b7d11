// The part of `systask check` that needs a database: the SQL of tasks.
#pragma once

#include <vector>

#include "service/config/config.h"

namespace systask::service {

struct CheckedSql {
  std::vector<Mistake> mistakes;  // runs with it would fail
  std::vector<Mistake> warnings;  // it could not be checked
};

// Prepares the SQL of every task with `run: {sql: ...}` on a copy of the schema of the database
// that it names; nothing is run, and nothing is written.
[[nodiscard]] CheckedSql check_sql(const Config& config);

}  // namespace systask::service
