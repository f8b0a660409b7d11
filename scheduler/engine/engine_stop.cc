// The end: nothing starts any more, and the bodies under way get their time.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "scheduler/engine/as_detail.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/engine/lost.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// So often the bodies are looked at, whatever the clocks say.
constexpr Micros kLookAtLeast = 100ms;
// For threads whose bodies have returned.
constexpr Micros kThreadsEnd = 10s;

Ending not_begun(Run& run) {
  if (run.retries > 0 && run.extras && run.extras->last_failure) {
    Ending failure = *run.extras->last_failure;
    failure.detail += " (no further attempt: the service stops)";
    return failure;
  }
  return {RunState::kLost, fmt::format("the service stopped before it began: `systask rerun {}`, "
                                       "or ask again, when it is up",
                                       run.row.id.value())};
}

std::optional<MonotonicPoint> asked_at(const Run& run) {
  if (run.stopping == Run::StopReason::kNone) return std::nullopt;
  return run.asked_at;
}

std::string_view what_follows(const Run& run) {
  if (is_asked_for(run.row.trigger)) return "it is lost, and who asked for it is told";
  return run.spec->on_lost == OnLost::kRerun ? "the next start makes it again (on_lost: rerun)"
                                             : "the next start records it as lost (on_lost)";
}

}  // namespace

void Engine::Impl::begin_stop() {
  Steps steps;
  std::size_t claimed = 0;
  state_.with([&](State& state) {
    if (std::exchange(state.stopped, true)) return;
    for (const RunPtr& run : state.not_begun()) {
      if (is_asked_for(run->row.trigger))
        steps.end.emplace_back(run, not_begun(*run));
      else if (run->row.trigger != Trigger::kEvent)
        ++claimed;
    }
  });
  carry_out(std::move(steps));
  if (claimed > 0)
    log::info("runs had not begun; they stay claimed, and the next start settles them",
              {{"runs", claimed}});
}

void Engine::Impl::refuse_to_begin(const RunPtr& run, Steps& steps) const {
  if (is_asked_for(run->row.trigger)) steps.end.emplace_back(run, not_begun(*run));
}

void Engine::Impl::wake_drain() {
  {
    const std::scoped_lock lock{stop_mutex_};
    ++hurry_.changes;
  }
  stop_wake_.notify_all();
}

void Engine::Impl::hurry() {
  {
    const std::scoped_lock lock{stop_mutex_};
    ++hurry_.times;
    ++hurry_.changes;
    hurry_.at = parts_.clock.monotonic();
  }
  stop_wake_.notify_all();
}

void Engine::Impl::drain(const DrainOptions& options) {
  begin_stop();
  const MonotonicPoint since = parts_.clock.monotonic();
  MonotonicPoint tell_at = since + options.tell_first;
  for (;;) {
    Hurry hurry;
    {
      const std::scoped_lock lock{stop_mutex_};
      hurry = hurry_;
    }
    attend(now());
    const Drained drained = look_at_bodies({since, options.timeout, hurry.times, hurry.at});
    if (drained.bodies == 0) return;
    const MonotonicPoint now = parts_.clock.monotonic();
    if (now >= tell_at) {
      if (options.tell) options.tell(drained.progress);
      tell_at = now + options.tell_every;
    }
    const auto wait = std::chrono::ceil<Micros>(std::min(drained.look_again, tell_at) - now);
    std::unique_lock lock{stop_mutex_};
    stop_wake_.wait_for(lock, std::clamp(wait, Micros{0}, kLookAtLeast),
                        [&] { return hurry_.changes != hurry.changes; });
  }
}

