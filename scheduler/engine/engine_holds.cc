// Pauses and windows: kept in the stores first, then obeyed.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// A wall clock that is ahead ends windows too early, and is put right within this time.
constexpr Micros kWindowsKept = 1h;

std::string what_is(const Target& target) {
  switch (target.kind) {
    case Target::Kind::kTask: return fmt::format("task '{}'", target.name);
    case Target::Kind::kGroup: return fmt::format("group '{}'", target.name);
    case Target::Kind::kLane: break;
  }
  return fmt::format("lane {}", target.name);
}

// The pause of a task is in the TaskStore, under no id of its own.
HoldId pause_id(TaskId task) { return HoldId{-task.value()}; }

Hold as_hold(const TaskSpec& spec, const Pause& pause) {
  return {
      pause_id(spec.id), Target::task(spec.name), pause.since, kNever, pause.reason, pause.actor,
      pause.since};
}

}  // namespace

Refusal needs_reason(const Target& target, std::string_view what) {
  return {"NEEDS_REASON", fmt::format("{} is not {}: say why", what_is(target), what)};
}

std::optional<Refusal> Engine::Impl::unknown(State& state, const Target& target) {
  if (target.kind == Target::Kind::kTask) {
    if (state.tasks.find(target.name) != nullptr) return std::nullopt;
    return unknown_task(target.name);
  }
  if (target.kind == Target::Kind::kGroup) {
    for (const Entry& entry : state.tasks.all())
      if (!target.name.empty() && entry.spec->group == target.name) return std::nullopt;
    return Refusal{
        "UNKNOWN_GROUP",
        fmt::format("there is no group '{}': tasks name theirs with `group:`", target.name)};
  }
  for (const Lanes::Depth& lane : parts_.lanes.depths())
    if (target == Target::lane(lane.priority)) return std::nullopt;
  return Refusal{"UNKNOWN_LANE", fmt::format("there is no lane {}: `systask status` lists those "
                                             "there are",
                                             target.name)};
}

Result<void> Engine::Impl::pause(const Target& target, const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(target, "paused");
  const TimePoint at = now();
  if (target.kind != Target::Kind::kTask) {
    const auto added = add_hold({{}, target, at, kNever, asked.reason, asked.actor, at});
    if (added.has_error()) return added.error();
    return {};
  }
  const auto spec = state_.with([&](State& state) -> std::shared_ptr<const TaskSpec> {
    const Entry* entry = state.tasks.find(target.name);
    return entry == nullptr ? nullptr : entry->spec;
  });
  if (!spec) return unknown_task(target.name);
  const Pause pause{asked.reason, asked.actor, at};
  parts_.store.set_pause(spec->id, pause);
  log::info("task paused",
            {{"task", target.name}, {"actor", asked.actor}, {"reason", asked.reason}});
  state_.with([&](State& state) {
    state.holds.remove(pause_id(spec->id));
    state.holds.add(as_hold(*spec, pause));
    // Another pause has another reason, and a row of its own.
    if (Entry* entry = state.tasks.find(spec->id); entry != nullptr && entry->busy)
      entry->busy->missed.reset();
  });
  holds_changed(at);
  return {};
}

Result<void> Engine::Impl::resume(const Target& target, const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(target, "resumed");
  HoldId held;
  TaskId task;
  const auto refusal = state_.with([&](State& state) -> std::optional<Refusal> {
    if (auto mistake = unknown(state, target)) return mistake;
    if (target.kind == Target::Kind::kTask) task = state.tasks.find(target.name)->spec->id;
    if (const Hold* pause = state.holds.pause_of(target)) held = pause->id;
    return std::nullopt;
  });
  if (refusal) return *refusal;
  if (target.kind == Target::Kind::kTask)
    parts_.store.set_pause(task, std::nullopt);
  else if (parts_.holds != nullptr && held != HoldId{})
    parts_.holds->remove(held);
  log::info("resumed",
            {{"what", what_is(target)}, {"actor", asked.actor}, {"reason", asked.reason}});
  state_.with([&](State& state) { state.holds.remove(held); });
  holds_changed(now());
  return {};
}

Result<HoldId> Engine::Impl::hold(const Target& target, TimePoint from, TimePoint to,
                                  const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(target, "held");
  const TimePoint at = now();
  if (to == kNever || from >= to || to <= at)
    return Refusal{"BAD_WINDOW", fmt::format("{} is not held from {} to {}: give an end that is "
                                             "after the beginning and still to come",
                                             what_is(target), to_rfc3339(from),
                                             to == kNever ? "ever" : to_rfc3339(to))};
  return add_hold({{}, target, from, to, asked.reason, asked.actor, at});
}

Result<HoldId> Engine::Impl::add_hold(Hold hold) {
  const auto refusal = state_.with([&](State& state) { return unknown(state, hold.target); });
  if (refusal) return *refusal;
  hold.id = HoldId{++last_hold_id_};
  if (parts_.holds != nullptr) parts_.holds->add(hold);
  log::info("nothing starts from now on, or in a window",
            {{"what", what_is(hold.target)}, {"why", why_held(hold)}});
  const HoldId id = hold.id;
  HoldId before;
  state_.with([&](State& state) {
    if (hold.is_pause())
      if (const Hold* pause = state.holds.pause_of(hold.target)) before = pause->id;
    state.holds.remove(before);
    state.holds.add(std::move(hold));
  });
  if (parts_.holds != nullptr && before != HoldId{}) parts_.holds->remove(before);
  holds_changed(now());
  return id;
}

