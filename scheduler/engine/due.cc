#include "scheduler/engine/due.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// What stands between an occurrence that is due at some instant and its run; nothing: it runs.
struct Obstacle {
  RunState state;
  std::string why;
};

class Decider {
 public:
  explicit Decider(const DueInput& input) : input_(input), timetable_(input.spec.timetable) {}

  DueDecision decide() {
    if (std::holds_alternative<Delay>(timetable_.schedule())) {
      decide_delayed();
    } else if (!input_.dealt_with.empty()) {
      decide_several();
    } else if (const Occurrence first = timetable_.next(input_.watermark);
               first.start > input_.now) {
      decision_.next_due = first.start;
    } else if (const Occurrence second = timetable_.next(first.nominal);
               second.start > input_.now) {
      decide_one(first);
      decision_.watermark = first.nominal;
      decision_.next_due = second.start;
    } else {
      decide_several();
    }
    return std::move(decision_);
  }

 private:
  void decide_delayed() {
    decision_.next_due = input_.delayed;
    if (input_.delayed > input_.now) return;
    decide_one({.nominal = input_.delayed, .start = input_.delayed, .refusal = {}});
    decision_.watermark = input_.delayed;
    decision_.next_due = kNever;  // until the run has ended
  }

  void decide_one(const Occurrence& occurrence) {
    const Occurrences one{occurrence.nominal, occurrence.nominal, 1};
    if (!occurrence.refusal.empty())
      miss(one, {RunState::kRefused, occurrence.refusal});
    else if (const auto obstacle = obstacle_at(occurrence.start))
      miss(one, *obstacle);
    else
      decision_.runs.push_back({occurrence.nominal, occurrence.business_date});
  }

  // From one instant at which the answer may change to the next.
  void decide_several() {
    TimePoint after = input_.watermark;
    for (const TimePoint end : boundaries()) {
      const TimePoint until = end - 1us;
      const Occurrence first = timetable_.next(after);
      if (first.start > until) continue;
      after = take(after, until, obstacle_at(first.start));
    }
    decision_.watermark = after;
    decision_.next_due = timetable_.next(after).start;
    choose();
  }

  // Ends of the stretches of time in which all occurrences share one fate; the last is now.
  [[nodiscard]] std::vector<TimePoint> boundaries() const {
    std::vector<TimePoint> ends{input_.now + 1us};
    if (input_.spec.late.otherwise == LatePolicy::Otherwise::kSkip) ends.push_back(tolerated());
    if (const auto& limit = input_.spec.special().not_after)
      ends.push_back(start_of_day(limit->zone, input_.now));
    if (input_.watermark < input_.again_until) ends.push_back(end_of_again());
    for (const Hold& hold : input_.holds) {
      ends.push_back(hold.from);
      ends.push_back(hold.to);
    }
    std::erase_if(ends, [this](TimePoint end) { return end > input_.now + 1us; });
    std::ranges::sort(ends);
    return ends;
  }

  // Where the occurrences are of another pass: a time has passed when it has started.
  [[nodiscard]] TimePoint end_of_again() const { return timetable_.next(input_.again_until).start; }

  [[nodiscard]] TimePoint tolerated() const { return input_.now - input_.spec.late.within; }

  [[nodiscard]] std::optional<Obstacle> obstacle_at(TimePoint start) const {
    // A pause is for all that is found meanwhile, a window for what is due in it; and while
    // it lasts nothing starts at all.
    for (const Hold& hold : input_.holds)
      if (hold.covers(input_.now) || (!hold.is_pause() && hold.covers(start)))
        return Obstacle{hold.is_pause() ? RunState::kSkippedPaused : RunState::kSkippedWindow,
                        why_held(hold)};
    const LatePolicy& late = input_.spec.late;
    if (late.otherwise == LatePolicy::Otherwise::kSkip && start < tolerated() &&
        start > input_.gone_over)
      return Obstacle{
          RunState::kSkippedLate,
          fmt::format("found {} after it was due; its late policy allows {}",
                      format_duration(input_.now - start), format_duration(late.within))};
    if (const auto& limit = input_.spec.special().not_after;
        limit && input_.now > limit->on_date_of(start))
      return Obstacle{RunState::kSkippedWindow,
                      fmt::format("not to start after {} of its date", limit->text())};
    return std::nullopt;
  }

  // Deals with what is due after `after` and not later than `until`; the nominal time of the
  // last of them. Those that ran before the wall clock was set back stand between the others.
  TimePoint take(TimePoint after, TimePoint until, const std::optional<Obstacle>& obstacle) {
    for (auto ran = std::ranges::upper_bound(input_.dealt_with, after);
         ran != input_.dealt_with.end(); ++ran) {
      const Occurrence again = timetable_.next(*ran - 1us);
      if (again.nominal != *ran) continue;  // it had another schedule then
      if (again.start > until) break;
      take_new(after, again.start - 1us, obstacle);
      after = *ran;
    }
    return take_new(after, until, obstacle);
  }