Engine::Impl::Drained Engine::Impl::look_at_bodies(const DrainRules& rules) {
  const MonotonicPoint now = parts_.clock.monotonic();
  Drained drained;
  std::vector<RunPtr> ask;
  std::vector<RunPtr> give_up;
  state_.with([&](State& state) {
    std::vector<DrainBody> bodies;
    for (const RunPtr& run : state.bodies) {
      if (run->finished) continue;
      DrainBody body{*run->spec, run->row.id, asked_at(*run)};
      DrainDecision decision = decide_drain(body, rules, now);
      if (decision.step == DrainStep::kGiveUp) {
        give_up.push_back(run);
        continue;
      }
      if (decision.step == DrainStep::kAsk) {
        run->stopping = Run::StopReason::kServiceStops;
        run->asked_at = now;
        ask.push_back(run);
        body.asked_at = now;
        decision = decide_drain(body, rules, now);
      }
      bodies.push_back(body);
      drained.look_again = std::min(drained.look_again, decision.until);
      drained.progress.longest =
          std::max(drained.progress.longest, std::chrono::ceil<Micros>(decision.given_up - now));
    }
    drained.bodies = drained.progress.bodies = bodies.size();
    drained.progress.who = who_runs(bodies, rules, now);
  });
  for (const RunPtr& run : ask)
    run->stop.request_stop();
  for (const RunPtr& run : give_up)
    give_up_at_stop(run);
  return drained;
}

void Engine::Impl::give_up_at_stop(const RunPtr& run) {
  const auto [reason, grace] = state_.with([&](State&) {
    return std::pair{run->stopping,
                     std::chrono::duration_cast<Micros>(parts_.clock.monotonic() - run->asked_at)};
  });
  const std::string how =
      fmt::format("did not stop within {} of being asked to",
                  format_duration(std::chrono::floor<std::chrono::milliseconds>(grace)));
  if (reason == Run::StopReason::kServiceStops)
    end_at_stop(run, how);
  else
    finish(run, {RunState::kAbandoned, how + ", and the service stopped"});
}

void Engine::Impl::end_at_stop(const RunPtr& run, const std::string& how) {
  const Gate::Pass pass = gate_.enter();
  if (!pass) return;  // stopped: the next start settles the run as after a crash
  const auto ran = std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::duration_cast<Micros>(parts_.clock.monotonic() - run->begun_at));
  const std::string text =
      fmt::format("{}, {} after it began: {}", kEndedByStop, format_duration(ran), how);
  log::warn("a run was ended by the service's stop", {{"task", run->spec->name},
                                                      {"run", run->row.id},
                                                      {"how", how},
                                                      {"then", what_follows(*run)}});
  if (is_asked_for(run->row.trigger))
    return finish(run,
                  {RunState::kLost, fmt::format("{}; `systask rerun {}`, or ask again, when it "
                                                "is up",
                                                text, run->row.id.value())});
  auto row = state_.with([&](State&) -> std::optional<RunRow> {
    if (std::exchange(run->finished, true)) return std::nullopt;
    run->row.detail = as_detail(text);
    return run->row;
  });
  if (row) outcomes_.push(std::move(*row), nullptr);
}

void Engine::Impl::stop(Micros patience) {
  begin_stop();
  std::vector<RunPtr> running;
  const bool left = state_.with([&](State& state) {
    for (const RunPtr& run : state.bodies) {
      if (run->finished) continue;
      running.push_back(run);
      if (run->stopping != Run::StopReason::kNone) continue;
      run->stopping = Run::StopReason::kServiceStops;
      run->asked_at = parts_.clock.monotonic();
    }
    return running.size() < state.bodies.size();
  });
  for (const RunPtr& run : running)
    run->stop.request_stop();
  // Bodies that were given up are not waited for; threads that have done their work are.
  static_cast<void>(
      parts_.lanes.stop(running.empty() ? (left ? Micros{0} : kThreadsEnd) : patience));
  outputs_.flush();
  outcomes_.flush();
  attempts_.flush();
  interrupt_backfills();
  gate_.close();
}

std::size_t Engine::Impl::bodies() {
  return state_.with([](const State& state) { return state.bodies.size(); });
}

}  // namespace systask::scheduler
