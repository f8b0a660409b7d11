// Looking after the database, for the tasks that do. May be called from any thread; each
// call may take a while and none holds up the worker for longer than one statement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"

namespace systask::trading {

class Upkeep {
 public:
  virtual ~Upkeep() = default;

  struct Checkpoint {
    std::int64_t frames = 0;        // in the log
    std::int64_t checkpointed = 0;  // of them, moved into the database
  };
  virtual Checkpoint checkpoint() = 0;

  struct Backup {
    std::string file;
    std::int64_t bytes = 0;
    int removed = 0;  // older backups, beyond `keep`
  };
  // Copies the database, consistently and while it is used, into `directory`, which is
  // made where it is not there; keeps the newest `keep` copies. `at` names the file.
  virtual Backup backup(const std::string& directory, int keep, TimePoint at) = 0;

  struct Space {
    std::int64_t database_bytes = 0;
    std::int64_t log_bytes = 0;
    std::int64_t free_bytes = 0;  // on the file system
    std::int64_t total_bytes = 0;
  };
  virtual Space space() = 0;

  struct Verified {
    std::vector<std::string> problems;  // the first of them; none: the file is sound
    bool stopped = false;               // it was asked to, and did not look at everything
  };
  // Looks for damage in the database file, and answers at most `most` problems. `thorough`
  // also compares every index with its table, and takes several times as long.
  virtual Verified verify(bool thorough, int most, const std::stop_token& stop) = 0;

  // Deletes at most `limit` of the oldest entries of the audit log, those made before
  // `before`; how many.
  virtual std::size_t prune_audit(TimePoint before, std::size_t limit) = 0;

  // The same of recoveries that have ended, of sites lost before `before`.
  virtual std::size_t prune_recoveries(TimePoint before, std::size_t limit) = 0;
};

}  // namespace systask::trading
