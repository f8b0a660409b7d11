// Orders, combined orders, fills, and the directory that says whose a number is:
// algojr_tentrust, algojr_tcbentrust, algojr_trealdeal, algojr_tordernumber.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "trading/order.h"
#include "trading/ports/unit_of_work.h"

namespace systask::trading {

// Orders and legs are one name space with two tables; combined orders another.
enum class NumberKind : char { kOrder = 'o', kBuyLeg = 'b', kSellLeg = 's', kCombined = 'c' };

struct OrderNumber {
  BusinessDate date;
  Market market;
  std::string number;
  NumberKind kind = NumberKind::kOrder;
  PlanId plan;
  OrderId order;  // 0 while the message that reveals the number is still cached

  friend bool operator==(const OrderNumber&, const OrderNumber&) = default;
};

struct Fill {
  BusinessDate date;
  Market market;
  std::string number;  // of the order
  std::string deal_no;
  OrderId order;
  PlanId plan;
  PriceTicks price;
  Quantity quantity = 0;
  LineNumber line;
  TimePoint at;
};

class OrderStore {
 public:
  virtual ~OrderStore() = default;

  // With `fence`, only while the plan is in that epoch and not abnormal: false otherwise.
  // False also where the plan already has an order of this (non-empty) algo_ordid.
  virtual bool insert(UnitOfWork& work, const Order& order, std::optional<Epoch> fence) = 0;
  virtual void update(UnitOfWork& work, const Order& order) = 0;
  // Only what a fill changes: filled, amount, and the state that comes of them.
  virtual void update_filled(UnitOfWork& work, const Order& order) = 0;
  virtual void insert(UnitOfWork& work, const CombinedOrder& order) = 0;
  virtual void update(UnitOfWork& work, const CombinedOrder& order) = 0;

  // Inserts, or sets plan and order of, one line of the directory.
  virtual void put_number(UnitOfWork& work, const OrderNumber& number) = 0;

  // False, and nothing changed, where the order has a fill of this deal_no already.
  virtual bool add_fill(UnitOfWork& work, const Fill& fill) = 0;
  // As this unit of work sees it: fills of the same batch count.
  virtual std::optional<Fill> find_fill(UnitOfWork& work, BusinessDate date, Market market,
                                        const std::string& number, const std::string& deal_no) = 0;

  // For the check of totals: what the fills of each order add up to, archived fills included.
  virtual std::map<OrderId, Quantity> filled_by_order(UnitOfWork& work) = 0;
  // The archived orders of plans that are not archived, by id: of each its plan, what it is of,
  // quantity, filled, amount and what was said of it.
  virtual std::vector<Order> archived_of_plans(UnitOfWork& work) = 0;

  // All of the open day, by id.
  virtual std::vector<Order> load_orders() = 0;
  virtual std::vector<CombinedOrder> load_combined() = 0;
  virtual std::vector<OrderNumber> load_numbers() = 0;
  // The greatest id of an order or a combined order, 0 if none; archived ones included.
  virtual OrderId last_id() = 0;
};

}  // namespace systask::trading
