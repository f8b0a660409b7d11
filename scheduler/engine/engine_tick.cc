// What a tick does: it looks at the clocks, at what is under way, at what waits for its time,
// and then takes what is due.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/engine/usual.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Rows of a task among which its latest successes are looked for.
constexpr std::size_t kRunsThatAreUsual = 100;
// A chain of tasks that come after one another is followed so far for an occurrence.
constexpr int kLongestChain = 32;

std::string who_asked(const Run& run) {
  if (run.stopping == Run::StopReason::kCancel)
    return fmt::format("cancelled by {}", run.extras ? run.extras->asked_by : "");
  if (run.stopping == Run::StopReason::kReplaced) return "a later occurrence was due";
  return fmt::format("timeout {}", format_duration(run.spec->timeout));
}

}  // namespace

TickReport Engine::Impl::tick(TimePoint now) {
  watch_clocks(now);
  Claimed ahead = std::exchange(ahead_, {}).claimed;
  carry_out(std::move(ahead.steps));
  end_windows(now);
  attend(now);
  start_followers(now);
  advance_backfills(now);
  const TickReport report = take_and_claim(now);
  watch_alarms(now);
  report_depths();
  return {report.due + ahead.report.due, report.claimed + ahead.report.claimed,
          report.posted + ahead.report.posted};
}

void Engine::Impl::attend(TimePoint now) {
  outputs_.flush();
  outcomes_.flush();
  attempts_.flush();
  watch_bodies();
  start_retries(now);
}

// The head of the queue may be out of date: then a tick finds nothing, which is harmless.
TimePoint Engine::Impl::next_due() {
  const TimePoint now = parts_.clock.now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  return state_.with([&](State& state) {
    const auto first = state.queue.first();
    TimePoint due = first ? first->at : kNever;
    if (!state.retries.empty())
      due =
          std::min(due, now + std::chrono::ceil<Micros>(state.retries.begin()->first - monotonic));
    return due;
  });
}

// Asks bodies that are over their timeout to stop, gives up those that did not, and reports
// those that take far longer than usual.
void Engine::Impl::watch_bodies() {
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  std::vector<RunPtr> ask;
  std::vector<std::pair<RunPtr, Ending>> abandon;
  std::vector<std::pair<RunPtr, Micros>> slow;
  state_.with([&](State& state) {
    for (const RunPtr& run : state.bodies) {
      if (run->finished) continue;
      const TaskSpec& spec = *run->spec;
      const auto running = std::chrono::duration_cast<Micros>(monotonic - run->begun_at);
      if (run->stopping == Run::StopReason::kNone) {
        if (spec.timeout > 0us && running >= spec.timeout) {
          run->stopping = Run::StopReason::kTimeout;
          run->asked_at = monotonic;
          ask.push_back(run);
        }
      } else if (run->stopping == Run::StopReason::kServiceStops) {
        continue;  // drain() looks after it
      } else if (monotonic - run->asked_at >= spec.timeout_grace) {
        abandon.emplace_back(
            run, Ending{RunState::kAbandoned,
                        fmt::format("did not stop within {} of being asked to ({})",
                                    format_duration(spec.timeout_grace), who_asked(*run))});
        continue;
      }
      if (running >= kOverdueAtLeast && !run->more().overdue_told) slow.emplace_back(run, running);
    }
  });
  for (const RunPtr& run : ask)
    run->stop.request_stop();
  for (auto& [run, ending] : abandon) {
    log::error(
        "a run ignored the request to stop and is given up; a fresh thread takes the "
        "place of the one it keeps",
        {{"task", run->spec->name}, {"run", run->row.id}, {"why", ending.detail}});
    parts_.lanes.abandon(run->row.id);
    finish(run, std::move(ending));
  }
  for (const auto& [run, running] : slow)
    report_overdue(run, running);
}

// The ledger is asked once a run, when it has become long at all.
void Engine::Impl::report_overdue(const RunPtr& run, Micros running) {
  const auto known = state_.with([&](State&) { return run->more().overdue_after; });
  std::optional<Micros> after = known;
  if (!after) {
    try {
      const std::vector<RunRow> rows =
          parts_.ledger.runs({.task = run->spec->id, .limit = kRunsThatAreUsual});
      const auto usual = usual_duration(rows);
      after = usual ? overdue_after(*usual) : Micros::max();
    } catch (const std::exception&) {
      return;  // the next tick asks again
    }
  }
  const bool told = running >= *after;
  state_.with([&](State&) {
    run->more().overdue_after = after;
    run->more().overdue_told = told || *after == Micros::max();
  });
  if (!told) return;
  log::warn("a run takes far longer than usual", {{"task", run->spec->name},
                                                  {"run", run->row.id},
                                                  {"running", format_duration(running)},
                                                  {"expected at most", format_duration(*after)}});
  if (parts_.observer != nullptr)
    parts_.observer->on_run_overdue(*run->spec, run->row.id, running, *after);
}

