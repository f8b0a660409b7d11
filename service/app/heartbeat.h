// The Heartbeat touches a file whenever a tick has done its work, at most once a second, so
// that a monitor outside can watch its age: it grows old when ticking stops, hangs, or fails.
//
// It is an Observer of the ticker, which calls it from the tick's thread, and passes on what
// it is told to another. A file that cannot be touched is reported once.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "scheduler/observer.h"

namespace systask::service {

class Heartbeat final : public scheduler::Observer {
 public:
  // An empty path: there is no file. The observer must outlive it.
  Heartbeat(std::string path, const Clock& clock, scheduler::Observer& next)
      : path_(std::move(path)), clock_(clock), next_(next) {}

  void on_tick(Micros lateness, std::size_t claimed) override;
  void on_tick_failed(std::string_view why) override { next_.on_tick_failed(why); }

 private:
  void touch();

  std::string path_;
  const Clock& clock_;
  scheduler::Observer& next_;
  TimePoint touched_ = TimePoint::min();
  bool failed_ = false;
};

}  // namespace systask::service
