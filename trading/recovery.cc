#include "trading/recovery.h"

#include <fmt/format.h>

#include <algorithm>
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

Refusal stale(const SiteRequest& who, const Plan& plan) {
  return {"STALE_EPOCH",
          fmt::format("plan {} is in epoch {}, not {}, or is another site's: drop it",
                      plan.id.value(), plan.epoch.value(), who.epoch.value())};
}

Refusal not_drained(const std::string& what, std::int64_t remaining, LineNumber last) {
  return {"NOT_DRAINED", what, fmt::format(R"("remaining":{},"last":{})", remaining, last.value())};
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

  const TimePoint lost_at = turn.now - std::chrono::duration_cast<Micros>(since_heard);
  int taken = 0;
  for (const PlanId plan : plans_where(turn.book, [&](const Plan& candidate) {
         return candidate.session == session && !ended(candidate.status);
       })) {
    ++taken;
    if (turn.book.plans.find(plan)->status == PlanStatus::kAbnormal)
      back_to_waiting(turn, plan, fmt::format("site {} was lost: {}", site.name, why), false);
    else
      make_abnormal(turn, plan, site.name, why, lost_at);
  }
  log::warn("site lost", {{"site", site.name}, {"why", why}, {"plans", taken}});
  if (taken > 0) turn.effects.recover_now();
  return true;
}

int Recovery::release_all(Turn& turn, SessionId session, const std::string& why) {
  int released = 0;
  for (const PlanId id : plans_where(turn.book, [&](const Plan& candidate) {
         return candidate.session == session && !ended(candidate.status);
       })) {
    const Plan plan = *turn.book.plans.find(id);
    notify(turn, plan, "asset.algo.release_scheme", "{}");
    if (plan.status == PlanStatus::kAbnormal)
      back_to_waiting(turn, id, why, false);
    else
      make_abnormal(turn, id, site_name(turn, plan.site), why, turn.now);
    ++released;
  }
  if (released > 0) turn.effects.recover_now();
  return released;
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

  RecoveryAttempt attempt;
  attempt.id = turn.book.new_attempt_id();
  attempt.plan = id;
  attempt.from_site = from;
  attempt.why = why;
  attempt.lost_at = lost_at;
  attempt.noticed_at = turn.now;
  attempt.outcome = "running";
  parts_.stores.records.put(turn.work, attempt);
  turn.book.attempts.put(id, std::move(attempt));
}

void Recovery::back_to_waiting(Turn& turn, PlanId id, const std::string& why, bool hold_down) {
  Plan& plan = turn.book.plans.edit(id);
  const Epoch before = plan.epoch;
  const SiteId site = plan.site;
  if (hold_down) parts_.placement.hold_down(id, site, parts_.monotonic());
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
  next.why = why;
  next.noticed_at = turn.now;
  next.offered_at = next.rebuilt_at = next.claimed_at = std::nullopt;
  next.replayed_at = next.finished_at = std::nullopt;
  next.replayed = 0;
  next.outcome = "running";
  parts_.stores.records.put(turn.work, next);
  turn.book.attempts.put(id, std::move(next));
  log::warn("rebuild failed", {{"plan", id}, {"site", site_name(turn, site)}, {"why", why}});
}

RecoveryAttempt& Recovery::attempt(Turn& turn, PlanId id) {
  if (turn.book.attempts.find(id) != nullptr) return turn.book.attempts.edit(id);
  // The plan was abnormal when the platform stopped: a new row goes on from here.
  const Plan& plan = *turn.book.plans.find(id);
  RecoveryAttempt attempt;
  attempt.id = turn.book.new_attempt_id();
  attempt.plan = id;
  attempt.why = "the platform was restarted during the recovery";
  attempt.lost_at = attempt.noticed_at = turn.now;
  attempt.outcome = "running";
  if (plan.session != SessionId{}) {
    attempt.to_site = site_name(turn, plan.site);
    attempt.offered_at = turn.now;
  }
  return turn.book.attempts.put(id, std::move(attempt));
}

void Recovery::note(Turn& turn, PlanId plan, const std::function<void(RecoveryAttempt&)>& change) {
  RecoveryAttempt& noted = attempt(turn, plan);
  change(noted);
  parts_.stores.records.put(turn.work, noted);
}

