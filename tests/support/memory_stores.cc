#include "tests/support/memory_stores.h"

#include <algorithm>

namespace systask::support {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

using Lock = std::scoped_lock<std::recursive_mutex>;

class MemoryWork final : public UnitOfWork {
 public:
  explicit MemoryWork(MemoryTables& tables) : t_(tables), lock_(tables.mutex) {
    t_.forget_journal();
    t_.lost = false;
  }
  ~MemoryWork() override {
    if (!committed_) t_.roll_back_to(0);
  }
  MemoryWork(const MemoryWork&) = delete;
  MemoryWork& operator=(const MemoryWork&) = delete;

  void savepoint() override {
    if (t_.lost) throw std::runtime_error("the transaction is lost");
    mark_ = t_.journal_size();
  }
  void keep() override { mark_ = t_.journal_size(); }
  void undo() override {
    if (!t_.lost) t_.roll_back_to(mark_);
  }
  [[nodiscard]] bool lost() const override { return t_.lost; }
  void commit() override {
    if (t_.lost) throw std::runtime_error("the transaction is lost: nothing of it is kept");
    committed_ = true;
    t_.forget_journal();
  }

 private:
  MemoryTables& t_;
  std::unique_lock<std::recursive_mutex> lock_;
  std::size_t mark_ = 0;
  bool committed_ = false;
};

// With a fence, only while the plan is in that epoch and not abnormal.
bool fence_holds(const MemoryTables& t, PlanId plan, std::optional<Epoch> fence) {
  if (!fence) return true;
  const auto it = t.plans.find(plan);
  return it != t.plans.end() && it->second.epoch == *fence &&
         it->second.status != PlanStatus::kAbnormal;
}

template <class Map>
auto values_of(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(map.size());
  for (const auto& [key, value] : map)
    values.push_back(value);
  return values;
}

MemoryTables::NumberKey key_of(const OrderNumber& n) {
  return {n.date, n.market, n.number, static_cast<char>(n.kind)};
}

}  // namespace

std::unique_ptr<UnitOfWork> MemoryTransactions::begin() { return std::make_unique<MemoryWork>(t_); }

void MemoryPlans::insert(UnitOfWork&, const Plan& plan) {
  if (t_.plans.contains(plan.id)) throw std::runtime_error("a plan of this id exists");
  t_.put(t_.plans, plan.id, plan);
}

bool MemoryPlans::update(UnitOfWork&, const Plan& plan, Epoch fenced_by) {
  const auto it = t_.plans.find(plan.id);
  if (it == t_.plans.end() || it->second.epoch != fenced_by) return false;
  Plan changed = plan;  // but for what never changes, and the details
  changed.name = it->second.name;
  changed.strategy = it->second.strategy;
  changed.environment = it->second.environment;
  changed.created_by = it->second.created_by;
  changed.created_at = it->second.created_at;
  changed.details = it->second.details;
  t_.put(t_.plans, plan.id, std::move(changed));
  return true;
}

bool MemoryPlans::advance(UnitOfWork&, const Plan& plan) {
  const auto it = t_.plans.find(plan.id);
  if (it == t_.plans.end() || it->second.epoch != plan.epoch) return false;
  Plan changed = it->second;
  changed.last = plan.last;
  changed.applied = plan.applied;
  changed.skipped = plan.skipped;
  t_.put(t_.plans, plan.id, std::move(changed));
  return true;
}

void MemoryPlans::put_detail(UnitOfWork&, PlanId plan, const PlanDetail& detail) {
  Plan changed = t_.plans.at(plan);
  const auto same = [&](const PlanDetail& d) {
    return d.market == detail.market && d.security == detail.security && d.side == detail.side;
  };
  const auto it = std::ranges::find_if(changed.details, same);
  if (it == changed.details.end()) {
    changed.details.push_back(detail);
  } else {
    it->ordered = detail.ordered;
    it->filled = detail.filled;
    it->amount = detail.amount;
  }
  t_.put(t_.plans, plan, std::move(changed));
}

