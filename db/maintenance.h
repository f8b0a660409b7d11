// Looking after the database file, on connections of its own: the writer and the readers
// are never held up. May be called from any thread; each call may take a while. Must not
// outlive the Database. A broken world is thrown as an exception that names the file.
#pragma once

#include <string>
#include <vector>

#include "db/database.h"
#include "trading/ports/upkeep.h"

namespace systask::db {

class Maintenance final : public trading::Upkeep {
 public:
  explicit Maintenance(Database& database) : path_(database.path()) {}

  Checkpoint checkpoint() override;
  Backup backup(const std::string& directory, int keep, TimePoint at) override;
  Space space() override;

  // What is wrong with the file; empty where nothing is.
  [[nodiscard]] std::vector<std::string> quick_check();

 private:
  std::string path_;
};

}  // namespace systask::db
