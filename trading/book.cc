#include "trading/book.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "base/clock.h"
#include "trading/finder.h"
#include "trading/ports/day_store.h"
#include "trading/ports/message_store.h"
#include "trading/ports/outbox.h"
#include "trading/ports/plan_store.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

// In order; of those that `key` takes for the same, the first.
template <class T, class Key = std::identity>
const std::vector<T>& each_once(std::vector<T>& list, Key key = {}) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list, {}, key);
  list.erase(repeated.begin(), repeated.end());
  return list;
}

// What the batch changes about who has which plan: mostly nothing.
void add_changes(Loads& loads, const Overlay<PlanId, Plan>& plans) {
  const auto same = [](const Plan& a, const Plan& b) {
    return a.site == b.site && a.session == b.session && a.status == b.status && a.phase == b.phase;
  };
  plans.for_each_change([&](const Plan* before, const Plan* now) {
    if (before != nullptr && now != nullptr && same(*before, *now)) return;
    if (before != nullptr) loads.count(*before, -1);
    if (now != nullptr) loads.count(*now, 1);
  });
}

}  // namespace

std::size_t KeyHash::operator()(const AlgoKey& key) const noexcept {
  return mix(std::hash<PlanId>{}(key.plan), std::hash<std::string>{}(key.algo_ordid));
}

std::size_t KeyHash::operator()(const HoldKey& key) const noexcept {
  return mix(std::hash<PlanId>{}(key.plan), std::hash<SiteId>{}(key.site));
}

const Site* Book::site_of(SessionId session) const {
  const Site* found = nullptr;
  sites.for_each([&](SiteId id, const Site& site) {
    if (site.live && site.session == session) found = sites.find(id);
  });
  return found;
}

BusinessDate Book::open_date() const {
  const BusinessDate* const date = day.find(DayMark::kOpen);
  return date == nullptr ? BusinessDate{} : *date;
}

BusinessDate Book::oldest_accepted() const {
  const BusinessDate* const archived = day.find(DayMark::kArchivedBefore);
  return archived == nullptr ? open_date() : std::max(open_date(), *archived);
}

std::vector<OrderId> Book::open_orders(PlanId plan) const {
  std::unordered_set<OrderId> ids;
  if (const auto it = open_by_plan_.find(plan); it != open_by_plan_.end()) ids = it->second;
  orders.for_each_changed([&](OrderId id, const Order& order) {
    if (order.plan == plan) ids.insert(id);
  });
  std::vector<OrderId> open;
  for (const OrderId id : ids)
    if (const Order* const order = orders.find(id); order != nullptr && order->open())
      open.push_back(id);
  std::ranges::sort(open);
  return open;
}

std::vector<OrderId> Book::open_combined(PlanId plan) const {
  std::vector<OrderId> open;
  combined.for_each([&](OrderId id, const CombinedOrder& order) {
    if (order.plan == plan && order.open()) open.push_back(id);
  });
  std::ranges::sort(open);
  return open;
}

const Site* Book::find_site(const std::string& name) const {
  const Site* found = nullptr;
  sites.for_each([&](SiteId id, const Site& site) {
    if (site.name == name) found = sites.find(id);
  });
  return found;
}

void Book::keep() {
  plans.keep();
  orders.keep();
  combined.keep();
  numbers.keep();
  by_algo.keep();
  parked.keep();
  sites.keep();
  attempts.keep();
  day.keep();
  holds.keep();
  moves.keep();
  asked.keep();
}

void Book::drop() {
  unsaved = {};  // with savepoints, what came before was saved with its own
  plans.drop();
  orders.drop();
  combined.drop();
  numbers.drop();
  by_algo.drop();
  parked.drop();
  sites.drop();
  attempts.drop();
  day.drop();
  holds.drop();
  moves.drop();
  asked.drop();
}

void Book::commit() {
  orders.for_each_changed([this](OrderId, const Order& order) { index(order); });
  add_changes(loads_, plans);
  plans.commit();
  orders.commit();
  combined.commit();
  numbers.commit();
  by_algo.commit();
  parked.commit();
  sites.commit();
  attempts.commit();
  day.commit();
  holds.commit();
  moves.commit();
  asked.commit();
}

void Book::save(const Stores& stores, UnitOfWork& work) {
  for (const PlanId id : each_once(unsaved.plans)) {
    const Plan& plan = *plans.find(id);
    if (!stores.plans.advance(work, plan))
      throw std::runtime_error{fmt::format("plan {} is not in epoch {} in the database", id.value(),
                                           plan.epoch.value())};
  }
  for (const auto& [id, market, security, side] : each_once(unsaved.details))
    for (const PlanDetail& detail : plans.find(id)->details)
      if (detail.market == market && detail.security == security && detail.side == side)
        stores.plans.put_detail(work, id, detail);
  // Of one order what is no fill comes first, and is written whole.
  for (const auto& [id, by_fill] : each_once(unsaved.orders, &Unsaved::OrderChange::order)) {
    if (by_fill)
      stores.orders.update_filled(work, *orders.find(id));
    else
      stores.orders.update(work, *orders.find(id));
  }
  unsaved.plans.clear();  // which keeps the room for the next batch
  unsaved.details.clear();
  unsaved.orders.clear();
}

