// The message table, the cache and the day of the in-memory stores.
#include <algorithm>

#include "tests/support/memory_stores.h"

namespace systask::support {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

using Lock = std::scoped_lock<std::recursive_mutex>;

bool is_event(const MessageRow& row, PlanId plan, LineNumber after, LineNumber through) {
  return row.plan == plan && row.number > after && row.number <= through &&
         row.disposition != Disposition::kCached && row.disposition != Disposition::kParked;
}

bool within(const LineRange& range, const MessageRow& row) {
  return row.plan == range.plan && row.number >= range.from && row.number <= range.through;
}

// What may leave the open tables at a day's turn; the same rules as on SQL.
struct DayTurn {
  MemoryTables& t;
  BusinessDate before;

  [[nodiscard]] bool plan_lives(PlanId id) const {
    const auto it = t.plans.find(id);
    if (it == t.plans.end()) return false;
    const Plan& plan = it->second;
    if (plan.status == PlanStatus::kExpiredForDay) return plan.last_date >= before;
    return !ended(plan.status);
  }
  [[nodiscard]] bool state_is_open(OrderId id) const {
    const auto it = t.orders.find(id);
    return it != t.orders.end() && it->second.open();
  }
  [[nodiscard]] bool pair_is_open(OrderId id) const {
    const auto it = t.combined.find(id);
    if (it == t.combined.end()) return false;
    const CombinedOrder& pair = it->second;
    if (pair.buy == OrderId{} && pair.sell == OrderId{}) return pair.open();
    return state_is_open(pair.buy) || state_is_open(pair.sell);
  }
  [[nodiscard]] bool order_is_open(OrderId id) const {
    const auto it = t.orders.find(id);
    if (it == t.orders.end()) return false;
    return it->second.open() || pair_is_open(it->second.combined);
  }
  [[nodiscard]] bool unnamed(const Order& order) const {
    for (const auto& [key, fill] : t.fills) {
      if (fill.order == order.id) return false;
    }
    for (const auto& [key, number] : t.numbers) {
      if (number.kind != NumberKind::kCombined && number.order == order.id) return false;
    }
    return true;
  }

  [[nodiscard]] bool may_go(const MessageRow& row) const {
    if (row.date >= before) return false;
    switch (row.disposition) {
      case Disposition::kApplied:
      case Disposition::kPassed:
      case Disposition::kDuplicate: return true;
      case Disposition::kCached: return !t.cache.contains({row.plan, row.number});
      default: return false;
    }
  }
  [[nodiscard]] bool may_go(const Fill& fill) const {
    return fill.date < before && !(plan_lives(fill.plan) && order_is_open(fill.order));
  }
  [[nodiscard]] bool may_go(const OrderNumber& number) const {
    if (number.date >= before) return false;
    if (!plan_lives(number.plan)) return true;
    if (number.order == OrderId{}) return false;
    return number.kind == NumberKind::kCombined ? !pair_is_open(number.order)
                                                : !order_is_open(number.order);
  }
  [[nodiscard]] bool leg_may_go(OrderId id) const {
    const auto it = t.orders.find(id);
    return it == t.orders.end() || unnamed(it->second);
  }
  [[nodiscard]] bool may_go(const CombinedOrder& order) const {
    if (order.date >= before || (plan_lives(order.plan) && pair_is_open(order.id))) return false;
    for (const auto& [key, number] : t.numbers) {
      if (number.kind == NumberKind::kCombined && number.order == order.id) return false;
    }
    return leg_may_go(order.buy) && leg_may_go(order.sell);
  }
  [[nodiscard]] bool may_go(const Order& order) const {
    return order.date < before && !(plan_lives(order.plan) && order_is_open(order.id)) &&
           unnamed(order) && !t.combined.contains(order.combined);
  }
  [[nodiscard]] bool may_go(const Plan& plan) const {
    const auto of_plan = [&](const auto& entry) { return entry.second.plan == plan.id; };
    return plan.date < before && !plan_lives(plan.id) && plan.quarantine_reason.empty() &&
           std::ranges::none_of(t.cache, of_plan) && std::ranges::none_of(t.orders, of_plan) &&
           std::ranges::none_of(t.combined, of_plan);
  }

  template <class Map, class Along>
  std::size_t move(Map& from, Map& to, std::size_t limit, Along&& along) {
    std::vector<typename Map::key_type> chosen;
    for (const auto& [key, value] : from) {
      if (chosen.size() < limit && may_go(value)) chosen.push_back(key);
    }
    for (const auto& key : chosen) {
      const auto value = from.at(key);
      t.put(to, key, value);
      t.erase(from, key);
      along(value);
    }
    return chosen.size();
  }

