#include "trading/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/log.h"
#include "trading/book.h"
#include "trading/changes.h"
#include "trading/intake.h"
#include "trading/line.h"
#include "trading/placement.h"
#include "trading/plan_json.h"
#include "trading/ports/message_store.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/ports/site_store.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

constexpr std::size_t kReplayedAtATime = 500;

// What is at stake: the value of the plan's open orders. To put plans in order, so a double
// will do.
double open_value(const Book& book, PlanId plan) {
  double value = 0;
  for (const OrderId id : book.open_orders(plan)) {
    const Order& order = *book.orders.find(id);
    value += static_cast<double>(order.price.value()) *
             static_cast<double>(order.quantity - order.filled - order.cancelled);
  }
  return value;
}

std::vector<PlanId> plans_where(const Book& book, const std::function<bool(const Plan&)>& wanted) {
  std::vector<PlanId> ids;
  book.plans.for_each([&](PlanId id, const Plan& plan) {
    if (wanted(plan)) ids.push_back(id);
  });
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

std::string Recovery::site_name(const Turn& turn, SiteId site) const {
  const Site* const found = turn.book.sites.find(site);
  return found == nullptr ? "" : found->name;
}

bool Recovery::lose(Turn& turn, SessionId session, const std::string& why,
                    MonotonicPoint::duration since_heard) {
  SiteId id;
  turn.book.sites.for_each([&](SiteId candidate, const Site& site) {
    if (site.session == session && site.live) id = candidate;
  });
  if (id == SiteId{}) return false;
  Site& site = turn.book.sites.edit(id);
  site.live = false;
  site.lost_at = turn.now;
  parts_.stores.sites.put(turn.work, site);

  std::vector<PlanId> asked;  // to rebuild these, as one of several
  turn.book.asked.for_each([&](PlanId plan, const std::vector<SessionId>& sessions) {
    if (std::ranges::find(sessions, session) != sessions.end()) asked.push_back(plan);
  });
  for (const PlanId plan : asked)
    drop_candidate(turn, plan, session);
  const TimePoint lost_at = turn.now - std::chrono::duration_cast<Micros>(since_heard);
  int taken = 0;
  for (const PlanId plan : plans_where(turn.book, [&](const Plan& candidate) {
         return candidate.session == session && !ended(candidate.status);
       })) {
    const Plan& held = *turn.book.plans.find(plan);
    if (held.phase == RecoveryPhase::kOffered && drop_candidate(turn, plan, session)) continue;
    ++taken;
    if (held.status == PlanStatus::kAbnormal)
      back_to_waiting(turn, plan, fmt::format("site {} was lost: {}", site.name, why), false);
    else
      make_abnormal(turn, plan, site.name, why, lost_at);
  }
  log::warn("site lost", {{"site", site.name}, {"why", why}, {"plans", taken}});
  if (taken > 0) turn.effects.recover_now();
  return true;
}

void Recovery::make_abnormal(Turn& turn, PlanId id, const std::string& from, const std::string& why,
                             TimePoint lost_at) {
  Plan& plan = turn.book.plans.edit(id);
  const Epoch before = plan.epoch;
  plan.saved_status = plan.status;
  plan.status = PlanStatus::kAbnormal;
  plan.status_at = turn.now;
  plan.phase = RecoveryPhase::kWaiting;
  plan.epoch = next_of(plan.epoch);
  plan.site = SiteId{};
  plan.session = SessionId{};
  write_plan(parts_.stores, turn, plan, before);
  begin_attempt(turn, id, from, why, lost_at);
}

void Recovery::disown(Turn& turn, PlanId id, const std::string& why) {
  const Plan& plan = *turn.book.plans.find(id);
  turn.effects.recover_now();
  if (plan.status != PlanStatus::kAbnormal)
    make_abnormal(turn, id, site_name(turn, plan.site), why, turn.now);
  else if (plan.phase == RecoveryPhase::kWaiting)
    hand_over(turn, id);  // it was leaving that site
  else
    back_to_waiting(turn, id, why, false);
}

void Recovery::begin_attempt(Turn& turn, PlanId id, const std::string& from, const std::string& why,
                             TimePoint lost_at) {
  RecoveryAttempt attempt;
  attempt.id = turn.book.new_attempt_id();
  attempt.plan = id;
  attempt.from_site = from;
  attempt.why = why;
  begins_[id] = {turn.now, parts_.monotonic()};
  attempt.lost_at = lost_at;
  attempt.noticed_at = turn.now;
  attempt.outcome = kRunningAttempt;
  parts_.stores.records.put(turn.work, attempt);
  turn.book.attempts.put(id, std::move(attempt));
}

void Recovery::back_to_waiting(Turn& turn, PlanId id, const std::string& why, bool hold_down) {
  Plan& plan = turn.book.plans.edit(id);
  const Epoch before = plan.epoch;
  const SiteId site = plan.site;
  if (hold_down) Placement::hold_down(turn.book, id, site, parts_.monotonic());
  if (const auto* const asked = turn.book.asked.find(id); hold_down && asked != nullptr)
    for (const SessionId session : *asked)
      if (const Site* const other = turn.book.site_of(session))
        Placement::hold_down(turn.book, id, other->id, parts_.monotonic());
  release_candidates(turn, *turn.book.plans.find(id), plan.session);
  if (plan.phase != RecoveryPhase::kWaiting) end_rebuild(turn);
  plan.phase = RecoveryPhase::kWaiting;
  plan.epoch = next_of(plan.epoch);
  plan.site = SiteId{};
  plan.session = SessionId{};
  write_plan(parts_.stores, turn, plan, before);

  RecoveryAttempt next = attempt(turn, id);
  note(turn, id, [&](RecoveryAttempt& failed) { failed.outcome = why; });
  next.id = turn.book.new_attempt_id();
  ++next.attempt;
  next.from_site = site_name(turn, site);
  next.to_site.clear();
  const HoldDown* const held = hold_down ? turn.book.holds.find({id, site}) : nullptr;
  next.held = held == nullptr ? std::chrono::milliseconds{0} : held->length;
  next.why = why;
  next.noticed_at = now_of(turn, id);
  next.offered_at = next.rebuilt_at = next.claimed_at = std::nullopt;
  next.replayed_at = next.finished_at = std::nullopt;
  next.replayed = 0;
  next.site_digest.clear();
  next.platform_digest.clear();
  next.outcome = kRunningAttempt;
  parts_.stores.records.put(turn.work, next);
  turn.book.attempts.put(id, std::move(next));
  log::warn("rebuild failed", {{"plan", id}, {"site", site_name(turn, site)}, {"why", why}});
}

RecoveryAttempt& Recovery::attempt(Turn& turn, PlanId id) {
  if (turn.book.attempts.find(id) != nullptr) return turn.book.attempts.edit(id);
  // A plan that became abnormal by other hands than ours: a row begins here.
  const Plan& plan = *turn.book.plans.find(id);
  RecoveryAttempt attempt;
  attempt.id = turn.book.new_attempt_id();
  attempt.plan = id;
  attempt.why = "it was found abnormal, and nobody was recovering it";
  attempt.lost_at = attempt.noticed_at = now_of(turn, id);
  attempt.outcome = kRunningAttempt;
  if (plan.session != SessionId{}) {
    attempt.to_site = site_name(turn, plan.site);
    attempt.offered_at = attempt.noticed_at;
  }
  return turn.book.attempts.put(id, std::move(attempt));
}

TimePoint Recovery::now_of(const Turn& turn, PlanId plan) {
  const MonotonicPoint now = parts_.monotonic();
  auto begin = begins_.find(plan);
  if (begin == begins_.end()) {
    // It began before a restart. What was noted then is not in the future.
    TimePoint wall = turn.now;
    if (const RecoveryAttempt* const noted = turn.book.attempts.find(plan); noted != nullptr)
      for (const auto& at : {std::optional{noted->noticed_at}, noted->offered_at, noted->rebuilt_at,
                             noted->claimed_at, noted->replayed_at})
        if (at) wall = std::max(wall, *at);
    begin = begins_.emplace(plan, Begin{wall, now}).first;
  }
  return begin->second.wall + std::chrono::floor<Micros>(now - begin->second.monotonic);
}

void Recovery::note(Turn& turn, PlanId plan, const std::function<void(RecoveryAttempt&)>& change) {
  RecoveryAttempt& noted = attempt(turn, plan);
  change(noted);
  parts_.stores.records.put(turn.work, noted);
}

RecoveryReport Recovery::step(Turn& turn) {
  RecoveryReport report;
  take_back_hanging(turn, report);
  Loads loads = turn.book.loads();
  place_waiting(turn, loads, report);
  const BusinessDate today = turn.book.open_date();
  for (const PlanId id : plans_where(turn.book, [today](const Plan& plan) {
         return plan.status == PlanStatus::kToBeSubmitted && plan.date <= today &&
                plan.quarantine_reason.empty();
       })) {
    if (!parts_.changes.submit(turn, id, loads)) continue;
    ++loads.plans[turn.book.plans.find(id)->site];
    ++report.submitted;
  }
  std::vector<SiteId> draining;
  turn.book.sites.for_each([&](SiteId id, const Site& site) {
    if (site.draining && site.live) draining.push_back(id);
  });
  for (const SiteId id : draining)
    drain_next(turn, id);
  return report;
}

void Recovery::take_back_hanging(Turn& turn, RecoveryReport& report) {
  const MonotonicPoint now = parts_.awake();
  for (const PlanId id : plans_where(turn.book, [](const Plan& plan) {
         return plan.status == PlanStatus::kAbnormal && plan.session != SessionId{};
       })) {
    const Plan& plan = *turn.book.plans.find(id);
    if (plan.phase == RecoveryPhase::kWaiting) {  // it is leaving its site
      const Move* const move = turn.book.moves.find(id);
      if (move == nullptr || now - move->since > parts_.options.site_timeout) hand_over(turn, id);
      continue;
    }
    const auto sign = progress_.try_emplace(id, now).first->second;
    if (now - sign <= parts_.options.rebuild_timeout) {
      ++report.under_way;
      continue;
    }
    notify(turn, plan, "asset.algo.release_scheme", "{}");
    back_to_waiting(turn, id,
                    fmt::format("site {} gave no sign for {} ms", site_name(turn, plan.site),
                                parts_.options.rebuild_timeout.count()),
                    true);
    ++report.timed_out;
  }
}

void Recovery::place_waiting(Turn& turn, Loads& loads, RecoveryReport& report) {
  std::vector<std::pair<double, PlanId>> waiting;  // those with the most at stake first
  for (const PlanId id : plans_where(turn.book, [](const Plan& plan) {
         return plan.status == PlanStatus::kAbnormal && plan.quarantine_reason.empty() &&
                plan.session == SessionId{};
       }))
    waiting.emplace_back(-open_value(turn.book, id), id);
  std::ranges::sort(waiting);
  bounded_ = false;
  for (const auto& [stake, id] : waiting) {
    if (loads.rebuilding >= parts_.options.rebuilds) {
      bounded_ = true;
      ++report.waiting;
      continue;
    }
    const auto sites = candidates(turn, loads, id);
    if (sites.empty()) {
      bounded_ |= loads.rebuilding > 0;
      ++report.waiting;
      continue;
    }
    for (const SiteId site : sites) {
      ++loads.plans[site];
      ++loads.rebuilds[site];
    }
    ++loads.rebuilding;
    offer(turn, id, sites);
    ++report.offered;
  }
  rebuilding_ = loads.rebuilding;
  look_at_ = rebuilding_ / 2;
}

// The site it is to be moved to, if that can run it; else the best there are.
std::vector<SiteId> Recovery::candidates(Turn& turn, const Loads& loads, PlanId id) const {
  const Plan& plan = *turn.book.plans.find(id);
  const MonotonicPoint now = parts_.monotonic();
  if (const Move* const move = turn.book.moves.find(id); move != nullptr) {
    const Site* const to = turn.book.sites.find(move->to);
    if (to != nullptr && !parts_.placement.objection(turn.book, loads, *to, plan, now))
      return {move->to};
  }
  auto sites =
      parts_.placement.choose(turn.book, loads, id, plan.strategy, plan.environment, now).sites;
  const auto most = static_cast<std::size_t>(std::max(parts_.options.offer, 1));
  if (sites.size() > most) sites.resize(most);
  return sites;
}

void Recovery::end_rebuild(Turn& turn) {
  if (bounded_ && --rebuilding_ <= look_at_) {
    bounded_ = false;
    turn.effects.recover_now();
  }
}

void Recovery::offer(Turn& turn, PlanId id, const std::vector<SiteId>& sites) {
  Plan& plan = turn.book.plans.edit(id);
  plan.phase = RecoveryPhase::kOffered;
  plan.site = sites.front();
  plan.session = turn.book.sites.find(plan.site)->session;
  write_plan(parts_.stores, turn, plan, plan.epoch);
  std::string names;
  std::vector<SessionId> sessions;
  for (const SiteId site : sites) {
    const Site& asked = *turn.book.sites.find(site);
    names += (names.empty() ? "" : ", ") + asked.name;
    sessions.push_back(asked.session);
  }
  note(turn, id, [&](RecoveryAttempt& offered) {
    offered.to_site = names;
    offered.offered_at = now_of(turn, id);
  });
  if (sessions.size() > 1)
    turn.book.asked.put(id, std::vector<SessionId>{sessions.begin() + 1, sessions.end()});
  for (const SessionId session : sessions)
    ask_to_rebuild(turn, id, session);
}

void Recovery::ask_to_rebuild(Turn& turn, PlanId id, SessionId session) {
  const Plan& plan = *turn.book.plans.find(id);
  progress_[id] = parts_.awake();
  turn.effects.push(
      {session, "asset.algo.recover_scheme", id, plan.epoch, LineNumber{},
       fmt::format(R"({{"plan":{},"snapshot":{},"open_orders":{},"skipped":{}}})", plan_json(plan),
                   plan.applied.value(), turn.book.open_orders(id).size(), plan.skipped)});
}

bool Recovery::drop_candidate(Turn& turn, PlanId id, SessionId session) {
  const auto* const asked = turn.book.asked.find(id);
  if (asked == nullptr || asked->empty()) return false;
  std::vector<SessionId> left = *asked;
  if (std::erase(left, session) == 0) {  // the first of them: the next takes its place
    const Site* const next = turn.book.site_of(left.front());
    if (next == nullptr) return false;
    Plan& plan = turn.book.plans.edit(id);
    plan.site = next->id;
    plan.session = left.front();
    write_plan(parts_.stores, turn, plan, plan.epoch);
    left.erase(left.begin());
  }
  turn.book.asked.put(id, std::move(left));
  return true;
}

void Recovery::release_candidates(Turn& turn, const Plan& plan, SessionId but) {
  const auto* const asked = turn.book.asked.find(plan.id);
  if (asked == nullptr) return;
  std::vector<SessionId> sessions = *asked;
  sessions.push_back(plan.session);
  for (const SessionId session : sessions)
    if (session != but)
      turn.effects.push(
          {session, "asset.algo.release_scheme", plan.id, plan.epoch, LineNumber{}, "{}"});
  turn.book.asked.erase(plan.id);
}

void Recovery::withdraw(Turn& turn, PlanId id, const std::string& why) {
  notify(turn, *turn.book.plans.find(id), "asset.algo.release_scheme", "{}");
  back_to_waiting(turn, id, why, false);
  turn.effects.recover_now();
}

void Recovery::quarantine(Turn& turn, PlanId id, const std::string& reason) {
  if (const Plan& seen = *turn.book.plans.find(id); seen.quarantine_reason.empty())
    turn.book.plans.edit(id).quarantine_reason = reason;
  const Plan plan = *turn.book.plans.find(id);
  const std::string why = "quarantined: " + reason;
  notify(turn, plan, "asset.algo.release_scheme", "{}");
  clear_move(turn, id);
  if (plan.status == PlanStatus::kAbnormal && plan.session != SessionId{})
    back_to_waiting(turn, id, why, false);
  else if (held_by_site(plan.status))
    make_abnormal(turn, id, site_name(turn, plan.site), why, turn.now);
  else
    write_plan(parts_.stores, turn, plan, plan.epoch);
  parts_.stores.records.add(
      turn.work, {turn.now, "platform", "plan quarantine", fmt::format("plan {}", id.value()),
                  std::string{name_of(plan.effective_status())}, "", reason});
  log::error(
      "a plan is quarantined: its messages wait until an operator decides, with systask "
      "quarantine",
      {{"plan", id}, {"reason", reason}});
}

Result<bool> Recovery::release(Turn& turn, PlanId id) {
  const auto waiting = parts_.stores.messages.quarantined_of(turn.work, id);
  const auto because = [&](const std::string& reason) {
    Plan& plan = turn.book.plans.edit(id);
    plan.quarantine_reason = reason;
    write_plan(parts_.stores, turn, plan, plan.epoch);
  };
  if (!waiting.empty()) {
    because(fmt::format("message {}: {}", waiting.front().message_id, waiting.front().reason));
    return false;
  }
  turn.effects.recover_now();
  if (turn.book.plans.find(id)->status == PlanStatus::kAbnormal) {
    because("");
    return true;
  }
  // No site has it to rebuild: the platform applies what waited. The plan is let go behind it,
  // so that what replay releases from parking waits its turn, too.
  while (turn.book.plans.find(id)->applied < turn.book.plans.find(id)->last) {
    auto rows = parts_.stores.cache.oldest_first(turn.work, id, kReplayedAtATime);
    if (rows.empty()) break;
    if (const auto replayed = parts_.intake.replay(turn, id, std::move(rows));
        !replayed.poison.empty()) {
      because("");
      quarantine(turn, id, replayed.poison);
      return false;
    }
  }
  because("");
  return true;
}

void Recovery::resume_attempts(Turn& turn) {
  for (RecoveryAttempt& row : parts_.stores.records.running()) {
    const RecoveryAttempt* const mine = turn.book.attempts.find(row.plan);
    if (mine != nullptr && mine->id == row.id) continue;
    row.outcome = "given up when the platform was restarted";
    parts_.stores.records.put(turn.work, row);
  }
  for (const PlanId id : plans_where(
           turn.book, [](const Plan& plan) { return plan.status == PlanStatus::kAbnormal; })) {
    note(turn, id, [](RecoveryAttempt&) {});
    const RecoveryAttempt& running = *turn.book.attempts.find(id);
    if (running.moving)
      turn.book.moves.put(id, {running.move_from, running.move_to, parts_.awake()});
    if (const Site* const site = turn.book.find_site(running.from_site);
        site != nullptr && running.held.count() > 0)
      turn.book.holds.put({id, site->id}, {parts_.monotonic() + running.held, running.held});
  }
}

}  // namespace systask::trading
