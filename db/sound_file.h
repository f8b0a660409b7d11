// Whether a file is a whole database of this service: opened and read, never written.
#pragma once

#include <string>

#include "base/result.h"

namespace systask::db {

struct SoundFile {
  int scripts = 0;          // of the schema, that it was made with
  std::string last_script;  // their last
};

// Opens the file as it is, without the log beside it, and looks at every page and row, which takes
// its time. Refused, naming the file: NOT_SOUND (empty, damaged, no database, none of systask's),
// SCHEMA_NEWER, SCHEMA_CHANGED. May be called from any thread. No other process may write to it.
[[nodiscard]] Result<SoundFile> sound_file(const std::string& file);

}  // namespace systask::db
