// SqlTasks runs the SQL of tasks: on the service's own database or another SQLite file.
//
// run() may be called from any thread, and waits. One call is one transaction: all of it is
// kept, or nothing. A write to the own database goes through the Writer like every other,
// and is undone when it takes longer than it may, since nothing else is written meanwhile.
// Everything else has a connection of its own, and only its stop. Must not outlive the
// Database.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "db/database.h"

namespace systask::db {

struct SqlWork {
  std::string text;  // statements; none that begins or ends a transaction, attaches a
                     // database or sets a pragma
  // By the name of the parameter, without its colon. A whole number is bound as one.
  std::map<std::string, std::string, std::less<>> values;
  std::string database;  // path; empty: the service's own
  bool read_only = false;
  Micros longest{0};  // of a write to the own database
  // The platform's tables whose rows it may change, in small letters; others it may only read.
  std::set<std::string, std::less<>> may_write{};
};

struct SqlCount {
  std::int64_t read = 0;     // rows
  std::int64_t changed = 0;  // rows, without those that triggers changed
  std::string first;         // row read: "name=value, name=value", at most 500 bytes of it
  std::string rows{};        // the first hundred, likewise, one a line, at most 16 KiB
  std::int64_t shown = 0;    // so many rows are in it
};

class SqlTasks {
 public:
  SqlTasks(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Throws std::runtime_error, with what to do, where it fails; scheduler::RunStopped where
  // `stop` was requested. Nothing of it is kept then.
  SqlCount run(const SqlWork& work, const std::stop_token& stop);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace systask::db