void Book::abandon() {
  unsaved = {};
  plans.abandon();
  orders.abandon();
  combined.abandon();
  numbers.abandon();
  by_algo.abandon();
  parked.abandon();
  sites.abandon();
  attempts.abandon();
  day.abandon();
  holds.abandon();
  moves.abandon();
  asked.abandon();
}

Loads Book::loads() const {
  Loads loads = loads_;
  add_changes(loads, plans);
  asked.for_each([&](PlanId id, const std::vector<SessionId>& sessions) {
    const Plan* const plan = plans.find(id);
    if (plan == nullptr || plan->session == SessionId{} || plan->status != PlanStatus::kAbnormal ||
        plan->phase == RecoveryPhase::kWaiting)
      return;
    for (const SessionId session : sessions)
      if (const Site* const site = site_of(session)) {
        ++loads.plans[site->id];
        ++loads.rebuilds[site->id];
      }
  });
  return loads;
}

void Book::index(const Order& order) {
  if (order.open())
    open_by_plan_[order.plan].insert(order.id);
  else if (const auto it = open_by_plan_.find(order.plan); it != open_by_plan_.end())
    it->second.erase(order.id);
}

void Book::load_plans(const Stores& stores) {
  decltype(plans)::Base loaded;
  for (Plan& plan : stores.plans.load()) {
    loaded.emplace(plan.id, std::move(plan));
  }
  loads_ = {};
  for (const auto& [id, plan] : loaded)
    loads_.count(plan, 1);
  plans.load(std::move(loaded));

  decltype(sites)::Base found;
  for (Site& site : stores.sites.load()) {
    last_site_ = std::max(last_site_, site.id.value());
    last_session_ = std::max(last_session_, site.session.value());
    found.emplace(site.id, std::move(site));
  }
  sites.load(std::move(found));
  last_plan_ = std::max(last_plan_, stores.plans.last_id().value());
}

void Book::load_orders(const Stores& stores) {
  open_by_plan_.clear();
  decltype(orders)::Base loaded;
  decltype(by_algo)::Base algo;
  for (Order& order : stores.orders.load_orders()) {
    index(order);
    if (!order.algo_ordid.empty()) algo.emplace(AlgoKey{order.plan, order.algo_ordid}, order.id);
    loaded.emplace(order.id, std::move(order));
  }
  orders.load(std::move(loaded));
  by_algo.load(std::move(algo));

  decltype(combined)::Base pairs;
  for (CombinedOrder& order : stores.orders.load_combined()) {
    pairs.emplace(order.id, std::move(order));
  }
  combined.load(std::move(pairs));

  last_order_ = std::max(last_order_, stores.orders.last_id().value());

  decltype(numbers)::Base known;
  for (OrderNumber& number : stores.orders.load_numbers())
    known.insert_or_assign(
        NumberKey{number.date, number.market, space_of(number.kind), number.number}, number);
  numbers.load(std::move(known));
}

void Book::load_parked(const Stores& stores) {
  Parked::Messages waiting;
  const auto work = stores.transactions.begin();
  for (const MessageRow& row : stores.messages.parked(*work)) {
    const Parked::Waiting* const known = parked.find(row.no);  // this process parked it, or loaded
    MonotonicPoint since;
    if (known != nullptr)
      since = known->since;
    else if (parked_since_)
      since = parked_since_(row.received_at);
    waiting.insert_or_assign(row.no, Parked::Waiting{number_key(row), since,
                                                     static_cast<std::int64_t>(row.body.size())});
  }
  parked.load(std::move(waiting));
}

void Book::load(const Stores& stores) {
  load_plans(stores);
  decltype(attempts)::Base running;
  for (RecoveryAttempt& attempt : stores.records.running())  // of two of one plan the newest
    if (const Plan* const plan = plans.find(attempt.plan);
        plan != nullptr && plan->status == PlanStatus::kAbnormal)
      running.insert_or_assign(attempt.plan, std::move(attempt));
  attempts.load(std::move(running));
  load_orders(stores);
  load_parked(stores);
  holds.abandon();
  moves.abandon();
  asked.abandon();
  decltype(day)::Base today = day.committed();
  if (const auto date = stores.day.open_date()) today.insert_or_assign(DayMark::kOpen, *date);
  day.load(std::move(today));
  last_message_ = std::max(last_message_, stores.messages.last_no().value());
  last_out_ = std::max(last_out_, stores.outbox.last_no().value());
  last_attempt_ = std::max(last_attempt_, stores.records.last_attempt().value());
}

}  // namespace systask::trading