// Attempts whose time has come. One that finds its task busy with something that was asked
// for, or held, stays where it is.
void Engine::Impl::start_retries(TimePoint now) {
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  Steps steps;
  state_.with([&](State& state) {
    for (auto at = state.retries.begin();
         !state.stopped && at != state.retries.end() && at->first <= monotonic;) {
      const RunPtr run = at->second;
      Entry* entry = state.tasks.find(run->row.key.task);
      const bool of_task = entry != nullptr && run->row.trigger != Trigger::kBackfill;
      const std::size_t room =
          of_task && entry->spec->overlap == Overlap::kAllow ? entry->spec->at_once : 1;
      if (run->finished || state.against(*run, now) != nullptr ||
          (of_task && (entry->runs().running.size() >= room || !entry->runs().waiting.empty()))) {
        ++at;
        continue;
      }
      at = state.retries.erase(at);
      if (of_task) {
        std::erase(entry->make_busy().retrying, run);
        entry->busy->running.push_back(run);
      }
      state.start(run, steps);
    }
  });
  carry_out(std::move(steps));
}

// The last occurrence of the task in (from, until]; of what it comes after, where it has no
// schedule of its own. Its nominal time is kNever where there is none.
Occurrence Engine::Impl::last_expected(const TaskSpec& spec, TimePoint from, TimePoint until,
                                       int depth) {
  Occurrence last;
  if (!spec.enabled || depth > kLongestChain) return last;
  if (!spec.timetable.on_demand()) {
    const Occurrences found = spec.timetable.due_in(from - 1us, until).runnable;
    return found.count == 0 ? last : spec.timetable.next(found.last - 1us);
  }
  for (const Predecessor& before : spec.after) {
    const auto other = state_.with([&](State& state) -> std::shared_ptr<const TaskSpec> {
      const Entry* entry = state.tasks.find(before.task);
      return entry == nullptr ? nullptr : entry->spec;
    });
    if (!other) continue;
    const Occurrence found = last_expected(*other, from, until, depth + 1);
    if (found.nominal != kNever && (last.nominal == kNever || found.nominal > last.nominal))
      last = found;
  }
  return last;
}

void Engine::Impl::watch_alarms(TimePoint now) {
  tell_failure_alarms();
  if (parts_.alarms == nullptr) return;
  if (tasks_changed_.exchange(false)) {
    std::vector<std::shared_ptr<const TaskSpec>> specs;
    state_.with([&](State& state) {
      for (const Entry& entry : state.tasks.all())
        if (entry.spec->enabled && !entry.spec->special().alarms.none())
          specs.push_back(entry.spec);
    });
    alarm_watch_.watch(std::move(specs), now);
  }
  if (alarm_watch_.raised().empty() && alarm_watch_.next_check() > now) return;
  const AlarmWorld world{
      [&](TaskId task) {
        return state_.with([&](State& state) -> std::optional<TaskFacts> {
          const Entry* entry = state.tasks.find(task);
          if (entry == nullptr || !entry->spec->enabled) return std::nullopt;
          TaskFacts facts{.begun_date = entry->begun_date, .done_date = entry->done_date};
          facts.has_run = entry->last || entry->begun_date != 0;
          if (const Failure* failure = state.failures.find(task))
            facts.fails = fmt::format("; {}", describe(*failure));
          if (const auto found = state.successes.find(task); found != state.successes.end()) {
            facts.last_success = now - std::chrono::duration_cast<Micros>(parts_.clock.monotonic() -
                                                                          found->second.at);
            facts.has_succeeded = found->second.known;
          }
          if (const Hold* hold = state.holds.against(*entry->spec, false, now))
            facts.held = fmt::format(" ({})", why_held(*hold));
          return facts;
        });
      },
      [&](const TaskSpec& spec, TimePoint from, TimePoint until) -> std::optional<int> {
        const Occurrence last = last_expected(spec, from, until, 0);
        if (last.nominal == kNever) return std::nullopt;
        if (last.business_date != 0) return last.business_date;
        const Result<int> date = date_of(spec.name, last.nominal);
        return date ? std::optional{*date} : std::nullopt;
      }};
  const AlarmWatch::Changes changes = alarm_watch_.look(now, world);
  if (changes.raised.empty() && changes.cleared.empty()) return;
  show_alarms();
  for (const Alarm& alarm : changes.cleared)
    parts_.alarms->cleared(alarm);
  for (const Alarm& alarm : changes.raised)
    parts_.alarms->raised(alarm);
}

void Engine::Impl::report_depths() {
  if (parts_.observer == nullptr) return;
  for (const Lanes::Depth& depth : parts_.lanes.depths())
    parts_.observer->on_lane_depth(depth.priority, depth.queued);
}

}  // namespace systask::scheduler