  void move_order(OrderId id) {
    const auto it = t.orders.find(id);
    if (it == t.orders.end()) return;
    const Order order = it->second;
    t.put(t.archived_orders, id, order);
    t.erase(t.orders, id);
    t.erase(t.algo_ids, {order.plan, order.algo_ordid});
  }
};

}  // namespace

bool MemoryMessages::add(UnitOfWork&, const MessageRow& row) {
  if (t_.message_ids.contains(row.message_id)) return false;
  t_.put(t_.message_ids, row.message_id, row.no);
  t_.put(t_.messages, row.no, row);
  return true;
}

void MemoryMessages::settle(UnitOfWork&, const MessageRow& row) {
  const auto it = t_.messages.find(row.no);
  if (it == t_.messages.end()) return;
  MessageRow settled = it->second;
  settled.disposition = row.disposition;
  settled.plan = row.plan;
  settled.number = row.number;
  settled.topic = row.topic;
  settled.reason = row.reason;
  t_.put(t_.messages, row.no, std::move(settled));
}

void MemoryMessages::applied(UnitOfWork&, const LineRange& range) {
  std::vector<MessageRow> settled;
  for (const auto& [no, row] : t_.messages)
    if (row.disposition == Disposition::kCached && within(range, row)) settled.push_back(row);
  for (MessageRow& row : settled) {
    const MessageNo no = row.no;
    row.disposition = Disposition::kApplied;
    t_.put(t_.messages, no, std::move(row));
  }
}