bool MemoryPlans::claim(UnitOfWork&, const Claim& claim) {
  const auto it = t_.plans.find(claim.plan);
  if (it == t_.plans.end()) return false;
  const auto site = t_.sites.find(claim.site);
  if (site == t_.sites.end() || !site->second.live || site->second.session != claim.session) {
    return false;
  }
  Plan plan = it->second;
  if (plan.epoch != claim.epoch || plan.status != PlanStatus::kAbnormal ||
      plan.applied != claim.snapshot) {
    return false;
  }
  plan.site = claim.site;
  plan.session = claim.session;
  plan.epoch = next_of(claim.epoch);
  plan.phase = RecoveryPhase::kReplaying;
  t_.put(t_.plans, claim.plan, std::move(plan));
  return true;
}

std::vector<Plan> MemoryPlans::load() {
  const Lock lock{t_.mutex};
  return values_of(t_.plans);
}

PlanId MemoryPlans::last_id() {
  const Lock lock{t_.mutex};
  return std::max(last_key(t_.plans), last_key(t_.archived_plans));
}

bool MemoryOrders::insert(UnitOfWork&, const Order& order, std::optional<Epoch> fence) {
  if (!fence_holds(t_, order.plan, fence)) return false;
  if (!order.algo_ordid.empty()) {
    const std::pair key{order.plan, order.algo_ordid};
    if (t_.algo_ids.contains(key)) return false;
    t_.put(t_.algo_ids, key, order.id);
  }
  t_.put(t_.orders, order.id, order);
  return true;
}

void MemoryOrders::update(UnitOfWork&, const Order& order) { t_.put(t_.orders, order.id, order); }
void MemoryOrders::update_filled(UnitOfWork&, const Order& order) {
  Order changed = t_.orders.at(order.id);
  changed.filled = order.filled;
  changed.amount = order.amount;
  changed.said = order.said;
  t_.put(t_.orders, order.id, std::move(changed));
}
void MemoryOrders::insert(UnitOfWork&, const CombinedOrder& order) {
  t_.put(t_.combined, order.id, order);
}
void MemoryOrders::update(UnitOfWork&, const CombinedOrder& order) {
  t_.put(t_.combined, order.id, order);
}
void MemoryOrders::put_number(UnitOfWork&, const OrderNumber& number) {
  t_.put(t_.numbers, key_of(number), number);
}

bool MemoryOrders::add_fill(UnitOfWork&, const Fill& fill) {
  const MemoryTables::FillKey key{fill.date, fill.market, fill.number, fill.deal_no};
  if (t_.fills.contains(key)) return false;
  t_.put(t_.fills, key, fill);
  return true;
}

std::optional<Fill> MemoryOrders::find_fill(UnitOfWork&, BusinessDate date, Market market,
                                            const std::string& number, const std::string& deal_no) {
  const auto it = t_.fills.find({date, market, number, deal_no});
  if (it == t_.fills.end()) return std::nullopt;
  return it->second;
}

std::map<OrderId, Quantity> MemoryOrders::filled_by_order(UnitOfWork&) {
  std::map<OrderId, Quantity> filled;
  for (const auto& [key, fill] : t_.fills)
    filled[fill.order] += fill.quantity;
  for (const auto& [key, fill] : t_.archived_fills)
    if (t_.orders.contains(fill.order) || t_.plans.contains(fill.plan))
      filled[fill.order] += fill.quantity;
  return filled;
}

std::vector<Order> MemoryOrders::archived_of_plans(UnitOfWork&) {
  std::vector<Order> orders;
  for (const auto& [id, order] : t_.archived_orders)
    if (t_.plans.contains(order.plan)) orders.push_back(order);
  return orders;
}

