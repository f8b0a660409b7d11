// A Shutdown is the way from the first signal to the end of the last body: who is told meanwhile,
// and what of the tasks goes on without the engine (decision 0059).
//
// ask() is called on the io thread, drain() on one that may wait, the others on any. What it is
// made of must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "base/guarded.h"
#include "scheduler/engine/engine.h"
#include "trading/platform.h"

namespace systask::service {

struct ShutdownParts {
  scheduler::Engine& engine;
  trading::Platform& platform;
  // Runs work that may wait, one after another.
  std::function<void(std::function<void()> work)> post;
  std::function<void(std::chrono::milliseconds delay, std::function<void()> work)> after;
};

class Shutdown {
 public:
  explicit Shutdown(ShutdownParts parts) : parts_(std::move(parts)) {}

  // True: the service is to stop. Asked again, it hurries.
  bool ask(int signal, Micros stop_timeout);
  [[nodiscard]] bool asked() const { return asked_; }
  // Returns when no body is under way, or those that are were given up.
  void drain(Micros stop_timeout);
  // "stopping: waits at most 25s for report (run 17, 25s more)".
  [[nodiscard]] std::string text() const;
  // A login or a lost site: starts the task, or, while the service stops and no task starts,
  // does its work.
  void recover_now();

 private:
  void keep_recovering();
  void recover_without_engine();
  void tell(const scheduler::DrainProgress& progress);

  ShutdownParts parts_;
  std::atomic<bool> asked_ = false;
  std::atomic<bool> drained_ = false;
  Guarded<std::string> waits_for_;
};

}  // namespace systask::service
