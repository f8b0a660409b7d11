// Waiting for a backfill, for the commands that begin one.
#pragma once

#include <cstdint>

#include "service/cli/client_command.h"

namespace systask::service {

// Prints what came of each date when it is over; 0 only if all succeeded. Throws CliError.
int wait_for_backfill(const ClientOptions& client, std::int64_t backfill);

}  // namespace systask::service
