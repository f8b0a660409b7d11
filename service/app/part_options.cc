#include "service/app/part_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <string>
#include <utility>

#include "base/new_file.h"

namespace systask::service {

MarketHours::Calendars market_calendars(const ServiceConfig& service, const Calendars& calendars) {
  MarketHours::Calendars of_markets;
  for (const auto& [market, name] : service.market_calendars)
    if (const auto named = calendars.find(name); named != calendars.end())
      of_markets.emplace(Market{market}, named->second.calendar);
  return of_markets;
}

std::shared_ptr<MarketHours> market_hours(const ServiceConfig& service,
                                          const Calendars& calendars) {
  auto hours = std::make_shared<MarketHours>(Zone::find(service.platform.time_zone).value());
  hours->take(service.markets, market_calendars(service, calendars));
  return hours;
}

trading::PlatformOptions platform_options(const ServiceConfig& service, const Secrets& secrets,
                                          std::shared_ptr<const MarketHours> hours) {
  trading::PlatformOptions options = service.platform;
  options.known_sites = secrets.names("site");
  options.hours = std::move(hours);
  return options;
}

Result<std::unique_ptr<db::Database>> open_database(const ServiceConfig& service) {
  set_new_file_mode(service.file_mode);
  const mode_t before = ::umask(static_cast<mode_t>(~service.file_mode & 0777U));
  auto opened = db::Database::open(service.database);
  ::umask(before);
  return opened;
}

namespace {

// The name of this machine, by which others on its network may ask.
std::string machine_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()}
                                                          : std::string{};
}

}  // namespace

net::ServerOptions server_options(const ServiceConfig& service) {
  net::ServerOptions options;
  options.address = service.listen_host;
  options.port = service.listen_port;
  options.allowed_hosts = service.allowed_hosts;
  for (std::string name : {service.listen_host, machine_name()})
    if (!name.empty()) options.allowed_hosts.push_back(std::move(name));
  options.limits.write_timeout = service.publish_timeout;
  return options;
}

}  // namespace systask::service
