// A Ticker calls Engine::tick at every whole second of the wall clock, and in between
// when something is due earlier, from one thread of its own. Deadlines are absolute, so
// a slow tick delays none of the next. A tick that throws is logged; the next one tries
// again. A wall clock that is set back while the ticker waits gets a tick at once. Claims are made
// kAhead of the deadline, so that a run waits for no commit: see docs/decisions/0048.
//
// start() and stop() may be called from any thread; stop() twice, or before start(). It
// returns when no tick is under way, at once if none is, and what was claimed ahead has had
// its tick.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "scheduler/engine/engine.h"
#include "scheduler/observer.h"

namespace systask::scheduler {

class Ticker {
 public:
  // The observer, which may be none, is told of each tick.
  Ticker(const Clock& clock, Engine& engine, Observer* observer = nullptr);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  void start();
  void stop();

 private:
  // Longer than a commit waits for a batch of messages, and takes.
  static constexpr Micros kAhead{20'000};

  // A wall clock that lacks so much since the tick before, by the monotonic one, was set back.
  static constexpr Micros kSetBack{5'000};

  enum class Waited { kUntil, kClockSetBack, kStopped };

  void loop(const std::stop_token& stop);
  Waited wait_until(TimePoint time, const std::stop_token& stop);
  void prepare(TimePoint deadline);
  void wait_out(TimePoint deadline);
  void tick(TimePoint deadline);
  [[nodiscard]] bool was_set_back(const ClockReading& now) const;

  const Clock& clock_;
  Engine& engine_;
  Observer* observer_;
  ClockReading looked_{};  // at the latest tick; the thread's own
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace systask::scheduler
