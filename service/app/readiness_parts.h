// What Readiness asks, of the service's own parts. They must outlive it.
#pragma once

#include "service/app/readiness.h"

namespace systask::db {
class Database;
}
namespace systask::trading {
class Platform;
}

namespace systask::service {

[[nodiscard]] ReadinessParts readiness_parts(const Clock& clock, db::Database& database,
                                             trading::Platform& platform);

}  // namespace systask::service
