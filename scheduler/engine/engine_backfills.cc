// Backfills: past business dates that are run again, what came of each, and waiting for that.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

#include "base/log.h"
#include "calendar/wall_clock.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Dates of a backfill, and steps in all.
constexpr int kMostDays = 366 * 3;
constexpr std::size_t kMostSteps = 100'000;
// Backfills side by side, and those that are listed when they have ended.
constexpr std::size_t kMostAtOnce = 20;
constexpr std::int64_t kListed = 50;
// A night session belongs to a later date than it is on.
constexpr int kDaysBefore = 5;

// What is said of a backfill in the log.
std::string dates_text(const KeptBackfill& backfill) {
  if (backfill.dates.empty()) return "none";
  const int first = backfill.dates.front().business_date;
  const int last = backfill.dates.back().business_date;
  return first == last ? fmt::format("{}", first) : fmt::format("{} to {}", first, last);
}

}  // namespace

Result<BackfillId> Engine::Impl::backfill(const BackfillRequest& request, const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(request.target, "run again");
  const auto from = from_yyyymmdd(request.from);
  const auto to = from_yyyymmdd(request.to);
  if (!from || !to || *to < *from || *to - *from > std::chrono::days{kMostDays})
    return Refusal{"BAD_DATES",
                   fmt::format("there is no backfill from {} to {}: give two dates as YYYYMMDD, "
                               "in order, at most {} days apart",
                               request.from, request.to, kMostDays)};
  const auto refusal = state_.with([&](State& state) -> std::optional<Refusal> {
    if (state.stopped) return is_stopping();
    if (request.target.kind == Target::Kind::kLane)
      return Refusal{"UNKNOWN_GROUP", "a backfill is of a task or of a group, not of a lane"};
    return unknown(state, request.target);
  });
  if (refusal) return *refusal;
  Result<std::vector<Backfill::Instance>> instances = instances_of(request);
  if (instances.has_error()) return instances.error();
  if (instances->empty())
    return Refusal{"NOTHING_TO_DO",
                   fmt::format("'{}' had no occurrence from {} to {}, or far too many",
                               request.target.name, request.from, request.to)};
  return add_backfill(request.target, asked, std::move(*instances), request.concurrency);
}

// The dates on which the tasks, or what they come after, had an occurrence; of several on one
// date, each task runs once, for the last of them. BAD_DATES where one has not come.
Result<std::vector<Backfill::Instance>> Engine::Impl::instances_of(const BackfillRequest& request) {
  std::vector<std::shared_ptr<const TaskSpec>> specs;
  state_.with([&](State& state) {
    for (const Entry& entry : state.tasks.all())
      if (request.target.kind == Target::Kind::kTask ? entry.spec->name == request.target.name
                                                     : entry.spec->group == request.target.name)
        specs.push_back(entry.spec);
  });
  const TimePoint now = this->now();
  const Result<int> today = date_of(request.target.name, now);
  if (today.has_error()) return today.error();
  std::vector<Backfill::Instance> instances;
  std::size_t steps = 0;
  for (auto day = *from_yyyymmdd(request.from); day <= *from_yyyymmdd(request.to);
       day += std::chrono::days{1}) {
    const int date = yyyymmdd(day);
    std::vector<PlannedStep> planned;
    for (const auto& spec : specs) {
      const Occurrence last = occurrence_of(*spec, date, request.early ? kNever : now);
      if (last.nominal != kNever) planned.push_back({spec.get(), last.nominal});
      if (last.nominal != kNever || request.early) continue;
      if (const Occurrence ahead = occurrence_of(*spec, date, kNever); ahead.nominal != kNever)
        return Refusal{"BAD_DATES",
                       fmt::format("'{}' is not run for {} yet: it is due at {}; give dates "
                                   "before that, or wait",
                                   spec->name, date, to_rfc3339(ahead.nominal))};
    }
    if (planned.empty() && date > *today)
      return Refusal{"BAD_DATES", fmt::format("{} has not come: today is {}; give dates up to "
                                              "that",
                                              date, *today)};
    steps += planned.size();
    if (steps > kMostSteps) return std::vector<Backfill::Instance>{};
    if (!planned.empty()) instances.push_back(make_instance(date, planned));
  }
  return instances;
}

