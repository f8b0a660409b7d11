#include "scheduler/ahead/simulation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// As the Ticker has it: the next whole second, or what is due before it.
TimePoint next_tick(TimePoint now, TimePoint next_due) {
  const TimePoint second = std::chrono::floor<std::chrono::seconds>(now) + 1s;
  return next_due > now ? std::min(next_due, second) : second;
}

}  // namespace

Simulation::Simulation(SimulationParts parts, SimulationSpan span)
    : parts_(std::move(parts)),
      span_(span),
      durations_(span.seed),
      lanes_(parts_.clock, parts_.lanes),
      ledger_(parts_.history, span.from, parts_.stored.load(),
              [this](const RunRow& row, std::int64_t more) {
                if (!over_) parts_.tell(row, more);
              }),
      holds_(std::exchange(parts_.holds, {})),
      engine_({.clock = parts_.clock,
               .ledger = ledger_,
               .store = ledger_,
               .lanes = lanes_,
               .registry = nothing_,
               .business_date = parts_.business_date,
               .holds = &holds_,
               .lane_sizes = parts_.lane_sizes}) {}

Simulation::~Simulation() { over_ = true; }

Result<void> Simulation::run(std::vector<TaskSpec> specs) {
  for (TaskSpec& spec : specs)
    wrap(spec);
  parts_.clock.move_to(span_.from - 1us);
  Result<void> started = engine_.start(std::move(specs));
  if (started.has_error()) return started;
  loop();
  unfinished_ = ledger_.open();
  uses_ = lanes_.uses();
  over_ = true;
  engine_.stop();
  return {};
}

// What runs is the body, then the time that such runs take.
void Simulation::wrap(TaskSpec& spec) {
  const Body* const real = parts_.body(spec);
  durations_.learn(parts_.history, spec.id, span_.from);
  const Micros usual = parts_.usual(spec);
  spec.own_body = std::make_shared<const Body>([this, real, usual](const RunContext& run) {
    // Spent whether it succeeds or throws: the run ends when this time is over.
    lanes_.spend(durations_.pick(run.task.id, run.nominal, run.attempt, usual));
    return real != nullptr ? (*real)(run) : std::string{};
  });
}

void Simulation::loop() {
  TimePoint tick = span_.from;
  while (true) {
    const TimePoint next = std::min(tick, lanes_.next());
    if (next > span_.to) break;
    if (parts_.pace) parts_.pace(next);
    parts_.clock.move_to(next);
    lanes_.run_now();
    if (next == tick) {
      engine_.tick(next);
      lanes_.run_now();
    }
    tick = next_tick(next, engine_.next_due());
  }
  parts_.clock.move_to(span_.to);
}

}  // namespace systask::scheduler