  // Those without calendar data stand between the others.
  TimePoint take_new(TimePoint after, TimePoint until, const std::optional<Obstacle>& obstacle) {
    for (;;) {
      const DueSpan span = timetable_.due_in(after, until);
      if (span.refused.empty()) return take_alike(span.runnable, obstacle, after);
      const RefusedOccurrences& refused = span.refused.front();
      if (span.runnable.count > 0 && span.runnable.first < refused.which.first) {
        const TimePoint before = timetable_.next(refused.which.first - 1us).start - 1us;
        take_alike(timetable_.due_in(after, before).runnable, obstacle, after);
      }
      miss(refused.which, {RunState::kRefused, refused.reason});
      after = refused.which.last;
    }
  }

  TimePoint take_alike(const Occurrences& which, const std::optional<Obstacle>& obstacle,
                       TimePoint otherwise) {
    if (which.count == 0) return otherwise;
    if (obstacle)
      miss(which, *obstacle);
    else
      runnable_.push_back(which);
    return which.last;
  }

  // Which of those that may run do.
  void choose() {
    std::int64_t count = 0;
    for (const Occurrences& which : runnable_)
      count += which.count;
    const bool all = input_.spec.coalesce == Coalesce::kAll;
    const std::int64_t most = all ? input_.spec.coalesce_cap : 1;
    if (input_.spec.coalesce == Coalesce::kNone && count > 1)
      pass_over(count, RunState::kSkippedLate,
                fmt::format("{} were found due at once, and it coalesces to none", count));
    else if (input_.spec.coalesce == Coalesce::kFirst)
      run(1), pass_over(count - 1, RunState::kCoalesced, "an earlier occurrence runs for it");
    else
      pass_over(count - most, RunState::kCoalesced, "a later occurrence runs for it"), run(most);
    std::ranges::sort(decision_.missed, {}, &Missed::first);
  }

  // The first `count` of those that may run are missed.
  void pass_over(std::int64_t count, RunState state, const std::string& why) {
    while (count > 0 && !runnable_.empty()) {
      Occurrences& which = runnable_.front();
      if (which.count <= count) {
        count -= which.count;
        miss(which, {state, why});
        runnable_.erase(runnable_.begin());
        continue;
      }
      const TimePoint kept = nth(which, count);  // the first that is not passed over
      const TimePoint until = timetable_.next(kept - 1us).start - 1us;
      miss(timetable_.due_in(which.first - 1us, until).runnable, {state, why});
      which = {kept, which.last, which.count - count};
      return;
    }
  }

  // The first `count` of those that may run do.
  void run(std::int64_t count) {
    while (count > 0 && !runnable_.empty()) {
      Occurrences& which = runnable_.front();
      const Occurrence next = timetable_.next(which.first - 1us);
      decision_.runs.push_back({next.nominal, next.business_date});
      --count;
      if (--which.count == 0)
        runnable_.erase(runnable_.begin());
      else
        which.first = timetable_.next(which.first).nominal;
    }
  }

  // The occurrence after `skip` others.
  [[nodiscard]] TimePoint nth(const Occurrences& which, std::int64_t skip) const {
    if (skip == which.count - 1) return which.last;
    TimePoint at = which.first;
    for (; skip > 0; --skip)
      at = timetable_.next(at).nominal;
    return at;
  }

  void miss(const Occurrences& which, const Obstacle& obstacle) {
    if (which.count == 0) return;
    if (!decision_.missed.empty()) {
      Missed& before = decision_.missed.back();
      if (before.state == obstacle.state && before.why == obstacle.why && runnable_.empty() &&
          adjoin(before.last, which.first)) {
        before.last = which.last;
        before.count += which.count;
        return;
      }
    }
    decision_.missed.push_back(
        {obstacle.state, which.first, which.last, which.count, obstacle.why});
  }

  // Of one pass, and nothing that is not to run again lies between them.
  [[nodiscard]] bool adjoin(TimePoint before, TimePoint after) const {
    if ((before <= input_.again_until) != (after <= input_.again_until)) return false;
    const auto between = std::ranges::upper_bound(input_.dealt_with, before);
    return between == input_.dealt_with.end() || *between > after;
  }

  const DueInput& input_;
  const Timetable& timetable_;
  std::vector<Occurrences> runnable_;  // stretches of those that may run, in order
  DueDecision decision_;
};

}  // namespace

DueDecision decide_due(const DueInput& input) { return Decider{input}.decide(); }

TimePoint latest_start(const TaskSpec& spec, TimePoint nominal) {
  const auto& limit = spec.special().not_after;
  return limit ? limit->on_date_of(nominal) : kNever;
}

std::string why_held(const Hold& hold) {
  if (hold.is_pause()) return fmt::format("paused by {}: {}", hold.actor, hold.reason);
  return fmt::format("nothing starts from {} to {}, by {}: {}", to_rfc3339(hold.from),
                     to_rfc3339(hold.to), hold.actor, hold.reason);
}

}  // namespace systask::scheduler
