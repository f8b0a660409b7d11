#include "service/app/readiness_parts.h"

#include <fmt/format.h>

#include <exception>
#include <stdexcept>

#include "db/backups.h"
#include "db/database.h"
#include "db/fault.h"
#include "db/write_probe.h"
#include "service/app/notify.h"
#include "trading/platform.h"

namespace systask::service {

ReadinessParts readiness_parts(const Clock& clock, db::Database& database,
                               trading::Platform& platform) {
  const auto write = [&clock, &database] {
    try {
      db::WriteProbe{database}.write(clock.now());
    } catch (const std::exception& error) {
      throw std::runtime_error(
          fmt::format("{}; {}", error.what(), db::advice_for(db::fault_of(error))));
    }
  };
  return {.clock = clock,
          .moved = [&database] { return database.moved(); },
          .rescue = [&clock, &database] { return db::rescue(database, clock.now()).file; },
          .write = write,
          .intake = [&platform] { return platform.intake_health(); },
          .nudge = [&platform] { platform.nudge(); },
          .show = notify_status};
}

}  // namespace systask::service