Result<void> Engine::Impl::lift(HoldId id, const Asked& asked) {
  const auto held = state_.with([&](State& state) -> std::optional<Hold> {
    const Hold* hold = state.holds.find(id);
    return hold == nullptr ? std::nullopt : std::optional{*hold};
  });
  if (!held)
    return Refusal{"UNKNOWN_HOLD",
                   fmt::format("there is no hold {}: it is over, or never was", id.value())};
  if (held->is_pause()) return resume(held->target, asked);
  if (asked.reason.empty()) return needs_reason(held->target, "let go");
  if (parts_.holds != nullptr) parts_.holds->remove(id);
  log::info("a hold was lifted",
            {{"what", what_is(held->target)}, {"actor", asked.actor}, {"reason", asked.reason}});
  state_.with([&](State& state) { state.holds.remove(id); });
  holds_changed(now());
  return {};
}

std::vector<Hold> Engine::Impl::holds() {
  return state_.with([](State& state) {
    std::vector<Hold> all = state.holds.all();
    std::ranges::stable_sort(all, {}, &Hold::made_at);
    return all;
  });
}

// At start: what was kept, less the windows that are over.
void Engine::Impl::recall_holds() {
  if (parts_.holds == nullptr) return;
  std::vector<Hold> kept = parts_.holds->load();
  for (const Hold& hold : kept)
    last_hold_id_ = std::max(last_hold_id_.load(), hold.id.value());
  state_.with([&](State& state) {
    for (Hold& hold : kept)
      state.holds.add(std::move(hold));
  });
}

// What waited for windows that are over goes on; they are forgotten when nobody can have set the
// wall clock wrong by so much without noticing.
void Engine::Impl::end_windows(TimePoint now) {
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  bool over = false;
  bool lanes = false;
  std::vector<HoldId> gone;
  state_.with([&](State& state) {
    over = state.holds.end({now, monotonic});
    lanes = std::ranges::any_of(state.holds.all(), [](const Hold& hold) {
      return hold.target.kind == Target::Kind::kLane;
    });
    gone = state.holds.forget(monotonic, kWindowsKept);
  });
  if (over)
    holds_changed(now);
  else if (lanes)
    pause_lanes(now);
  if (parts_.holds == nullptr) return;
  try {
    for (const HoldId id : gone)
      parts_.holds->remove(id);
  } catch (const std::exception& error) {
    log::warn("a window that is over could not be removed; it does no harm",
              {{"error", error.what()}});
  }
}

// The wall clock was set back: windows that were over lie ahead again.
void Engine::Impl::recall_windows(TimePoint now) {
  if (state_.with([now](State& state) { return state.holds.bring_back(now); })) holds_changed(now);
}

void Engine::Impl::pause_lanes(TimePoint now) {
  for (const Lanes::Depth& lane : parts_.lanes.depths()) {
    const bool waits =
        state_.with([&](State& state) { return state.holds.lane_waits(lane.priority, now); });
    if (waits != lane.paused) parts_.lanes.pause(lane.priority, waits);
  }
}

void Engine::Impl::holds_changed(TimePoint now) {
  Steps steps;
  state_.with([&](State& state) {
    state.mark_holds();
    for (Entry& entry : state.tasks.all())
      if (entry.busy) state.advance(entry, now, steps);
  });
  pause_lanes(now);
  carry_out(std::move(steps));
}

void Engine::Impl::recall_lane_sizes() {
  if (parts_.lane_sizes == nullptr) return;
  const std::vector<Lanes::Depth> lanes = parts_.lanes.depths();
  for (const LaneSize& size : parts_.lane_sizes->load()) {
    const auto lane = std::ranges::find(lanes, size.priority, &Lanes::Depth::priority);
    if (lane != lanes.end() && lane->configured == size.configured) {
      parts_.lanes.resize(size.priority, size.threads);
      log::info("a lane has the threads that it was given before",
                {{"lane", size.priority}, {"threads", size.threads}});
    } else {
      parts_.lane_sizes->forget(size.priority);
      log::info("the configuration of a lane has changed, and counts",
                {{"lane", size.priority}, {"threads it was given before", size.threads}});
    }
  }
}

Result<void> Engine::Impl::resize_lane(int priority, std::size_t threads) {
  const auto depth = [&]() -> std::optional<Lanes::Depth> {
    for (const Lanes::Depth& lane : parts_.lanes.depths())
      if (lane.priority == priority) return lane;
    return std::nullopt;
  };
  const auto before = depth();
  if (before && threads > 0 && parts_.lanes.resize(priority, threads)) {
    const Lanes::Depth now = depth().value();
    try {
      if (parts_.lane_sizes != nullptr && now.threads == now.configured)
        parts_.lane_sizes->forget(priority);
      else if (parts_.lane_sizes != nullptr)
        parts_.lane_sizes->keep({priority, now.threads, now.configured});
    } catch (const std::exception&) {
      parts_.lanes.resize(priority, before->threads);  // not done at all
      throw;
    }
    log::info("a lane was resized", {{"lane", priority}, {"threads", now.threads}});
    return {};
  }
  return Refusal{"UNKNOWN_LANE",
                 fmt::format("lane {} is not resized: there is no such lane, or {} threads are "
                             "too few",
                             priority, threads)};
}

}  // namespace systask::scheduler
