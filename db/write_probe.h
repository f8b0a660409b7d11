// The WriteProbe commits one small row, over and over the same: who asks whether the database takes
// writes learns it by one. On the urgent side of the Writer. Any thread; the call waits for the
// database, and must not outlive it.
#pragma once

#include "base/clock.h"
#include "db/database.h"

namespace systask::db {

class WriteProbe {
 public:
  explicit WriteProbe(Database& database) : database_(database) {}

  // Durable when it returns. Throws what the driver throws.
  void write(TimePoint now);

 private:
  Database& database_;
};

}  // namespace systask::db
