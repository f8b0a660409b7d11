#include "service/app/shutdown.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "base/log.h"
#include "scheduler/when/duration.h"
#include "service/app/notify.h"

namespace systask::service {
namespace {

constexpr std::string_view kRecoveryTask = "recover-plans";
constexpr std::chrono::milliseconds kLookAtPlans{1'000};
// systemd hears again of a stop within this time: told each 5 s, and closing takes as long.
constexpr std::chrono::seconds kToldAgain{20};

}  // namespace

bool Shutdown::ask(int signal, Micros stop_timeout) {
  if (asked_.exchange(true)) {
    log::warn("asked again: runs under way are to stop now; once more, and they are given up",
              {{"signal", signal}});
    parts_.engine.hurry();
    return false;
  }
  log::info("stopping: what has begun is finished first; asked again, it hurries",
            {{"signal", signal}, {"stop_timeout", scheduler::format_duration(stop_timeout)}});
  notify_stopping(kToldAgain, "stopping");
  keep_recovering();
  return true;
}

void Shutdown::drain(Micros stop_timeout) {
  parts_.engine.drain(
      {.timeout = stop_timeout,
       .tell = [this](const scheduler::DrainProgress& progress) { tell(progress); }});
  parts_.engine.stop();
  drained_ = true;
  notify_stopping(kToldAgain, "stopping: connections close");
}

std::string Shutdown::text() const {
  return "stopping" + waits_for_.with([](const std::string& who) { return who; });
}

void Shutdown::recover_now() {
  const auto run = parts_.engine.trigger(kRecoveryTask);
  if (run.has_error() && run.error().code == "STOPPED")
    parts_.post([this] { recover_without_engine(); });
}

// In place of the task, once a second, until the last body has ended.
void Shutdown::keep_recovering() {
  const auto task = parts_.engine.task(kRecoveryTask);
  if (drained_ || !task || !task->spec->enabled) return;
  parts_.post([this] { recover_without_engine(); });
  parts_.after(kLookAtPlans, [this] { keep_recovering(); });
}

void Shutdown::recover_without_engine() {
  if (drained_) return;
  try {
    static_cast<void>(parts_.platform.recover_plans());
  } catch (const std::exception& error) {
    log::warn("plans without a site could not be given to others; trying again",
              {{"error", error.what()}});
  }
}

void Shutdown::tell(const scheduler::DrainProgress& progress) {
  const std::string longest =
      scheduler::format_duration(std::chrono::ceil<std::chrono::seconds>(progress.longest));
  log::info("stopping: runs are still under way; a second SIGTERM hurries",
            {{"runs", progress.bodies}, {"who", progress.who}, {"at most", longest}});
  std::string waits = fmt::format(": waits at most {} for {}", longest, progress.who);
  notify_stopping(kToldAgain, "stopping" + waits);
  waits_for_.with([&](std::string& who) { who = std::move(waits); });
}

}  // namespace systask::service
