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
  while (!stop.stop_requested()) {
    const TimePoint deadline = next_deadline(clock_.now(), engine_.next_due());
    if (!wait_until(deadline - kAhead, stop)) continue;
    prepare(deadline);
    wait_out(deadline);
    tick(deadline, clock_.now());
  }
}

bool Ticker::wait_until(TimePoint time, const std::stop_token& stop) {
  for (TimePoint now = clock_.now(); now < time; now = clock_.now()) {
    if (stop.stop_requested() || time - now > 1s) return false;
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, time - now, [] { return false; });
  }
  return !stop.stop_requested();
}

void Ticker::prepare(TimePoint deadline) {
  try {
    engine_.prepare(deadline);
  } catch (const std::exception& error) {
    log::debug("nothing could be claimed ahead; the tick claims it", {{"error", error.what()}});
  }
}

// By the monotonic clock too: what was claimed does not wait for a wall clock that was set back.
void Ticker::wait_out(TimePoint deadline) {
  const MonotonicPoint latest =
      clock_.monotonic() + std::min(deadline - clock_.now(), kAhead) + 1ms;
  std::unique_lock lock{mutex_};
  for (;;) {
    const Micros left = std::min(deadline - clock_.now(),
                                 std::chrono::duration_cast<Micros>(latest - clock_.monotonic()));
    if (left <= 0us) return;
    wake_.wait_for(lock, left);
  }
}

void Ticker::tick(TimePoint deadline, TimePoint now) {
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
