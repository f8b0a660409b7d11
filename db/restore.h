// Putting a backup in the place of the database, with no service at work on it.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace systask::db {

struct Restored {
  std::string database;     // the file, at the end of symbolic links
  std::int64_t bytes = 0;   // of it
  std::string last_script;  // of the schema it has; later ones are applied when it is opened
  std::string kept;         // what was there before, under its new name; empty: nothing was
  bool with_log = false;    // the backup had a log beside it, which is in the restored file
};

// Makes the database of `url` what `from` holds. The backup is copied beside the database, with
// the log that lies beside it, looked through, and only then put in its place: what was there is
// renamed, with its log, and nothing of it is deleted. A file or log that belongs to something else
// is never mixed with what is restored.
//
// Refused, with nothing changed: DATABASE_URL, DATABASE_LOCKED (a service has it), NOT_SOUND,
// SCHEMA_NEWER, SCHEMA_CHANGED, SAME_FILE, CANNOT_RESTORE (space, rights). Where it ends in
// between, Database::open() says so, and it can be run again.
[[nodiscard]] Result<Restored> restore_database(const std::string& url, const std::string& from,
                                                TimePoint at);

// Where the copy lies until it is in its place.
[[nodiscard]] std::string restoring_file(const std::string& database);

}  // namespace systask::db