// The last occurrence of the task for that business date, up to `until`; its nominal time is
// kNever where there is none.
Occurrence Engine::Impl::occurrence_of(const TaskSpec& spec, int date, TimePoint until) {
  const auto zone = Zone::find(spec.zone);
  const auto day = *from_yyyymmdd(date);
  for (int back = 0; back < kDaysBefore; ++back) {
    const LocalTime local{day - std::chrono::days{back}};
    const TimePoint begin = zone ? zone->to_instant(local) : TimePoint{local.time_since_epoch()};
    const TimePoint end = std::min(until, begin + std::chrono::days{1} - 1us);
    if (end < begin) continue;
    const Occurrence last = last_expected(spec, begin, end, 0);
    if (last.nominal == kNever) continue;
    const Result<int> own = last.business_date != 0 ? Result<int>{last.business_date}
                                                    : date_of(spec.name, last.nominal);
    if (own && *own == date) return last;
  }
  Occurrence none;
  none.nominal = kNever;
  return none;
}

Result<BackfillId> Engine::Impl::add_backfill(const Target& target, const Asked& asked,
                                              std::vector<Backfill::Instance> instances,
                                              int concurrency) {
  const bool full =
      state_.with([](const State& state) { return state.backfills.size() >= kMostAtOnce; });
  if (full)
    return Refusal{"TOO_MANY_BACKFILLS",
                   fmt::format("{} backfills are under way, which is the most: wait for one, or "
                               "cancel one (`systask backfills`)",
                               kMostAtOnce)};
  const BackfillId id{++last_backfill_id_};
  auto added = std::make_unique<Backfill>(KeptBackfill{.id = id,
                                                       .target = target,
                                                       .concurrency = concurrency,
                                                       .actor = asked.actor,
                                                       .reason = asked.reason,
                                                       .begun_at = now(),
                                                       .ended_at = {},
                                                       .cancelled_by = {},
                                                       .dates = {}},
                                          std::move(instances));
  if (parts_.backfills != nullptr) parts_.backfills->add(added->record());
  log::info("a backfill begins", {{"backfill", id},
                                  {"what", target.name},
                                  {"dates", dates_text(added->record())},
                                  {"runs", added->status().runs()},
                                  {"actor", asked.actor},
                                  {"reason", asked.reason}});
  state_.with([&](State& state) { state.backfills.push_back(std::move(added)); });
  advance_backfills(now());
  return id;
}

// Starts the steps that may, and ends those that never will. A step that cannot be claimed is
// tried again by the next tick.
void Engine::Impl::advance_backfills(TimePoint now) {
  if (!state_.with([](const State& state) { return !state.backfills.empty(); })) return;
  std::vector<RunPtr> to_claim;
  std::vector<RunPtr> in_vain;
  int today = 0;
  if (const auto date = date_of("", now)) today = *date;
  state_.with([&](State& state) {
    if (state.stopped) return;
    for (const auto& backfill : state.backfills)
      advance_one(state, *backfill, {today, now}, to_claim, in_vain);
  });
  keep_backfills(now);
  for (const RunPtr& run : in_vain)
    finish(run, {RunState::kHeld, run->row.detail});
  for (const RunPtr& run : to_claim) {
    try {
      claim_and_start(run);
    } catch (const std::exception& error) {
      log::error("a step of a backfill could not be claimed; the next tick tries again",
                 {{"task", run->spec->name}, {"error", error.what()}});
      state_.with([&](State& state) {
        for (const auto& backfill : state.backfills)
          if (backfill->record().id == run->extras->backfill)
            backfill->put_back(run->spec->id, run->row.business_date);
      });
    }
  }
}

