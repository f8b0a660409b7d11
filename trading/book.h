// The Book is what the worker keeps in memory: plans, orders, sites and the directory of
// numbers, each an overlay over what is committed. It belongs to the worker; nobody else
// may read it. Everything in it is also in the database, from which load() builds it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "trading/loads.h"
#include "trading/number_key.h"
#include "trading/order.h"
#include "trading/overlay.h"
#include "trading/parked.h"
#include "trading/plan.h"
#include "trading/ports/order_store.h"
#include "trading/ports/records.h"
#include "trading/ports/site_store.h"
#include "trading/types.h"

namespace systask::trading {

struct Stores;

struct AlgoKey {
  PlanId plan;
  std::string algo_ordid;

  friend bool operator==(const AlgoKey&, const AlgoKey&) = default;
};

// A site that failed to rebuild a plan is not asked again until then; the length doubles.
struct HoldKey {
  PlanId plan;
  SiteId site;

  friend bool operator==(const HoldKey&, const HoldKey&) = default;
};

struct HoldDown {
  MonotonicPoint until;
  std::chrono::milliseconds length{0};
};

// A plan on its way from one site to another, by an operator's wish: until it is normal again.
struct Move {
  SiteId from;
  SiteId to;             // 0: whoever can run it
  MonotonicPoint since;  // when delivery was stopped, awake
};

// The open business date; and the one before which everything has begun to be archived.
enum class DayMark : char { kOpen, kArchivedBefore };

struct KeyHash {
  std::size_t operator()(const AlgoKey& key) const noexcept;
  std::size_t operator()(const HoldKey& key) const noexcept;
};

// What changes with nearly every message is written once a batch: how far a plan's line has
// come, a detail's totals, an order. Whatever the fences of SQL look at (epoch,
// status, session) is written at once, and then with everything else of its row.
// Each may be named more than once; it is written once, in the order of its key.
struct Unsaved {
  struct Detail {
    PlanId plan;
    Market market;
    std::string security;
    Side side = Side::kBuy;

    friend auto operator<=>(const Detail&, const Detail&) = default;
  };
  struct OrderChange {
    OrderId order;
    bool by_fill = false;  // nothing but what was filled, and what it came to

    friend auto operator<=>(const OrderChange&, const OrderChange&) = default;
  };
  std::vector<PlanId> plans;  // of these last, applied and skipped, and nothing else
  std::vector<Detail> details;
  std::vector<OrderChange> orders;
};

class Book {
 public:
  // Since when a message waits that another process received at this time, and parked.
  using ParkedSince = std::function<MonotonicPoint(TimePoint received_at)>;

  Book() = default;
  explicit Book(ParkedSince parked_since) : parked_since_(std::move(parked_since)) {}

  Unsaved unsaved;

  Overlay<PlanId, Plan> plans;
  Overlay<OrderId, Order> orders;
  Overlay<OrderId, CombinedOrder> combined;
  Overlay<NumberKey, OrderNumber, NumberKeyHash> numbers;
  Overlay<AlgoKey, OrderId, KeyHash> by_algo;
  Parked parked;
  Overlay<SiteId, Site> sites;
  Overlay<PlanId, RecoveryAttempt> attempts;  // the one under way, of each abnormal plan
  Overlay<DayMark, BusinessDate> day;
  // In monotonic time, so of this process; after a restart the attempts say what of them goes on.
  Overlay<HoldKey, HoldDown, KeyHash> holds;
  Overlay<PlanId, Move> moves;
  // To rebuild it, besides the plan's session; a restart forgets them, and nothing is lost.
  Overlay<PlanId, std::vector<SessionId>> asked;

  [[nodiscard]] BusinessDate open_date() const;
  // Messages dated before this cannot be taken: what knows their repeats is archived, or
  // is being archived.
  [[nodiscard]] BusinessDate oldest_accepted() const;

  // The plan's orders that are open, by id, as this command sees them.
  [[nodiscard]] std::vector<OrderId> open_orders(PlanId plan) const;
  [[nodiscard]] std::vector<OrderId> open_combined(PlanId plan) const;
  [[nodiscard]] const Site* find_site(const std::string& name) const;
  // The site of a live login; null where there is none.
  [[nodiscard]] const Site* site_of(SessionId session) const;
  // Of all sites, as this command sees them. Costs what the batch has changed, not all plans.
  [[nodiscard]] Loads loads() const;

  // Ids only grow; one that is given out by a command that fails is not used again.
  OrderId new_order_id() { return OrderId{++last_order_}; }
  std::int64_t new_message_no() { return ++last_message_; }
  std::int64_t new_out_no() { return ++last_out_; }
  [[nodiscard]] OutNo last_out_no() const { return OutNo{last_out_}; }
  AttemptId new_attempt_id() { return AttemptId{++last_attempt_}; }
  PlanId new_plan_id() { return PlanId{++last_plan_}; }
  SiteId new_site_id() { return SiteId{++last_site_}; }
  SessionId new_session_id() { return SessionId{++last_session_}; }

  void keep();
  void drop();
  void commit();
  void abandon();
  void load(const Stores& stores);

  // Writes what is unsaved. The worker does so before each commit; a command that reads
  // these rows by SQL does so first.
  void save(const Stores& stores, UnitOfWork& work);

 private:
  void index(const Order& order);
  void load_plans(const Stores& stores);
  void load_orders(const Stores& stores);
  void load_parked(const Stores& stores);

  ParkedSince parked_since_;
  std::unordered_map<PlanId, std::unordered_set<OrderId>> open_by_plan_;  // committed ones
  Loads loads_;  // of the committed plans, without what others are asked to rebuild
  std::int64_t last_order_ = 0;
  std::int64_t last_message_ = 0;
  std::int64_t last_out_ = 0;
  std::int64_t last_attempt_ = 0;
  std::int64_t last_plan_ = 0;
  std::int32_t last_site_ = 0;
  std::int64_t last_session_ = 0;
};

}  // namespace systask::trading
