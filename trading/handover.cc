// The part of Recovery that moves plans between sites that are both well: the plan's events
// are held back, its site acknowledges what it has, drops the plan, and another rebuilds it.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "trading/book.h"
#include "trading/line.h"
#include "trading/placement.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/recovery.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

bool runs_on(const Plan& plan, const Site& site) {
  return plan.session == site.session && held_by_site(plan.status) &&
         plan.quarantine_reason.empty();
}

}  // namespace

void Recovery::drain_next(Turn& turn, SiteId id) {
  const Site* const site = turn.book.sites.find(id);
  if (site == nullptr || !site->live || !site->draining) return;
  int moving = 0;
  turn.book.moves.for_each([&](PlanId, const Move& move) { moving += move.from == id ? 1 : 0; });
  if (moving >= parts_.options.moves) return;
  std::vector<PlanId> plans;
  turn.book.plans.for_each([&](PlanId plan, const Plan& candidate) {
    if (runs_on(candidate, *site)) plans.push_back(plan);
  });
  std::ranges::sort(plans);
  const Loads loads = turn.book.loads();
  for (const PlanId plan : plans) {
    if (moving >= parts_.options.moves) return;
    const Plan& next = *turn.book.plans.find(plan);
    const Placed placed = parts_.placement.choose(turn.book, loads, plan, next.strategy,
                                                  next.environment, parts_.monotonic());
    if (!placed.site) continue;  // better on a draining site than on none
    leave(turn, plan, SiteId{}, "its site is draining");
    ++moving;
  }
}

Result<bool> Recovery::move(Turn& turn, PlanId id, const std::string& to, const std::string& actor,
                            const std::string& reason) {
  const Plan* const plan = turn.book.plans.find(id);
  if (plan == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", id.value())};
  const Site* const site = turn.book.find_site(to);
  if (site == nullptr)
    return Refusal{"NO_SUCH_SITE", fmt::format("there is no site {}: see `systask sites`", to)};
  const bool waits = plan->status == PlanStatus::kAbnormal && plan->session == SessionId{};
  if (!plan->quarantine_reason.empty() || !(waits || held_by_site(plan->status)))
    return Refusal{
        "PLAN_NOT_RUNNING",
        fmt::format("plan {} is {}{}: it cannot be moved now", id.value(), name_of(plan->status),
                    plan->quarantine_reason.empty() ? "" : " and quarantined")};
  if (plan->site == site->id && !waits)
    return Refusal{"BAD_REQUEST", fmt::format("plan {} is on site {} already", id.value(), to)};
  if (const auto why = parts_.placement.objection(turn.book, turn.book.loads(), *site, *plan,
                                                  parts_.monotonic()))
    return Refusal{"NO_SITE", fmt::format("site {} cannot take plan {}: {}", to, id.value(), *why)};
  parts_.stores.records.add(turn.work,
                            {turn.now, actor, "plan move", fmt::format("plan {}", id.value()),
                             site_name(turn, plan->site), to, reason});
  if (!waits) {
    leave(turn, id, site->id, fmt::format("moved to {} by {}", to, actor));
    return true;
  }
  set_move(turn, id, SiteId{}, site->id);
  turn.effects.recover_now();
  return true;
}

void Recovery::set_move(Turn& turn, PlanId id, SiteId from, SiteId to) {
  turn.book.moves.put(id, {from, to, parts_.awake()});
  note(turn, id, [&](RecoveryAttempt& moved) {
    moved.moving = true;
    moved.move_from = from;
    moved.move_to = to;
  });
}

void Recovery::clear_move(Turn& turn, PlanId id) {
  if (turn.book.moves.find(id) == nullptr) return;
  turn.book.moves.erase(id);
  note(turn, id, [](RecoveryAttempt& stays) { stays.moving = false; });
}

// From here on its messages are cached. The site keeps its epoch until it has acknowledged
// what it was pushed, and may do nothing else meanwhile.
void Recovery::leave(Turn& turn, PlanId id, SiteId to, const std::string& why) {
  Plan& plan = turn.book.plans.edit(id);
  plan.saved_status = plan.status;
  plan.status = PlanStatus::kAbnormal;
  plan.status_at = turn.now;
  plan.phase = RecoveryPhase::kWaiting;
  write_plan(parts_.stores, turn, plan, plan.epoch);
  begin_attempt(turn, id, site_name(turn, plan.site), why, turn.now);
  set_move(turn, id, plan.site, to);
  if (has_acknowledged(plan)) hand_over(turn, id);
}

void Recovery::hand_over(Turn& turn, PlanId id) {
  Plan& plan = turn.book.plans.edit(id);
  notify(turn, plan, "asset.algo.release_scheme", "{}");
  const Epoch before = plan.epoch;
  plan.epoch = next_of(plan.epoch);
  plan.site = SiteId{};
  plan.session = SessionId{};
  write_plan(parts_.stores, turn, plan, before);
  turn.effects.recover_now();
}

bool Recovery::has_acknowledged(const Plan& plan) const {
  const auto said = acknowledged_.find(plan.id);
  return said != acknowledged_.end() && said->second.epoch == plan.epoch &&
         said->second.through == plan.applied;
}

Result<bool> Recovery::acknowledge(Turn& turn, const SiteRequest& who, LineNumber through) {
  const auto found = fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& plan = **found;
  if (through > plan.applied)
    return Refusal{"BAD_REQUEST",
                   fmt::format("ack through {}: plan {} was pushed through {}", through.value(),
                               who.plan.value(), plan.applied.value())};
  Acknowledged& said = acknowledged_[who.plan];
  if (said.epoch != who.epoch || said.through < through) said = {who.epoch, through};
  const bool leaves = plan.status == PlanStatus::kAbnormal && plan.phase == RecoveryPhase::kWaiting;
  if (leaves && has_acknowledged(plan)) hand_over(turn, who.plan);
  return true;
}

Result<Explained> Recovery::explain(const Turn& turn, PlanId id) const {
  const Plan* const plan = turn.book.plans.find(id);
  if (plan == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", id.value())};
  Explained explained{id, plan->session == SessionId{} ? "" : site_name(turn, plan->site), "", {}};
  if (!plan->quarantine_reason.empty())
    explained.state = "quarantined: " + plan->quarantine_reason;
  else if (plan->status != PlanStatus::kAbnormal)
    explained.state = name_of(plan->status);
  else if (plan->phase == RecoveryPhase::kWaiting)
    explained.state = plan->session == SessionId{} ? "waits for a site" : "leaves its site";
  else
    explained.state = plan->phase == RecoveryPhase::kOffered ? "is being rebuilt" : "is replayed";
  const Placed placed =
      parts_.placement.choose(turn.book, id, plan->strategy, plan->environment, parts_.monotonic());
  for (const std::string& reason : placed.reasons) {
    const auto colon = reason.find(": ");
    explained.sites.emplace_back(reason.substr(0, colon), reason.substr(colon + 2));
    if (explained.sites.back().first == explained.site) explained.sites.back().second = "has it";
  }
  return explained;
}

}  // namespace systask::trading
