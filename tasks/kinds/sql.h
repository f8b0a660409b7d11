// The kind sql: a task that runs SQL. What runs it is a function from outside, since tasks
// know no database. Plain description; the body is called on a lane's thread, and waits.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "scheduler/run.h"
#include "tasks/kinds/placeholders.h"

namespace systask::tasks {

struct Sql {
  std::string text;      // one statement or several: one transaction
  std::string database;  // path of a SQLite file; empty: the service's own
  bool read_only = false;
  // A write to the service's own database is undone after so long: nothing else is written
  // meanwhile.
  Micros longest = std::chrono::milliseconds{250};
  // The platform's tables whose rows it may change, sorted; the others it may only read.
  std::vector<std::string> may_write{};

  friend bool operator==(const Sql&, const Sql&) = default;
};

struct SqlDone {
  std::int64_t read = 0;     // rows
  std::int64_t changed = 0;  // rows
  std::string first;         // the first row that was read: "name=value, name=value"
  std::string rows{};        // the first ones, one a line
  std::int64_t shown = 0;    // so many of them
};

// `values` are bound to the parameters of the same names (":name"). Throws where the SQL
// fails, with nothing of it kept; RunStopped where it was stopped.
using RunSql = std::function<SqlDone(const Sql& sql, const Values& values, const std::stop_token&)>;

// Parameters are the task's and the placeholders of the run, by name. The outcome says how
// many rows were read or changed, and the run prints the first of those that were read.
[[nodiscard]] scheduler::Body sql_body(Sql sql, RunSql run_sql);

}  // namespace systask::tasks