void Engine::Impl::advance_one(State& state, Backfill& backfill, const Today& today,
                               std::vector<RunPtr>& to_claim, std::vector<RunPtr>& in_vain) {
  const auto outside = [&](const Predecessor& before, int date) {
    const Entry* entry = state.tasks.find(before.task);
    return entry == nullptr || date != today.date || state.is_well_enough(before, *entry, date);
  };
  for (const Backfill::Move& move : backfill.advance(outside)) {
    const Backfill::Instance& instance = backfill.instance(move.instance);
    const Backfill::Step& step = instance.steps[move.step];
    const Entry* entry = state.tasks.find(step.task);
    if (entry == nullptr || !entry->spec->enabled) {
      RunRow gone{.key = {step.nominal, step.task},
                  .state = RunState::kCancelled,
                  .business_date = instance.business_date,
                  .detail = "the task is disabled in the configuration, or gone"};
      backfill.ended(gone,
                     entry == nullptr ? fmt::format("{}", step.task.value()) : entry->spec->name);
      continue;
    }
    RunPtr run = make_run(*entry, step.nominal, Trigger::kBackfill, today.now);
    run->row.business_date = instance.business_date;
    run->row.actor = backfill.record().actor;
    run->more().backfill = backfill.record().id;
    if (!move.failed) {
      to_claim.push_back(std::move(run));
      continue;
    }
    const Entry* before = state.tasks.find(instance.steps[*move.failed].task);
    run->row.detail = fmt::format("'{}', which it comes after, was not done in this backfill",
                                  before == nullptr ? "a task that is gone" : before->spec->name);
    in_vain.push_back(std::move(run));
  }
}

// What came of dates is kept, and those that are over are told.
void Engine::Impl::keep_backfills(TimePoint now) {
  std::vector<BackfillNews> news;
  state_.with([&](State& state) {
    for (const auto& backfill : state.backfills) {
      const bool over = backfill->over();
      BackfillNews one{backfill->status(), backfill->take_changes(over), {}, over};
      if (!over && one.changes.empty()) continue;
      if (over) {
        one.status.backfill.ended_at = now;
        one.listeners = backfill->take_listeners();
        state.past_backfills.push_back(one.status.backfill);
      }
      news.push_back(std::move(one));
    }
    std::erase_if(state.backfills, [](const auto& backfill) { return backfill->over(); });
    while (state.past_backfills.size() > static_cast<std::size_t>(kListed))
      state.past_backfills.pop_front();
  });
  for (const BackfillNews& one : news) {
    keep(one);
    if (!one.over) continue;
    tell_end(one.status);
    for (const BackfillDone& done : one.listeners)
      done(one.status);
  }
}

// The lowest id of those that are listed, or under way.
BackfillId Engine::Impl::oldest_listed() {
  return state_.with([](const State& state) {
    BackfillId oldest{std::numeric_limits<std::int64_t>::max()};
    for (const KeptBackfill& backfill : state.past_backfills)
      oldest = std::min(oldest, backfill.id);
    for (const auto& backfill : state.backfills)
      oldest = std::min(oldest, backfill->record().id);
    return oldest;
  });
}

void Engine::Impl::keep(const BackfillNews& news) {
  if (parts_.backfills == nullptr) return;
  const KeptBackfill& backfill = news.status.backfill;
  try {
    if (!news.changes.empty()) parts_.backfills->update(backfill.id, news.changes);
    if (!news.over) return;
    parts_.backfills->end(backfill.id, backfill.ended_at.value(), backfill.cancelled_by);
    parts_.backfills->forget(oldest_listed());
  } catch (const std::exception& error) {
    log::warn("what came of a backfill could not be kept; its runs are in the ledger",
              {{"backfill", backfill.id}, {"error", error.what()}});
  }
}

