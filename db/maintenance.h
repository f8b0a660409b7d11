// Looking after the database file, on connections of its own: the readers are never held
// up, and the writer by prune_audit() only, a batch at a time. May be called from any
// thread; each call may take a while. Must not outlive the Database. A broken world is
// thrown as an exception that names the file.
#pragma once

#include <string>

#include "db/database.h"
#include "trading/ports/upkeep.h"

namespace systask::db {

class Maintenance final : public trading::Upkeep {
 public:
  explicit Maintenance(Database& database) : database_(database), path_(database.path()) {}

  Checkpoint checkpoint() override;
  Backup backup(const std::string& directory, int keep, TimePoint at) override;
  Space space() override;
  Verified verify(bool thorough, int most, const std::stop_token& stop) override;
  std::size_t prune_audit(TimePoint before, std::size_t limit) override;
  std::size_t prune_recoveries(TimePoint before, std::size_t limit) override;

 private:
  Database& database_;
  std::string path_;
};

}  // namespace systask::db
