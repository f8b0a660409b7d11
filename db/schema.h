// The schema: numbered scripts, db/schema/NNNN_name.sql, built into the program. What was
// applied is kept in the table systask_schema with a checksum, so a script is never changed
// after it was published: a change is a new script.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/writer.h"

namespace systask::db {

struct Script {
  int version;
  std::string_view name;  // of the file
  std::string_view text;
};

// In ascending version; made by the build from db/schema/.
std::span<const Script> scripts();

// A script as a database remembers it.
struct Applied {
  std::string name;
  std::string checksum;
};

// By version. Refused as migrate().
Result<void> check_applied(const std::map<int, Applied>& applied,
                           std::span<const Script> known = scripts());

// Applies what is missing, each script in a transaction of its own. Refused: SCHEMA_CHANGED
// (an applied script differs from the one built in) and SCHEMA_NEWER (the database was
// written by a later version of this program).
Result<void> migrate(Writer& writer, std::span<const Script> known = scripts());

[[nodiscard]] std::string checksum_of(std::string_view text);

}  // namespace systask::db