void Engine::Impl::tell_end(const BackfillStatus& status) {
  const KeptBackfill& backfill = status.backfill;
  const auto level = status.state() == "succeeded" ? log::Level::kInfo : log::Level::kWarn;
  log::write(level, "a backfill ended",
             {{"backfill", backfill.id},
              {"what", backfill.target.name},
              {"state", status.state()},
              {"dates", dates_text(backfill)},
              {"runs", status.runs()},
              {"succeeded", status.succeeded()},
              {"took", format_duration(std::chrono::floor<std::chrono::milliseconds>(
                           backfill.ended_at.value_or(backfill.begun_at) - backfill.begun_at))}});
}

Result<void> Engine::Impl::cancel_backfill(BackfillId id, std::string_view actor) {
  std::vector<RunId> open;
  bool found = false;
  state_.with([&](State& state) {
    for (const auto& backfill : state.backfills) {
      if (backfill->record().id != id) continue;
      found = true;
      backfill->cancel(actor);
    }
    for (const RunPtr& run : all_open(state))
      if (run->extras && run->extras->backfill == id) open.push_back(run->row.id);
  });
  if (!found)
    return Refusal{"UNKNOWN_BACKFILL", fmt::format("there is no backfill {}: it is over, or never "
                                                   "was",
                                                   id.value())};
  for (const RunId run : open)
    static_cast<void>(cancel(run, actor));
  keep_backfills(now());
  return {};
}

Result<void> Engine::Impl::await_backfill(BackfillId id, BackfillDone done) {
  std::optional<BackfillStatus> past;
  const bool known = state_.with([&](State& state) {
    for (const auto& backfill : state.backfills)
      if (backfill->record().id == id) {
        backfill->listen(std::move(done));
        return true;
      }
    for (const KeptBackfill& backfill : state.past_backfills)
      if (backfill.id == id) past = BackfillStatus{backfill};
    return past.has_value();
  });
  if (!known)
    return Refusal{"UNKNOWN_BACKFILL", fmt::format("there is no backfill {}: `systask backfills` "
                                                   "lists the latest {}",
                                                   id.value(), kListed)};
  if (past) done(*past);
  return {};
}

std::vector<BackfillStatus> Engine::Impl::backfills() {
  return state_.with([](State& state) {
    std::vector<BackfillStatus> all;
    for (const KeptBackfill& backfill : state.past_backfills)
      all.push_back({backfill});
    for (const auto& backfill : state.backfills)
      all.push_back(backfill->status());
    std::ranges::sort(all, {}, [](const BackfillStatus& one) { return one.backfill.id; });
    return all;
  });
}

// At start: those that an earlier service had not ended are over.
void Engine::Impl::recall_backfills() {
  if (parts_.backfills == nullptr) return;
  std::vector<KeptBackfill> all = parts_.backfills->load();
  if (std::ssize(all) > kListed) all.erase(all.begin(), all.end() - kListed);
  for (KeptBackfill& backfill : all) {
    last_backfill_id_ = std::max(last_backfill_id_.load(), backfill.id.value());
    if (backfill.ended_at) continue;
    backfill.ended_at = std::max(now(), backfill.begun_at);
    parts_.backfills->end(backfill.id, *backfill.ended_at, backfill.cancelled_by);
    tell_end({backfill});
  }
  state_.with([&](State& state) {
    state.past_backfills = {std::make_move_iterator(all.begin()),
                            std::make_move_iterator(all.end())};
  });
}

// At a stop: whoever waits is told how far each is. The next start ends them.
void Engine::Impl::interrupt_backfills() {
  std::vector<BackfillNews> news;
  state_.with([&](State& state) {
    for (const auto& backfill : state.backfills) {
      news.push_back(
          {backfill->status(), backfill->take_changes(true), backfill->take_listeners(), false});
      news.back().status.under_way = false;
    }
  });
  for (const BackfillNews& one : news) {
    keep(one);
    for (const BackfillDone& done : one.listeners)
      done(one.status);
  }
}

}  // namespace systask::scheduler
