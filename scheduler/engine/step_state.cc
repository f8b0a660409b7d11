#include "scheduler/engine/step_state.h"

#include <fmt/format.h>

#include "base/text.h"

namespace systask::scheduler {
namespace {

// A chain of steps that wait for one another is followed so far.
constexpr int kDeepestStep = 32;
constexpr std::size_t kLongestDetail = 300;

class Teller {
 public:
  explicit Teller(const StepLookup& others) : others_(others) {}

  StepState tell(const StepFacts& step, int depth) const {
    StepState state = decide(step, depth);
    if (step.run)
      state.run = step.run;
    else if (step.last && state.state == name_of(step.last->state))
      state.run = step.last->id;
    return state;
  }

 private:
  StepState decide(const StepFacts& step, int depth) const {
    if (!step.spec->enabled) return {"disabled", "is disabled in the configuration", {}};
    if (step.run && step.since)
      return {"running",
              fmt::format("runs since {} (run {})", at(step, *step.since), step.run->value()),
              {}};
    if (step.retry_at)
      return {
          "retrying",
          fmt::format("{}; its next attempt is due at {}", outcome(step), at(step, *step.retry_at)),
          {}};
    if (step.run)
      return {"running", fmt::format("is about to begin (run {})", step.run->value()), {}};
    if (!step.skipped.empty()) return {"skipped", step.skipped, {}};
    if (step.done && step.last) return {std::string{name_of(step.last->state)}, outcome(step), {}};
    if (step.done) return {"succeeded", "succeeded", {}};
    if (step.last && !step.waiting) return ended(step, depth);
    if (!step.held.empty()) return held(step);
    return ahead(step, depth);
  }

  static std::string at(const StepFacts& step, TimePoint when) {
    const auto zone = Zone::find(step.spec->zone);
    return zone ? zone->to_rfc3339(when) : to_rfc3339(when);
  }

  // "failed at 2026-05-22T08:00:03+08:00 (run 17): no disk"
  static std::string outcome(const StepFacts& step) {
    if (!step.last) return "failed";
    const RunRow& row = *step.last;
    std::string text =
        fmt::format("{} at {} (run {})", name_of(row.state),
                    at(step, row.finished_at.value_or(row.key.nominal)), row.id.value());
    if (row.detail.empty() || row.state == RunState::kSucceeded) return text;
    return fmt::format("{}: {}{}", text, utf8_prefix(row.detail, kLongestDetail),
                       row.detail.size() > kLongestDetail ? " ..." : "");
  }

  static std::string to_go_on(const StepFacts& step) {
    const std::string& group = step.spec->group;
    const std::string go_on = group.empty()
                                  ? fmt::format("systask run {}", step.spec->name)
                                  : fmt::format("systask group continue {} --reason ...", group);
    return fmt::format(
        "mend it, then `{}`; or go on without it: `systask task skip {} --reason "
        "...`",
        go_on, step.spec->name);
  }

  // A step that was given up for one before it has the same to do as that.
  StepState ended(const StepFacts& step, int depth) const {
    StepState state{std::string{name_of(step.last->state)}, outcome(step), to_go_on(step)};
    if (step.last->state != RunState::kHeld || depth >= kDeepestStep) return state;
    for (const Predecessor& before : step.spec->after) {
      const auto other = others_(before.task);
      if (!other || other->done || !other->last) continue;
      state.to_do = tell(*other, depth + 1).to_do;
      break;
    }
    return state;
  }

  static StepState held(const StepFacts& step) {
    const bool paused = step.held.starts_with("paused");
    return {paused ? "paused" : "held", step.held,
            paused ? fmt::format("systask task resume {0} --reason ..., or that of its group "
                                 "or lane",
                                 step.spec->name)
                   : std::string{}};
  }

  StepState ahead(const StepFacts& step, int depth) const {
    for (const Predecessor& before : step.spec->after) {
      const auto other = others_(before.task);
      if (!other || other->done || (before.on == Predecessor::On::kAny && other->ended)) continue;
      // With an occurrence of its own still to come, it does not wait yet.
      if (step.due && !step.waiting) break;
      return waits(before, *other, depth);
    }
    if (step.due) return {"not due", fmt::format("not due until {}", at(step, *step.due)), {}};
    if (step.next_due != kNever)
      return {"none",
              fmt::format("has no run for {}; its next is due at {}", step.date,
                          at(step, step.next_due)),
              {}};
    return {"none", fmt::format("has no run for {}", step.date), {}};
  }

  StepState waits(const Predecessor& before, const StepFacts& other, int depth) const {
    if (depth >= kDeepestStep) return {"waits", fmt::format("waits for '{}'", before.task), {}};
    const StepState why = tell(other, depth + 1);
    return {"waits",
            fmt::format("waits for '{}', which {}{}", before.task,
                        is_participle(why.state) ? "is " : "", why.says),
            why.to_do};
  }

  static bool is_participle(const std::string& state) {
    return state == "paused" || state == "held" || state == "not due";
  }

  const StepLookup& others_;
};

}  // namespace

StepState step_state(const StepFacts& step, const StepLookup& others) {
  return Teller{others}.tell(step, 0);
}

}  // namespace systask::scheduler
