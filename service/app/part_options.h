// What the configuration says of the parts of the service, as those parts take it. Any thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "calendar/market_hours.h"
#include "db/database.h"
#include "net/server.h"
#include "service/config/config.h"
#include "service/config/secrets.h"
#include "trading/platform.h"

namespace systask::service {

// The calendars of markets, as the configuration gives them.
[[nodiscard]] MarketHours::Calendars market_calendars(const ServiceConfig& service,
                                                      const Calendars& calendars);
[[nodiscard]] std::shared_ptr<MarketHours> market_hours(const ServiceConfig& service,
                                                        const Calendars& calendars);

// `secrets` names the sites that may log in.
[[nodiscard]] trading::PlatformOptions platform_options(const ServiceConfig& service,
                                                        const Secrets& secrets,
                                                        std::shared_ptr<const MarketHours> hours);

// Opens it, and sets the mode of the files that the service makes: the database, where there is
// none, and later its backups and metrics. Before other threads make files.
[[nodiscard]] Result<std::unique_ptr<db::Database>> open_database(const ServiceConfig& service);

[[nodiscard]] net::ServerOptions server_options(const ServiceConfig& service);

}  // namespace systask::service
