#include "scheduler/engine/ticker.h"

#include <sys/prctl.h>

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// The next whole second, or what is due before it. What is due already had its tick, and
// waits for the next second.
TimePoint next_deadline(TimePoint now, TimePoint next_due) {
  const TimePoint second = std::chrono::floor<std::chrono::seconds>(now) + 1s;
  return next_due > now ? std::min(next_due, second) : second;
}

}  // namespace

Ticker::Ticker(const Clock& clock, Engine& engine, Observer* observer)
    : clock_(clock), engine_(engine), observer_(observer) {}

Ticker::~Ticker() { stop(); }

void Ticker::start() {
  const std::scoped_lock lock{mutex_};
  if (thread_.joinable()) return;
  thread_ = std::jthread{[this](const std::stop_token& stop) { loop(stop); }};
}

void Ticker::stop() {
  std::jthread thread;
  {
    const std::scoped_lock lock{mutex_};
    thread = std::move(thread_);
  }
  thread.request_stop();  // the jthread joins when it goes
}

void Ticker::loop(const std::stop_token& stop) {
  // A wait ends at its deadline, and not up to 50 us after it, which is what threads get else.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  looked_ = read_both(clock_);
  while (!stop.stop_requested()) {
    const TimePoint deadline = next_deadline(clock_.now(), engine_.next_due());
    switch (wait_until(deadline - kAhead, stop)) {
      case Waited::kStopped: break;
      case Waited::kClockSetBack: tick(deadline); break;
      case Waited::kUntil:
        prepare(deadline);
        wait_out(deadline);
        tick(deadline);
    }
  }
}

// By the monotonic clock, since the tick before.
bool Ticker::was_set_back(const ClockReading& now) const {
  const auto passed = std::chrono::duration_cast<Micros>(now.monotonic - looked_.monotonic);
  return now.wall + kSetBack < looked_.wall + passed;
}

Ticker::Waited Ticker::wait_until(TimePoint time, const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return Waited::kStopped;
    const ClockReading now = read_both(clock_);
    if (was_set_back(now)) return Waited::kClockSetBack;
    if (now.wall >= time) return Waited::kUntil;
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, time - now.wall, [] { return false; });
  }
}

void Ticker::prepare(TimePoint deadline) {
  try {
    engine_.prepare(deadline);
  } catch (const std::exception& error) {
    log::debug("nothing could be claimed ahead; the tick claims it", {{"error", error.what()}});
  }
}

// By the monotonic clock too: where the wall clock was set back, the tick comes all the same, and
// the engine takes back what it had claimed.
void Ticker::wait_out(TimePoint deadline) {
  std::unique_lock lock{mutex_};
  for (;;) {
    const ClockReading now = read_both(clock_);
    if (now.wall >= deadline || was_set_back(now)) return;
    wake_.wait_for(lock, deadline - now.wall);
  }
}

void Ticker::tick(TimePoint deadline) {
  looked_ = read_both(clock_);
  const TimePoint now = looked_.wall;
  TickReport report;
  try {
    report = engine_.tick(now);
  } catch (const std::exception& error) {
    log::error("a tick failed; what was due stays due, and the next tick tries again",
               {{"error", error.what()}});
    if (observer_ != nullptr) observer_->on_tick_failed(error.what());
    return;
  }
  if (observer_ != nullptr) observer_->on_tick(std::max(now - deadline, Micros{0}), report.claimed);
}

}  // namespace systask::scheduler