RecoveryReport Recovery::step(Turn& turn) {
  RecoveryReport report;
  const MonotonicPoint now = parts_.monotonic();
  Placement::Loads loads = Placement::loads(turn.book);
  for (const PlanId id : plans_where(turn.book, [](const Plan& plan) {
         return plan.status == PlanStatus::kAbnormal && plan.quarantine_reason.empty();
       })) {
    const Plan& plan = *turn.book.plans.find(id);
    if (plan.phase != RecoveryPhase::kWaiting) {
      const auto sign = progress_.try_emplace(id, now).first->second;
      if (now - sign <= parts_.options.rebuild_timeout) {
        ++report.under_way;
        continue;
      }
      back_to_waiting(turn, id,
                      fmt::format("site {} gave no sign for {} ms", site_name(turn, plan.site),
                                  parts_.options.rebuild_timeout.count()),
                      true);
      ++report.timed_out;
    }
    const Plan& waiting = *turn.book.plans.find(id);
    const Placed placed =
        parts_.placement.choose(turn.book, loads, id, waiting.strategy, waiting.environment, now);
    if (!placed.site) {
      ++report.waiting;
      continue;
    }
    ++loads[*placed.site];
    offer(turn, id, *placed.site);
    ++report.offered;
  }
  const BusinessDate today = turn.book.open_date();
  for (const PlanId id : plans_where(turn.book, [today](const Plan& plan) {
         return plan.status == PlanStatus::kToBeSubmitted && plan.date <= today;
       })) {
    if (!parts_.changes.submit(turn, id, loads)) continue;
    ++loads[turn.book.plans.find(id)->site];
    ++report.submitted;
  }
  return report;
}

void Recovery::offer(Turn& turn, PlanId id, SiteId site_id) {
  const Site& site = *turn.book.sites.find(site_id);
  Plan& plan = turn.book.plans.edit(id);
  plan.phase = RecoveryPhase::kOffered;
  plan.site = site_id;
  plan.session = site.session;
  write_plan(parts_.stores, turn, plan, plan.epoch);
  note(turn, id, [&](RecoveryAttempt& offered) {
    offered.to_site = site.name;
    offered.offered_at = turn.now;
  });
  ask_to_rebuild(turn, id);
}

void Recovery::ask_to_rebuild(Turn& turn, PlanId id) {
  const Plan& plan = *turn.book.plans.find(id);
  progress_[id] = parts_.monotonic();
  notify(
      turn, plan, "asset.algo.recover_scheme",
      fmt::format(R"({{"plan":{},"snapshot":{},"open_orders":{},"skipped":{}}})", plan_json(plan),
                  plan.applied.value(), turn.book.open_orders(id).size(), plan.skipped));
}

Result<const Plan*> Recovery::fenced(const Turn& turn, const SiteRequest& who) {
  const Plan* const plan = turn.book.plans.find(who.plan);
  if (plan == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", who.plan.value())};
  if (plan->session != who.session || plan->epoch != who.epoch || who.session == SessionId{})
    return stale(who, *plan);
  if (plan->status == PlanStatus::kAbnormal) progress_[who.plan] = parts_.monotonic();
  return plan;
}

Result<OpenOrdersPage> Recovery::open_orders(Turn& turn, const SiteRequest& who, OrderId after,
                                             std::size_t limit) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& plan = **found;
  OpenOrdersPage page = open_orders_page(turn.book, plan, after, limit);
  // Kept in memory; it is written with the claim that follows.
  if (page.last && plan.phase == RecoveryPhase::kOffered)
    attempt(turn, plan.id).rebuilt_at = turn.now;
  return page;
}

