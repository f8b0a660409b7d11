#include "service/app/part_options.h"

#include <utility>

namespace systask::service {

trading::PlatformOptions platform_options(const ServiceConfig& service, const Secrets& secrets,
                                          std::shared_ptr<const trading::BusinessDays> days) {
  trading::PlatformOptions options = service.platform;
  options.known_sites = secrets.names("site");
  options.business_days = std::move(days);
  return options;
}

net::ServerOptions server_options(const ServiceConfig& service) {
  net::ServerOptions options;
  options.address = service.listen_host;
  options.port = service.listen_port;
  options.limits.write_timeout = service.publish_timeout;
  return options;
}

}  // namespace systask::service
