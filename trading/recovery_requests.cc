// The requests of a site that takes a plan over: pages, claim, cached messages, finish.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "trading/book.h"
#include "trading/intake.h"
#include "trading/line.h"
#include "trading/placement.h"
#include "trading/plan_json.h"
#include "trading/ports/message_store.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/recovery.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

Refusal stale(const SiteRequest& who, const Plan& plan) {
  if (plan.epoch != who.epoch)
    return {"STALE_EPOCH", fmt::format("plan {} is in epoch {}, not {}: drop it", plan.id.value(),
                                       plan.epoch.value(), who.epoch.value())};
  return {"STALE_EPOCH", fmt::format("plan {} in epoch {} is not this session's: drop it",
                                     plan.id.value(), plan.epoch.value())};
}

// It is this session's plan in this epoch, but not at this step of a takeover.
Refusal out_of_step(const Plan& plan) {
  const auto id = plan.id.value();
  if (plan.phase == RecoveryPhase::kOffered)
    return {"BAD_REQUEST",
            fmt::format("plan {} is offered and not claimed yet: claim it first", id)};
  if (plan.phase == RecoveryPhase::kWaiting)
    return {"RECOVERING",
            fmt::format("plan {} is leaving this site: acknowledge what it was pushed", id)};
  return {"BAD_REQUEST", fmt::format("plan {} is not being taken over: it is {}", id,
                                     name_of(plan.effective_status()))};
}

Refusal not_drained(const std::string& what, std::int64_t remaining, LineNumber last) {
  return {"NOT_DRAINED", what, fmt::format(R"("remaining":{},"last":{})", remaining, last.value())};
}

}  // namespace

bool Recovery::is_offered(const Turn& turn, const Plan& plan, SessionId session) {
  if (plan.phase != RecoveryPhase::kOffered) return false;
  const auto* const others = turn.book.asked.find(plan.id);
  return plan.session == session ||
         (others != nullptr && std::ranges::find(*others, session) != others->end());
}

Result<const Plan*> Recovery::fenced(const Turn& turn, const SiteRequest& who) {
  const Plan* const plan = turn.book.plans.find(who.plan);
  if (plan == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", who.plan.value())};
  const bool is_its = plan->session == who.session || is_offered(turn, *plan, who.session);
  if (!is_its || plan->epoch != who.epoch || who.session == SessionId{}) return stale(who, *plan);
  if (plan->status == PlanStatus::kAbnormal) progress_[who.plan] = parts_.awake();
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
    attempt(turn, plan.id).rebuilt_at = now_of(turn, plan.id);
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
  const bool open = seen->phase == RecoveryPhase::kOffered && seen->epoch == who.epoch;
  if (open && claimant != SiteId{} && !is_offered(turn, *seen, who.session))
    return Refusal{"NOT_OFFERED",
                   fmt::format("plan {} was not offered to this site in epoch {}: only who was "
                               "asked to rebuild it may claim it",
                               who.plan.value(), who.epoch.value())};
  const Claim claim{who.plan, who.epoch, snapshot, claimant, who.session};
  const bool possible = open && seen->status == PlanStatus::kAbnormal && claimant != SiteId{};
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
    const bool has_it = seen->session == who.session && claimant != SiteId{};
    if (has_it && seen->epoch == who.epoch) return out_of_step(*seen);
    return stale(who, *seen);
  }
  release_candidates(turn, *seen, who.session);
  Plan& won = turn.book.plans.edit(who.plan);
  won.site = claimant;
  won.session = who.session;
  won.epoch = next_of(who.epoch);
  won.phase = RecoveryPhase::kReplaying;
  progress_[who.plan] = parts_.awake();
  acknowledged_[who.plan] = {won.epoch, won.applied};
  note(turn, who.plan, [&](RecoveryAttempt& claimed) {
    claimed.to_site = site_name(turn, claimant);
    claimed.claimed_at = now_of(turn, who.plan);
  });
  return ClaimAnswer{won.epoch, won.applied};
}

Result<CachedAnswer> Recovery::cached(Turn& turn, const SiteRequest& who, std::size_t limit) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& plan = **found;
  if (plan.phase == RecoveryPhase::kNone) return CachedAnswer{plan.applied, 0};  // finished
  if (plan.phase != RecoveryPhase::kReplaying) return out_of_step(plan);
  const auto said = acknowledged_.find(who.plan);
  if (said != acknowledged_.end() && said->second.epoch == plan.epoch &&
      plan.applied.value() - said->second.through.value() >= parts_.options.in_flight)
    return Refusal{
        "BUSY", fmt::format("plan {} was pushed through {} and is acknowledged through "
                            "{}: acknowledge, then ask again",
                            who.plan.value(), plan.applied.value(), said->second.through.value())};
  // One more than is replayed says whether any is left, without counting them each time.
  auto rows = parts_.stores.cache.oldest_first(turn.work, who.plan, limit + 1);
  const bool more = rows.size() > limit;
  if (more) rows.pop_back();
  const auto replayed = parts_.intake.replay(turn, who.plan, std::move(rows));
  const std::int64_t remaining = remaining_of(turn, who.plan, more && replayed.poison.empty());
  note(turn, who.plan, [&](RecoveryAttempt& replaying) {
    replaying.replayed += replayed.messages;
    if (remaining == 0) replaying.replayed_at = now_of(turn, who.plan);
  });
  const LineNumber through = turn.book.plans.find(who.plan)->applied;
  // The site is told to drop it behind what it was pushed; its next request is stale.
  if (!replayed.poison.empty()) quarantine(turn, who.plan, replayed.poison);
  return CachedAnswer{through, remaining};
}

