// What systemd is told, where it is there: that the service is ready, reloads, stops, and
// is alive. Does nothing elsewhere.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace systask::service {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_alive();
// How often it wants to hear that we are alive; nothing where it does not.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace systask::service