std::vector<Order> MemoryOrders::load_orders() {
  const Lock lock{t_.mutex};
  return values_of(t_.orders);
}
std::vector<CombinedOrder> MemoryOrders::load_combined() {
  const Lock lock{t_.mutex};
  return values_of(t_.combined);
}
std::vector<OrderNumber> MemoryOrders::load_numbers() {
  const Lock lock{t_.mutex};
  return values_of(t_.numbers);
}

OrderId MemoryOrders::last_id() {
  const Lock lock{t_.mutex};
  return std::max({last_key(t_.orders), last_key(t_.archived_orders), last_key(t_.combined),
                   last_key(t_.archived_combined)});
}

void MemorySites::put(UnitOfWork&, const Site& site) { t_.put(t_.sites, site.id, site); }

std::vector<Site> MemorySites::load() {
  const Lock lock{t_.mutex};
  return values_of(t_.sites);
}

bool MemoryOutbox::add(UnitOfWork&, const OutRow& row, std::optional<Epoch> fence) {
  if (!fence_holds(t_, row.plan, fence)) return false;
  t_.put(t_.outbox, row.no, row);
  t_.put(t_.marks, 'o', std::max(t_.marks['o'], row.no.value()));
  return true;
}

void MemoryOutbox::remove_through(UnitOfWork&, OutNo through) {
  std::vector<OutNo> gone;
  for (const auto& [no, row] : t_.outbox) {
    if (row.kind == OutKind::kOrder && no <= through) gone.push_back(no);
  }
  for (const OutNo no : gone)
    t_.erase(t_.outbox, no);
}

void MemoryOutbox::remove(UnitOfWork&, std::span<const OutNo> numbers) {
  for (const OutNo no : numbers)
    t_.erase(t_.outbox, no);
}

void MemoryOutbox::failed_again(UnitOfWork&, OutNo no, const std::string& error) {
  const auto it = t_.outbox.find(no);
  if (it == t_.outbox.end()) return;
  OutRow row = it->second;
  ++row.attempts;
  row.last_error = error;
  t_.put(t_.outbox, no, std::move(row));
}

std::vector<OutRow> MemoryOutbox::pending(UnitOfWork&, OutKind kind, OutNo after,
                                          std::size_t limit) {
  std::vector<OutRow> rows;
  for (auto it = t_.outbox.upper_bound(after); it != t_.outbox.end() && rows.size() < limit; ++it) {
    if (it->second.kind == kind) rows.push_back(it->second);
  }
  return rows;
}

OutNo MemoryOutbox::last_no() {
  const Lock lock{t_.mutex};
  const auto mark = t_.marks.find('o');
  return mark == t_.marks.end() ? OutNo{} : OutNo{mark->second};
}

void MemoryRecords::put(UnitOfWork&, const RecoveryAttempt& attempt) {
  RecoveryAttempt row = attempt;
  if (const auto it = t_.recoveries.find(attempt.id); it != t_.recoveries.end()) {
    const RecoveryAttempt& begun = it->second;
    row.plan = begun.plan;
    row.attempt = begun.attempt;
    row.from_site = begun.from_site;
    row.why = begun.why;
    row.lost_at = begun.lost_at;
    row.noticed_at = begun.noticed_at;
  }
  t_.put(t_.recoveries, attempt.id, std::move(row));
}
void MemoryRecords::add(UnitOfWork&, const AuditEntry& entry) {
  t_.put(t_.audit, last_key(t_.audit) + 1, entry);
}
std::vector<RecoveryAttempt> MemoryRecords::running() {
  const Lock lock{t_.mutex};
  std::vector<RecoveryAttempt> found;
  for (const auto& [id, attempt] : t_.recoveries)
    if (attempt.outcome == kRunningAttempt) found.push_back(attempt);
  return found;
}

AttemptId MemoryRecords::last_attempt() {
  const Lock lock{t_.mutex};
  return last_key(t_.recoveries);
}

}  // namespace systask::support
