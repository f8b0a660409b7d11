#include "trading/day.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "calendar/market_hours.h"
#include "trading/book.h"
#include "trading/changes.h"
#include "trading/intake.h"
#include "trading/line.h"
#include "trading/ports/day_store.h"
#include "trading/ports/order_store.h"
#include "trading/ports/plan_store.h"
#include "trading/recovery.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

constexpr std::chrono::minutes kExpireAfter{1};

// Orders against their fills and against what the order system says, then plans against the sums
// of their orders. Each difference is logged.
class Totals {
 public:
  explicit Totals(std::map<OrderId, Quantity> fills) : fills_(std::move(fills)) {}

  void add(const Order& order) {
    const auto it = fills_.find(order.id);
    const Quantity kept = it == fills_.end() ? 0 : it->second;
    if (kept != order.filled)
      differs(order.plan, fmt::format("order {} has {} filled, its fills add up to {}",
                                      order.id.value(), order.filled, kept));
    if (order.said != SaidTotal{} && order.said.value() != order.filled)
      differs(order.plan, fmt::format("order {} has {} filled, the order system's reports say {} "
                                      "(total_deal_amount)",
                                      order.id.value(), order.filled, order.said.value()));
    Sum& sum = sums_[{order.plan, order.market, order.security, order.side}];
    sum.ordered += order.quantity;
    sum.filled += order.filled;
    sum.amount += order.amount.value();
  }

  void compare(const Plan& plan) {
    for (const PlanDetail& detail : plan.details) {
      const Sum sum = sums_[{plan.id, detail.market, detail.security, detail.side}];
      if (sum.ordered != detail.ordered || sum.filled != detail.filled ||
          sum.amount != detail.amount.value())
        differs(plan.id, fmt::format("{} {}: ordered {} filled {}, its orders add up to {} and {}",
                                     detail.market.value(), detail.security, detail.ordered,
                                     detail.filled, sum.ordered, sum.filled));
    }
  }

  [[nodiscard]] std::int64_t differences() const { return differences_; }

 private:
  struct Sum {
    Quantity ordered = 0;
    Quantity filled = 0;
    std::int64_t amount = 0;
  };

  void differs(PlanId plan, const std::string& what) {
    ++differences_;
    log::error("totals differ", {{"plan", plan}, {"what", what}});
  }

  const std::map<OrderId, Quantity> fills_;
  std::map<std::tuple<PlanId, Market, std::string, Side>, Sum> sums_;
  std::int64_t differences_ = 0;
};

