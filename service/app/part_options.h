// What the configuration says of the parts of the service, as those parts take it. Any thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "db/database.h"
#include "net/server.h"
#include "service/config/config.h"
#include "service/config/secrets.h"
#include "trading/platform.h"
#include "trading/ports/business_days.h"

namespace systask::service {

// `secrets` names the sites that may log in; `days` answers for as long as the platform lives.
[[nodiscard]] trading::PlatformOptions platform_options(
    const ServiceConfig& service, const Secrets& secrets,
    std::shared_ptr<const trading::BusinessDays> days);

// Opens it, and sets the mode of the files that the service makes: the database, where there is
// none, and later its backups and metrics. Before other threads make files.
[[nodiscard]] Result<std::unique_ptr<db::Database>> open_database(const ServiceConfig& service);

[[nodiscard]] net::ServerOptions server_options(const ServiceConfig& service);

}  // namespace systask::service
