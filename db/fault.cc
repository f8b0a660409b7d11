#include "db/fault.h"

#include <soci/sqlite3/soci-sqlite3.h>

namespace systask::db {

Fault fault_of(const std::exception& error) {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  if (sqlite == nullptr) return Fault::kOther;
  const int extended = sqlite->result();
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
      extended == SQLITE_CONSTRAINT_ROWID) {
    return Fault::kUnique;
  }
  switch (extended & 0xff) {  // the primary code
    case SQLITE_CONSTRAINT: return Fault::kConstraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Fault::kBusy;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN: return Fault::kNoSpace;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Fault::kCorrupt;
    default: return Fault::kOther;
  }
}

std::string_view advice_for(Fault fault) {
  switch (fault) {
    case Fault::kBusy: return "another program keeps it locked: close that program";
    case Fault::kNoSpace: return "check that its directory exists, is writable and has space";
    case Fault::kCorrupt: return "the file is damaged or no SQLite database: restore a backup";
    default: return "check the path, or start with a new database";
  }
}

}  // namespace systask::db
