// Copies of the database in a folder, each named after the time it was made at: PREFIXtime.db,
// such as systask-20261130T170553Z.db, and ..Z_02.db for the second of one second. None is ever
// written over, and each was opened and looked through before it got its name.
//
// One is made at a time in a folder, by whichever process. May be called from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "db/database.h"

namespace systask::db {

struct BackupPlace {
  std::string directory;  // made where it is not there
  std::string prefix;
  int keep = 0;  // of this prefix, the newest; 0: all
};

struct BackupMade {
  std::string file;
  std::int64_t bytes = 0;
  int removed = 0;  // older ones, beyond `keep`
};

// Copies what this connection has open, as it is at one moment; `from` names it in what is thrown:
// std::runtime_error, with what to do, where no sound copy can be made. No part of one is left.
BackupMade make_backup(Connection& source, const std::string& from, const BackupPlace& place,
                       TimePoint at);

// The prefix of the backups of the database at this path.
[[nodiscard]] std::string backup_prefix(const std::string& path);

// Copies what the database holds beside its file, for when that was deleted or replaced: the copy
// is named as a backup, with "rescued" in it. Throws as make_backup().
BackupMade rescue(Database& database, TimePoint at);

}  // namespace systask::db
