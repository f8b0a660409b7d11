// What a site knows of a plan: its status, parameters and totals, and its orders, folded
// from the events of the line. The fold is the site's own, so that its digest checks the
// platform's. Values, one thread; no socket and no clock.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "peers/site/amount.h"

namespace systask::peers {

using Parameters = std::map<std::string, std::string>;

// One security on one side: the plan's target (0: none) and what came of it.
struct Detail {
  std::int64_t market = 0;
  std::string security;
  std::int64_t direction = 1;  // 1 buy, 2 sell
  std::int64_t quantity = 0;
  std::int64_t ordered = 0;
  std::int64_t filled = 0;
  Amount amount;
};

// A child order as facts that may come in any order; its state follows from them.
struct Order {
  std::int64_t market = 0;
  std::string number;      // entrust_no; empty until it is known
  std::string algo_ordid;  // empty where no site placed it
  std::string security;
  std::int64_t direction = 1;
  std::int64_t quantity = 0;
  std::int64_t filled = 0;
  std::int64_t taken_off = 0;  // by cancellation
  bool confirmed = false;
  bool rejected = false;
  bool cancel_pending = false;
  bool cancel_asked = false;  // by this site, and not refused since: no fact of the plan

  [[nodiscard]] char state() const;  // entrust_state
  [[nodiscard]] bool open() const;
  [[nodiscard]] std::int64_t remaining() const { return open() ? quantity - filled : 0; }
};

// A market maker's quote. Its legs are orders of their own, in PlanState::orders().
struct Combined {
  std::int64_t market = 0;
  std::string number;
  std::string buy_number;
  std::string sell_number;
  bool confirmed = false;
  bool rejected = false;
  bool cancelled = false;
  bool cancel_pending = false;

  [[nodiscard]] char state() const;
  [[nodiscard]] bool open() const;
};

class PlanState {
 public:
  PlanState() = default;
  PlanState(PlanState&&) = default;  // the indexes point into the orders: moved, not copied
  PlanState& operator=(PlanState&&) = default;

  // From the plan's own object (section 4 of the protocol), without its orders.
  static Result<PlanState> from_plan(const boost::json::object& plan);

  // Orders of the open-order pages. They are in the totals already.
  void restore_order(const boost::json::object& row);
  void restore_combined(const boost::json::object& row);
  // Before the pages are read again.
  void forget_orders();

  // One event of the line.
  void apply(std::string_view topic, const boost::json::object& body);
  // An order of ours that the platform has accepted. It may have been on the line first.
  void accepted(const Order& order);
  void set_status(char status) { status_ = status; }

  [[nodiscard]] std::int64_t plan() const { return plan_; }
  [[nodiscard]] char status() const { return status_; }
  [[nodiscard]] bool ended() const;
  [[nodiscard]] const std::string& strategy() const { return strategy_; }
  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<Detail>& details() const { return details_; }
  [[nodiscard]] const std::deque<Order>& orders() const { return orders_; }
  [[nodiscard]] const std::deque<Combined>& combined() const { return combined_; }
  // Null where there is none.
  Order* find_by_algo(const std::string& algo_ordid);
  Order* find(std::int64_t market, const std::string& number);

 private:
  void apply_change(std::string_view change, const boost::json::object& body);
  void apply_combined(std::string_view event, const boost::json::object& body);
  void placed(const boost::json::object& body);
  void filled(const boost::json::object& body);
  void combined_placed(const boost::json::object& body);
  void add_leg(const boost::json::object& body, const char* side);
  Order* order_of(const boost::json::object& body);
  Order& add(Order order);
  void name_order(Order& order, const std::string& number);
  Detail& detail_of(std::int64_t market, const std::string& security, std::int64_t direction);
  void complete_if_filled();

  std::int64_t plan_ = 0;
  char status_ = '0';
  std::string strategy_;
  Parameters parameters_;
  std::vector<Detail> details_;
  std::deque<Order> orders_;  // a deque, so that the indexes' pointers hold
  std::deque<Combined> combined_;
  std::unordered_map<std::string, Order*> by_number_;  // "market/number"
  std::unordered_map<std::string, Order*> by_algo_;
  std::unordered_map<std::string, Combined*> combined_by_number_;
};

// Section 6 of the protocol: the text, and its SHA-256.
std::string digest_text(const PlanState& state);
std::string digest_of(const PlanState& state);

}  // namespace systask::peers