Result<ClaimAnswer> Recovery::claim(Turn& turn, const SiteRequest& who, LineNumber snapshot) {
  const Plan* const seen = turn.book.plans.find(who.plan);
  if (seen == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", who.plan.value())};
  const bool mine = seen->session == who.session && seen->epoch == next_of(who.epoch);
  if (mine && seen->phase != RecoveryPhase::kOffered && seen->phase != RecoveryPhase::kWaiting)
    return ClaimAnswer{seen->epoch, snapshot};  // its answer was lost: it did win
  SiteId claimant;
  turn.book.sites.for_each([&](SiteId id, const Site& site) {
    if (site.session == who.session && site.live) claimant = id;
  });
  const Claim claim{who.plan, who.epoch, snapshot, claimant, who.session};
  const bool possible = seen->status == PlanStatus::kAbnormal && seen->epoch == who.epoch &&
                        seen->phase != RecoveryPhase::kReplaying && claimant != SiteId{};
  if (!possible || !parts_.stores.plans.claim(turn.work, claim)) {
    if (possible && seen->applied != snapshot)
      return Refusal{"SNAPSHOT_MOVED",
                     fmt::format("plan {} was rebuilt as of number {} and has moved to {}: read "
                                 "the pages again",
                                 who.plan.value(), snapshot.value(), seen->applied.value()),
                     fmt::format(R"("snapshot":{})", seen->applied.value())};
    const bool claimed = seen->session != SessionId{} && seen->phase != RecoveryPhase::kOffered;
    if (claimed && seen->epoch == next_of(who.epoch))
      return Refusal{"CLAIMED",
                     fmt::format("site {} has plan {}: drop it", site_name(turn, seen->site),
                                 who.plan.value()),
                     fmt::format(R"("site":"{}")", site_name(turn, seen->site))};
    return stale(who, *seen);
  }
  Plan& won = turn.book.plans.edit(who.plan);
  won.site = claimant;
  won.session = who.session;
  won.epoch = next_of(who.epoch);
  won.phase = RecoveryPhase::kReplaying;
  progress_[who.plan] = parts_.monotonic();
  note(turn, who.plan, [&](RecoveryAttempt& claimed) {
    claimed.to_site = site_name(turn, claimant);
    claimed.claimed_at = turn.now;
  });
  return ClaimAnswer{won.epoch, won.applied};
}

Result<CachedAnswer> Recovery::cached(Turn& turn, const SiteRequest& who, std::size_t limit) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& plan = **found;
  if (plan.phase == RecoveryPhase::kNone) return CachedAnswer{plan.applied, 0};  // finished
  if (plan.phase != RecoveryPhase::kReplaying) return stale(who, plan);
  const auto rows = parts_.stores.cache.oldest_first(turn.work, who.plan, limit);
  const Plan& kept = parts_.intake.replay(turn, who.plan, rows);
  const std::int64_t remaining = parts_.stores.cache.depth(turn.work, who.plan);
  note(turn, who.plan, [&](RecoveryAttempt& replaying) {
    replaying.replayed += static_cast<std::int64_t>(rows.size());
    if (remaining == 0) replaying.replayed_at = turn.now;
  });
  return CachedAnswer{kept.applied, remaining};
}

Result<FinishAnswer> Recovery::finish(Turn& turn, const SiteRequest& who, LineNumber through) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& seen = **found;
  if (seen.phase == RecoveryPhase::kNone && through <= seen.applied)
    return FinishAnswer{seen.status, seen.applied};  // its answer was lost: it is finished
  if (seen.phase != RecoveryPhase::kReplaying) return stale(who, seen);
  const std::int64_t remaining = parts_.stores.cache.depth(turn.work, who.plan);
  if (remaining > 0 || through != seen.applied)
    return not_drained(
        fmt::format("plan {} was pushed through {} and has {} cached messages: finish through {} "
                    "is not the end of it",
                    who.plan.value(), seen.applied.value(), remaining, through.value()),
        remaining, seen.applied);
  Plan& plan = turn.book.plans.edit(who.plan);
  plan.status = plan.saved_status;
  plan.status_at = turn.now;
  plan.phase = RecoveryPhase::kNone;
  write_plan(parts_.stores, turn, plan, plan.epoch);
  note(turn, who.plan, [&](RecoveryAttempt& done) {
    if (!done.replayed_at) done.replayed_at = turn.now;
    done.finished_at = turn.now;
    done.outcome = "recovered";
  });
  turn.book.attempts.erase(who.plan);
  parts_.placement.forgive(who.plan);
  progress_.erase(who.plan);
  return FinishAnswer{plan.status, plan.applied};
}

Result<bool> Recovery::failed(Turn& turn, const SiteRequest& who, const std::string& reason) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  if ((*found)->phase == RecoveryPhase::kNone) return stale(who, **found);
  back_to_waiting(turn, who.plan, "the site could not rebuild it: " + reason, true);
  turn.effects.recover_now();
  return true;
}

void Recovery::withdraw(Turn& turn, PlanId plan, const std::string& why) {
  back_to_waiting(turn, plan, why, false);
  turn.effects.recover_now();
}

void Recovery::resume_attempts(Turn& turn) {
  for (const PlanId id : plans_where(
           turn.book, [](const Plan& plan) { return plan.status == PlanStatus::kAbnormal; }))
    note(turn, id, [](RecoveryAttempt&) {});
}

}  // namespace systask::trading
