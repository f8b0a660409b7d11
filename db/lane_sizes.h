// The sizes of lanes on SQL: table tstp_systemtask_lane. Any thread; the Database must outlive
// it.
#pragma once

#include <vector>

#include "db/database.h"
#include "scheduler/ports/lane_sizes.h"

namespace systask::db {

class LaneSizes final : public scheduler::LaneSizes {
 public:
  explicit LaneSizes(Database& database) : database_(database) {}

  std::vector<scheduler::LaneSize> load() override;
  void keep(const scheduler::LaneSize& size) override;
  void forget(int priority) override;

 private:
  Database& database_;
};

}  // namespace systask::db
