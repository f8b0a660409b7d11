// Copies of a database: for backups, and to try things out on.
#pragma once

#include <memory>
#include <string>

#include "db/database.h"

namespace systask::db {

// The file as it is at one moment, whoever writes to it meanwhile. Throws std::runtime_error,
// with what to do, where it cannot be made; nothing is left of it then.
void copy_database(const std::string& from, const std::string& to);
// Of the file that this connection has open, whatever its path names now.
void copy_database(Connection& source, const std::string& from, const std::string& to);

// A copy of the database of `url` in that directory, opened: what happens to it is lost with the
// machine, and costs no waiting for the disk. Where there is no database yet, an empty one. Any
// service may have the original. Refused as Database::open().
Result<std::unique_ptr<Database>> open_copy(const std::string& url, const std::string& directory);

}  // namespace systask::db
