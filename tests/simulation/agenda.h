// The Agenda is the simulation's only loop: what happens, in the order of virtual time, and of
// two things at one time, the one that was put first. Moving to the next one moves the clock.
#pragma once

#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "tests/simulation/journal.h"
#include "tests/support/manual_clock.h"

namespace systask::simulation {

class Agenda {
 public:
  Agenda(ManualClock& clock, Journal& journal) : clock_(clock), journal_(journal) {}

  // Time that has really passed, whatever somebody set the wall clock to.
  [[nodiscard]] Micros now() const { return now_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  void at(Micros when, std::function<void()> what) {
    events_.push({std::max(when, now_), ++put_, std::move(what)});
  }
  void after(Micros delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  void step() {
    Event event = events_.top();
    events_.pop();
    clock_.advance(event.when - now_);
    now_ = event.when;
    journal_.at(now_);
    ++steps_;
    event.what();
  }

 private:
  struct Event {
    Micros when;
    std::uint64_t order;
    std::function<void()> what;
    // The queue has its greatest on top.
    friend bool operator<(const Event& a, const Event& b) {
      return std::pair{a.when, a.order} > std::pair{b.when, b.order};
    }
  };

  ManualClock& clock_;
  Journal& journal_;
  Micros now_{0};
  std::uint64_t put_ = 0;
  std::uint64_t steps_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace systask::simulation
