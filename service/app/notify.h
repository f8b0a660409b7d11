// What systemd is told, where it is there: that the service is ready, reloads, stops, and
// is alive. Does nothing elsewhere.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace systask::service {

void notify_ready(const std::string& status);
// What `systemctl status` shows; it changes nothing else.
void notify_status(const std::string& status);
void notify_reloading();
// It takes `longest` from now at most, and says so again before that is over: systemd waits beyond
// its TimeoutStopSec then. `status` is what `systemctl status` shows.
void notify_stopping(std::chrono::microseconds longest, const std::string& status);
void notify_alive();
// How often it wants to hear that we are alive; nothing where it does not.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace systask::service