// What is cached still. Where there are more rows it is the numbers behind the last applied
// one: each of them is cached, and only rows that were put in by hand have others. Where there
// are none, and numbers all the same, replay has released parked messages.
std::int64_t Recovery::remaining_of(Turn& turn, PlanId id, bool more) const {
  const Plan& plan = *turn.book.plans.find(id);
  const std::int64_t behind = plan.last.value() - plan.applied.value();
  if (more) return std::max<std::int64_t>(behind, 1);
  return behind == 0 ? 0 : parts_.stores.cache.depth(turn.work, id);
}

Result<FinishAnswer> Recovery::finish(Turn& turn, const SiteRequest& who, LineNumber through,
                                      const std::string& theirs) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& seen = **found;
  if (seen.phase == RecoveryPhase::kNone && through <= seen.applied)
    return FinishAnswer{seen.status, seen.applied};  // its answer was lost: it is finished
  if (seen.phase != RecoveryPhase::kReplaying) return out_of_step(seen);
  const std::int64_t remaining = parts_.stores.cache.depth(turn.work, who.plan);
  if (remaining > 0 || through != seen.applied)
    return not_drained(
        fmt::format("plan {} was pushed through {} and has {} cached messages: finish through {} "
                    "is not the end of it",
                    who.plan.value(), seen.applied.value(), remaining, through.value()),
        remaining, seen.applied);
  if (!theirs.empty())
    if (const std::string ours = digest(turn.book, seen); theirs != ours)
      return disagree(turn, who.plan, theirs, ours);
  const TimePoint at = now_of(turn, who.plan);
  Plan& plan = turn.book.plans.edit(who.plan);
  plan.status = plan.saved_status;
  plan.status_at = std::max(turn.now, at);  // it runs when it is recovered, and not before
  plan.phase = RecoveryPhase::kNone;
  write_plan(parts_.stores, turn, plan, plan.epoch);
  note(turn, who.plan, [&](RecoveryAttempt& done) {
    done.finished_at = at;
    if (!done.replayed_at) done.replayed_at = done.finished_at;
    done.outcome = "recovered";
  });
  turn.book.attempts.erase(who.plan);
  Placement::forgive(turn.book, who.plan);
  progress_.erase(who.plan);
  begins_.erase(who.plan);
  end_rebuild(turn);
  const FinishAnswer finished{plan.status, plan.applied};
  if (const Move* const move = turn.book.moves.find(who.plan); move != nullptr) {
    const SiteId from = move->from;
    turn.book.moves.erase(who.plan);
    drain_next(turn, from);
  }
  return finished;
}

// Both digests are kept, and another site tries: whichever of us is wrong, running the plan
// would not mend it.
Result<FinishAnswer> Recovery::disagree(Turn& turn, PlanId id, const std::string& theirs,
                                        const std::string& ours) {
  const Plan before = *turn.book.plans.find(id);
  const std::string site = site_name(turn, before.site);
  log::error("site and platform take a plan for something else",
             {{"plan", id},
              {"site", site},
              {"site_digest", theirs},
              {"platform_digest", ours},
              {"platform_sees", digest_text(turn.book, before)}});
  int tries = 0;
  note(turn, id, [&](RecoveryAttempt& differed) {
    differed.site_digest = theirs;
    differed.platform_digest = ours;
    tries = ++differed.disagreements;
  });
  const std::string why =
      fmt::format("site {} took it for {}, the platform for {}", site, theirs, ours);
  if (tries >= parts_.options.digest_tries) {
    quarantine(turn, id, fmt::format("rebuilt {} times, and digests differ: {}", tries, why));
  } else {
    back_to_waiting(turn, id, why, true);
    turn.effects.recover_now();
  }
  return Refusal{"DIGEST_DIFFERS", fmt::format("plan {}: {}: drop it", id.value(), why),
                 fmt::format(R"("digest":"{}")", ours)};
}

Result<bool> Recovery::failed(Turn& turn, const SiteRequest& who, const std::string& reason) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  if ((*found)->phase == RecoveryPhase::kNone || (*found)->phase == RecoveryPhase::kWaiting)
    return out_of_step(**found);
  if (const Site* const site = turn.book.site_of(who.session);
      site != nullptr && (*found)->phase == RecoveryPhase::kOffered) {
    const SiteId id = site->id;
    if (drop_candidate(turn, who.plan, who.session)) {
      Placement::hold_down(turn.book, who.plan, id, parts_.monotonic());
      return true;
    }
  }
  back_to_waiting(turn, who.plan, "the site could not rebuild it: " + reason, true);
  turn.effects.recover_now();
  return true;
}

}  // namespace systask::trading