std::vector<PlanId> all_plans(const Book& book) {
  std::vector<PlanId> ids;
  book.plans.for_each([&](PlanId id, const Plan&) { ids.push_back(id); });
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

BusinessDate Day::coming(const Turn& turn) const {
  return std::max(turn.book.open_date(), hours_.coming(turn.now, stores_.day.session_texts()));
}

void Day::open_first(Turn& turn) {
  if (turn.book.open_date() != BusinessDate{}) return;
  const BusinessDate today = coming(turn);
  stores_.day.set_open_date(turn.work, today);
  turn.book.day.put(DayMark::kOpen, today);
}

WorkReport Day::apply_stale_cache(Turn& turn, std::size_t limit) {
  WorkReport report;
  for (const MessageRow& row : stores_.day.stale_cache(turn.work, coming(turn), limit)) {
    const Plan* const plan = turn.book.plans.find(row.plan);
    std::string outcome = "applied by the platform: no site took the plan that day";
    if (plan == nullptr)
      outcome = "not applied: there is no such plan";
    else if (plan->status != PlanStatus::kAbnormal)
      outcome = "not applied: the plan is not abnormal, so the row was put there by hand";
    const bool apply = plan != nullptr && plan->status == PlanStatus::kAbnormal;
    // One before it was poison just now: this one waits with its plan.
    if (plan != nullptr && !plan->quarantine_reason.empty()) continue;
    stores_.day.archive_cached(turn.work, row.plan, row.number, outcome);
    if (apply) replay_stale(turn, row.plan, row);
    ++report.rows;
  }
  return report;
}

void Day::replay_stale(Turn& turn, PlanId id, const MessageRow& row) {
  // A site that is rebuilding it as of an earlier number begins again; the line is not its own,
  // so it may not be pushed what is applied.
  if (turn.book.plans.find(id)->phase == RecoveryPhase::kOffered)
    recovery_.withdraw(turn, id, "the platform applied messages of an earlier business date");
  const auto replayed = intake_.replay(turn, id, {row});
  if (!replayed.poison.empty()) recovery_.quarantine(turn, id, replayed.poison);
}

WorkReport Day::archive(Turn& turn, std::size_t limit) {
  archiving_ = true;
  turn.book.save(stores_, turn.work);
  turn.book.day.put(DayMark::kArchivedBefore, coming(turn));
  return {static_cast<std::int64_t>(stores_.day.archive_some(turn.work, coming(turn), limit)), ""};
}

std::size_t Day::prune_cache_archive(Turn& turn, int keep_days) {
  const TimePoint oldest = turn.now - std::chrono::days{keep_days};
  return stores_.day.prune_cache_archive(turn.work, hours_.date_of(oldest));
}

WorkReport Day::roll(Turn& turn) {
  hours_.say_where_unknown(turn.now);
  const BusinessDate before = turn.book.open_date();
  const BusinessDate today = coming(turn);
  if (before == today) {
    const std::string why = hours_.why_not_today(turn.now, today);
    return {0, why.empty() ? fmt::format("business date {} is open already", today.value())
                           : fmt::format("{}: {} stays open", why, today.value())};
  }
  stores_.day.set_open_date(turn.work, today);
  turn.book.day.put(DayMark::kOpen, today);
  return {1, fmt::format("business date {} is open, after {}", today.value(), before.value())};
}

WorkReport Day::reopen(Turn& turn) {
  WorkReport report;
  const BusinessDate today = turn.book.open_date();
  for (const PlanId id : all_plans(turn.book)) {
    const Plan& seen = *turn.book.plans.find(id);
    if (seen.status != PlanStatus::kExpiredForDay || seen.date >= today) continue;
    // Where its own market is closed on this date it waits for that market's next.
    const auto next = seen.details.empty() ? Result<BusinessDate>{today}
                                           : hours_.first_from(seen.details.front().market, today);
    Plan& plan = turn.book.plans.edit(id);
    const Epoch before = plan.epoch;
    plan.date = next.has_value() && hours_.follows_calendars() ? *next : today;
    plan.status = plan.date > plan.last_date ? PlanStatus::kExpired : PlanStatus::kToBeSubmitted;
    plan.status_at = turn.now;
    plan.epoch = next_of(plan.epoch);
    plan.site = SiteId{};
    plan.session = SessionId{};
    write_plan(stores_, turn, plan, before);
    ++report.rows;
  }
  if (report.rows > 0) turn.effects.recover_now();
  report.detail = fmt::format("{} plans reopened for {}", report.rows, today.value());
  return report;
}

TimePoint Day::expiry(const Plan& plan, const std::map<Market, std::string>& sessions) const {
  TimePoint last{};
  for (const PlanDetail& detail : plan.details)
    last = std::max(last, hours_.last_end(plan.date, detail.market, sessions));
  return last + kExpireAfter;
}

WorkReport Day::expire(Turn& turn, bool by_hand) {
  WorkReport report;
  const auto surely = wall_.at_least(turn.now, monotonic_());
  if (!by_hand && !surely)
    return {0, "no plan is asked to expire in the first minute: the clock may yet be put right"};
  const TimePoint now = by_hand ? turn.now : *surely;
  const auto sessions = stores_.day.session_texts();
  for (const PlanId id : all_plans(turn.book)) {
    const Plan& plan = *turn.book.plans.find(id);
    const PlanStatus status = plan.effective_status();
    if (ended(status) || status == PlanStatus::kExpiring || plan.date > turn.book.open_date() ||
        now < expiry(plan, sessions))
      continue;
    if (plan.status == PlanStatus::kAbnormal) {
      // The saved status changes: whoever takes the plan over is asked to end it. A site that
      // is at it has the plan as it was: it ends it when it runs.
      if (!allowed(status, PlanStatus::kExpiring) || plan.session != SessionId{}) continue;
      Plan& changed = turn.book.plans.edit(id);
      changed.saved_status = PlanStatus::kExpiring;
      write_plan(stores_, turn, changed, changed.epoch);
    } else if (changes_.change(turn, id, PlanRequest::kExpire, {}, "expire-plans").has_error()) {
      continue;  // cancelling: it ends by itself
    }
    ++report.rows;
  }
  report.detail = fmt::format("{} plans asked to expire", report.rows);
  return report;
}

WorkReport Day::reconcile(Turn& turn) {
  if (archiving_)
    return {0, "not compared: archive-day has not done all its work, so run it to its end first"};
  turn.book.save(stores_, turn.work);
  Totals totals{stores_.orders.filled_by_order(turn.work)};
  std::int64_t orders = 0;
  const auto add = [&](const Order& order) {
    ++orders;
    totals.add(order);
  };
  turn.book.orders.for_each([&](OrderId, const Order& order) { add(order); });
  // What is archived of plans that go on is part of their totals.
  for (const Order& order : stores_.orders.archived_of_plans(turn.work))
    add(order);
  std::int64_t plans = 0;
  turn.book.plans.for_each([&](PlanId, const Plan& plan) {
    ++plans;
    totals.compare(plan);
  });
  return {totals.differences(),
          fmt::format("{} plans and {} orders compared with their fills: {}", plans, orders,
                      totals.differences() == 0 ? std::string{"all agree"}
                                                : fmt::format("{} differ", totals.differences()))};
}

}  // namespace systask::trading
