// The part of the Platform that clients and scheduled tasks use.
#include <fmt/format.h>

#include "trading/plan_json.h"
#include "trading/platform.h"
#include "trading/platform_parts.h"
#include "trading/ports/message_store.h"

namespace systask::trading {

PlanView view_of(const Stores& stores, Turn& turn, const Plan& plan) {
  const Site* const site = turn.book.sites.find(plan.site);
  return {plan_json(plan),
          plan.status == PlanStatus::kAbnormal,
          plan.epoch,
          site == nullptr ? "" : site->name,
          plan.last,
          plan.applied,
          plan.skipped,
          stores.cache.depth(turn.work, plan.id),
          digest(turn.book, plan),
          plan.fail_reason};
}

// --- clients ---

void Platform::create(NewPlan plan, Answer<CreatedPlan> answer, std::shared_ptr<Stream> stream) {
  Parts& p = *parts_;
  p.request<CreatedPlan>(
      std::move(answer),
      [&p, plan = std::move(plan)](Turn& turn) { return p.changes.create(turn, plan); },
      std::move(stream));
}

void Platform::change(PlanId plan, PlanRequest request, Parameters parameters,
                      const std::string& actor, Answer<LineNumber> answer,
                      const std::string& reason) {
  Parts& p = *parts_;
  p.request<LineNumber>(std::move(answer), [&p, plan, request, parameters = std::move(parameters),
                                            actor, reason](Turn& turn) {
    return p.changes.change(turn, plan, request, parameters, actor, reason);
  });
}

void Platform::view(PlanId plan, Answer<PlanView> answer) {
  Parts& p = *parts_;
  p.request<PlanView>(std::move(answer), [&p, plan](Turn& turn) -> Result<PlanView> {
    const Plan* const found = turn.book.plans.find(plan);
    if (found == nullptr)
      return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", plan.value())};
    return view_of(p.stores, turn, *found);
  });
}

// --- operators ---

void Platform::decide(Decision decision, Answer<Decided> answer) {
  Parts& p = *parts_;
  p.request<Decided>(std::move(answer), [&p, decision = std::move(decision)](Turn& turn) {
    return p.quarantine.decide(turn, decision);
  });
}

void Platform::quarantined(MessageNo message, Answer<MessageRow> answer) {
  Parts& p = *parts_;
  p.request<MessageRow>(std::move(answer),
                        [&p, message](Turn& turn) { return p.quarantine.message(turn, message); });
}

void Platform::move(PlanId plan, const std::string& to, const std::string& actor,
                    const std::string& reason, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, plan, to, actor, reason](Turn& turn) {
    return p.recovery.move(turn, plan, to, actor, reason);
  });
}

void Platform::explain(PlanId plan, Answer<Explained> answer) {
  Parts& p = *parts_;
  p.request<Explained>(std::move(answer),
                       [&p, plan](Turn& turn) { return p.recovery.explain(turn, plan); });
}

void Platform::release(PlanId plan, const std::string& actor, const std::string& reason,
                       Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, plan, actor, reason](Turn& turn) {
    return p.quarantine.release(turn, plan, actor, reason);
  });
}

// --- scheduled tasks ---

RecoveryReport Platform::recover_plans() {
  Parts& p = *parts_;
  return p.call<RecoveryReport>([&p](Turn& turn) { return p.recovery.step(turn); });
}

WorkReport Platform::expire_sites() {
  parts_->lose(parts_->watch.glance(parts_->clock.monotonic()));
  // What the look posted runs before this: the answer is about what was found.
  return parts_->call<WorkReport>([](Turn& turn) {
    std::int64_t live = 0;
    std::int64_t dead = 0;
    turn.book.sites.for_each([&](SiteId, const Site& site) { ++(site.live ? live : dead); });
    return WorkReport{dead, fmt::format("{} sites live, {} not logged in", live, dead)};
  });
}

WorkReport Platform::retry_outbox() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    p.orders_out.look(turn);
    const std::size_t sent = p.publishing.retry(turn, kRowsAtATime);
    return WorkReport{static_cast<std::int64_t>(sent),
                      fmt::format("{} publications made again", sent)};
  });
}

WorkReport Platform::apply_parked() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    const auto released = p.intake.release_known(turn);
    const auto given_up = p.intake.give_up_parked(turn, kRowsAtATime);
    return WorkReport{
        static_cast<std::int64_t>(given_up),
        fmt::format("messages of {} orders that are known now let go, {} parked messages whose "
                    "order never came quarantined",
                    released, given_up)};
  });
}

WorkReport Platform::archive_day() {
  Parts& p = *parts_;
  const auto applied =
      p.repeat([&p](Turn& turn) { return p.day.apply_stale_cache(turn, kRowsAtATime); });
  std::int64_t rows = 0;
  while (true) {  // one kind of row at a time: done when a step moves nothing
    const auto step =
        p.call<WorkReport>([&p](Turn& turn) { return p.day.archive(turn, kRowsAtATime); });
    if (step.rows == 0) break;
    rows += step.rows;
  }
  // The book must not keep what the database no longer has.
  p.call<bool>([&p](Turn& turn) {
    turn.effects.call([&p] {
      p.book.load(p.stores);
      p.day.archived();
    });
    return true;
  });
  return {rows, fmt::format("{} rows of earlier business dates archived, {} cached messages "
                            "applied first",
                            rows, applied)};
}

WorkReport Platform::clear_message_cache(int keep_days) {
  Parts& p = *parts_;
  const auto cleared =
      p.repeat([&p](Turn& turn) { return p.day.apply_stale_cache(turn, kRowsAtATime); });
  const auto pruned = p.call<WorkReport>([&p, keep_days](Turn& turn) {
    return WorkReport{static_cast<std::int64_t>(p.day.prune_cache_archive(turn, keep_days)), ""};
  });
  return {cleared, fmt::format("{} cached messages of earlier business dates archived and "
                               "cleared, {} archived ones older than {} days dropped",
                               cleared, pruned.rows, keep_days)};
}

WorkReport Platform::roll_business_date() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    WorkReport report = p.day.roll(turn);
    turn.effects.call([&p, date = turn.book.open_date()] { p.open_date = date.value(); });
    return report;
  });
}

WorkReport Platform::reopen_day_expired_plans() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) { return p.day.reopen(turn); });
}

WorkReport Platform::expire_plans(bool by_hand) {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p, by_hand](Turn& turn) { return p.day.expire(turn, by_hand); });
}

WorkReport Platform::reconcile_totals() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) { return p.day.reconcile(turn); });
}

// --- readable at any time ---

IntakeCounts Platform::counts() const {
  const IntakeCounters& now = parts_->intake.counters();
  return {now.applied, now.cached,      now.replayed,  now.passed,
          now.parked,  now.quarantined, now.duplicate, now.ids_reused};
}

std::vector<DisputedName> Platform::disputed_names() const {
  return parts_->disputes.view(parts_->clock.monotonic());
}

std::uint64_t Platform::replaced_logins() const { return parts_->disputes.replacements(); }

OrdersOutView Platform::orders_out() const { return parts_->orders_out.view(); }

bool Platform::takeovers_held() const { return parts_->watch.holds(); }

std::uint64_t Platform::times_takeovers_held() const { return parts_->watch.times_held(); }

std::size_t Platform::queue_depth() const { return parts_->worker.depth(); }

WorkerHealth Platform::intake_health() const { return parts_->worker.health(); }

void Platform::nudge() {
  static_cast<void>(parts_->worker.post({.run = [](Turn&) {}}));
}

BusinessDate Platform::business_date() const { return BusinessDate{parts_->open_date}; }

}  // namespace systask::trading