std::vector<MessageRow> MemoryMessages::parked_of(UnitOfWork&, BusinessDate date, Market market,
                                                  const std::string& order_number) {
  std::vector<MessageRow> rows;
  for (const auto& [no, row] : t_.messages) {
    if (row.disposition == Disposition::kParked && row.date == date && row.market == market &&
        row.order_number == order_number) {
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<MessageRow> MemoryMessages::parked(UnitOfWork&) {
  std::vector<MessageRow> rows;
  for (const auto& [no, row] : t_.messages)
    if (row.disposition == Disposition::kParked) rows.push_back(row);
  std::ranges::sort(rows, {}, &MessageRow::no);
  return rows;
}

std::optional<MessageRow> MemoryMessages::find(UnitOfWork&, MessageNo no) {
  const auto it = t_.messages.find(no);
  if (it == t_.messages.end()) return std::nullopt;
  return it->second;
}

std::optional<MessageRow> MemoryMessages::received(UnitOfWork& work,
                                                   const std::string& message_id) {
  const auto it = t_.message_ids.find(message_id);
  if (it == t_.message_ids.end()) return std::nullopt;
  auto row = find(work, it->second);
  if (const auto body = t_.received_bodies.find(it->second);
      row && body != t_.received_bodies.end())
    row->body = body->second;
  return row;
}

void MemoryMessages::replace(UnitOfWork&, const MessageRow& row) {
  const auto it = t_.messages.find(row.no);
  if (it == t_.messages.end()) return;
  if (row.body != it->second.body && !t_.received_bodies.contains(row.no))
    t_.put(t_.received_bodies, row.no, it->second.body);
  MessageRow replaced = row;
  replaced.message_id = it->second.message_id;
  replaced.received_at = it->second.received_at;
  t_.put(t_.messages, row.no, std::move(replaced));
}

std::vector<MessageRow> MemoryMessages::quarantined_of(UnitOfWork&, PlanId plan) {
  std::vector<MessageRow> rows;
  for (const auto& [no, row] : t_.messages)
    if (row.disposition == Disposition::kQuarantined && row.plan == plan) rows.push_back(row);
  return rows;
}

std::vector<LineEvent> MemoryMessages::events(UnitOfWork&, PlanId plan, LineNumber after,
                                              LineNumber through, std::size_t limit) {
  std::vector<LineEvent> events;
  for (const auto* table : {&t_.messages, &t_.archived_messages}) {
    for (const auto& [no, row] : *table) {
      if (is_event(row, plan, after, through)) events.push_back({row.number, row.topic, row.body});
    }
  }
  std::ranges::sort(events, {}, &LineEvent::number);
  if (events.size() > limit) events.resize(limit);
  return events;
}

MessageNo MemoryMessages::last_no() {
  const Lock lock{t_.mutex};
  return std::max(last_key(t_.messages), last_key(t_.archived_messages));
}

std::int64_t MemoryMessages::count(Disposition disposition) {
  const Lock lock{t_.mutex};
  return std::ranges::count_if(
      t_.messages, [&](const auto& entry) { return entry.second.disposition == disposition; });
}

void MemoryCache::append(UnitOfWork&, const MessageRow& row) {
  MessageRow cached = row;
  cached.disposition = Disposition::kCached;
  if (t_.cache.contains({row.plan, row.number})) {
    throw std::runtime_error("a message of this number is cached already");
  }
  t_.put(t_.cache, {row.plan, row.number}, std::move(cached));
}

std::vector<MessageRow> MemoryCache::oldest_first(UnitOfWork&, PlanId plan, std::size_t limit) {
  std::vector<MessageRow> rows;
  for (const auto& [key, row] : t_.cache) {
    if (key.first == plan && rows.size() < limit) rows.push_back(row);
  }
  return rows;
}

void MemoryCache::remove(UnitOfWork&, const LineRange& range) {
  std::vector<LineNumber> gone;
  for (auto it = t_.cache.lower_bound({range.plan, range.from});
       it != t_.cache.end() && within(range, it->second); ++it)
    gone.push_back(it->second.number);
  for (const LineNumber number : gone)
    t_.erase(t_.cache, {range.plan, number});
}

std::int64_t MemoryCache::depth(UnitOfWork&, PlanId plan) {
  return std::ranges::count_if(t_.cache,
                               [&](const auto& entry) { return entry.first.first == plan; });
}

std::vector<MemoryCache::Depth> MemoryCache::depths() {
  const Lock lock{t_.mutex};
  std::vector<Depth> depths;
  for (const auto& [key, row] : t_.cache) {
    if (depths.empty() || depths.back().plan != key.first) depths.push_back({key.first, 0});
    ++depths.back().messages;
  }
  return depths;
}

std::optional<BusinessDate> MemoryDay::open_date() {
  const Lock lock{t_.mutex};
  const auto it = t_.marks.find('d');
  if (it == t_.marks.end()) return std::nullopt;
  return BusinessDate{static_cast<std::int32_t>(it->second)};
}

void MemoryDay::set_open_date(UnitOfWork&, BusinessDate date) {
  t_.put(t_.marks, 'd', date.value());
}

std::map<Market, std::string> MemoryDay::session_texts() {
  const Lock lock{t_.mutex};
  return t_.sessions;
}

void MemoryDay::add_session_text(UnitOfWork&, Market market, const std::string& text) {
  if (!t_.sessions.contains(market)) t_.put(t_.sessions, market, text);
}

std::size_t MemoryDay::archive_some(UnitOfWork&, BusinessDate before, std::size_t limit) {
  DayTurn turn{t_, before};
  const auto alone = [](const auto&) {};
  if (const auto n =
          turn.move(t_.messages, t_.archived_messages, limit,
                    [&](const MessageRow& row) { t_.erase(t_.message_ids, row.message_id); })) {
    return n;
  }
  if (const auto n = turn.move(t_.fills, t_.archived_fills, limit, alone)) return n;
  if (const auto n = turn.move(t_.numbers, t_.archived_numbers, limit, alone)) return n;
  if (const auto n =
          turn.move(t_.combined, t_.archived_combined, limit, [&](const CombinedOrder& order) {
            turn.move_order(order.buy);
            turn.move_order(order.sell);
          })) {
    return n;
  }
  if (const auto n = turn.move(t_.orders, t_.archived_orders, limit, [&](const Order& order) {
        t_.erase(t_.algo_ids, {order.plan, order.algo_ordid});
      })) {
    return n;
  }
  return turn.move(t_.plans, t_.archived_plans, limit, alone);
}

std::vector<MessageRow> MemoryDay::stale_cache(UnitOfWork&, BusinessDate before,
                                               std::size_t limit) {
  std::vector<MessageRow> rows;
  for (const auto& [key, row] : t_.cache) {
    const auto plan = t_.plans.find(key.first);
    const bool waits = plan != t_.plans.end() && !plan->second.quarantine_reason.empty();
    if (row.date < before && !waits && rows.size() < limit) rows.push_back(row);
  }
  return rows;
}

void MemoryDay::archive_cached(UnitOfWork&, PlanId plan, LineNumber number,
                               const std::string& outcome) {
  const auto it = t_.cache.find({plan, number});
  if (it == t_.cache.end()) return;
  t_.put(t_.archived_cache, last_key(t_.archived_cache) + 1, {it->second, outcome});
  t_.erase(t_.cache, {plan, number});
}

std::size_t MemoryDay::prune_cache_archive(UnitOfWork&, BusinessDate before) {
  std::vector<std::int64_t> gone;
  for (const auto& [id, cached] : t_.archived_cache) {
    if (cached.row.date < before) gone.push_back(id);
  }
  for (const std::int64_t id : gone)
    t_.erase(t_.archived_cache, id);
  return gone.size();
}

}  // namespace systask::support
