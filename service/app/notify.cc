#include "service/app/notify.h"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace systask::service {

void notify_ready(const std::string& status) {
  sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void notify_status(const std::string& status) { sd_notify(0, ("STATUS=" + status).c_str()); }

void notify_reloading() { sd_notify(0, "RELOADING=1"); }

void notify_stopping(std::chrono::microseconds longest, const std::string& status) {
  sd_notify(0, ("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(longest.count()) +
                "\nSTATUS=" + status)
                   .c_str());
}

void notify_alive() { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return std::chrono::microseconds{micros / 2};
}

}  // namespace systask::service
