// The Applier changes the order book by one message of a known plan: the order, the fill,
// the directory of numbers and the plan's totals. It decides nothing about caching,
// numbering or duplicates by message id; those who call it do. Worker's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trading/finder.h"
#include "trading/message.h"
#include "trading/plan.h"
#include "trading/turn.h"

namespace systask::trading {

struct Stores;

struct Applied {
  enum class Outcome : std::uint8_t {
    kDone,
    kDuplicate,     // what it says was applied before, under another message id
    kNoLonger,      // a client's change that the plan's status does not allow any more
    kImpossible,    // contradicts what is known: its plan is quarantined, with the reason
    kUnknownOrder,  // its order is not there yet
  };
  Outcome outcome = Outcome::kDone;
  std::string reason;
};

class Applier {
 public:
  explicit Applier(const Stores& stores) : stores_(stores) {}

  // Changes `plan` (its totals and, when its last quantity is filled, its status) but does
  // not write its row. Unless the outcome is kDone nothing at all is changed.
  // With `force`, an operator says so: facts that contradict the message give way.
  Applied apply(Turn& turn, Plan& plan, const Message& message, OrderId order, LineNumber number,
                bool force = false);

  // Why this fill contradicts the one of its deal_no that was applied before; nothing where
  // there is none, or they say the same.
  std::optional<std::string> contradiction(Turn& turn, const Message& message) const;

  // Records that the numbers a placement reveals are this plan's, while the placement
  // itself is cached.
  void reveal(Turn& turn, const Plan& plan, const Message& message);

  // Writes a number's line of the directory, to the book and to the database.
  void put_number(Turn& turn, const OrderNumber& number);

  // Adds to what was ordered: the plan's detail of that security and side.
  void add_ordered(Turn& turn, Plan& plan, const Order& order);

 private:
  Applied apply_placed(Turn& turn, Plan& plan, const Message& message, OrderId order);
  Applied apply_fill(Turn& turn, Plan& plan, const Message& message, OrderId order,
                     LineNumber number, bool force);
  void add_grown(Turn& turn, Plan& plan, Quantity before, const Order& after);
  Applied apply_combined_placed(Turn& turn, Plan& plan, const Message& message, OrderId order);
  static Applied placed_again(Turn& turn, const Message& message, OrderId order);
  Applied apply_combined(Turn& turn, const Message& message, OrderId order, bool force);
  void create(Turn& turn, Plan& plan, const Message& message);
  Order make_leg(Turn& turn, const Plan& plan, const Message& message, bool buy, OrderId combined);
  void bind_number(Turn& turn, const Order& order, const Message& message);
  void write(Turn& turn, Order order);

  const Stores& stores_;
};

// Whether what the plan ordered of this stays within 64 bits with so much more.
[[nodiscard]] bool can_order(const Plan& plan, Market market, const std::string& security,
                             Side side, Quantity quantity);

// The plan's detail of a market, security and side; nullptr where there is none.
[[nodiscard]] const PlanDetail* find_detail(const Plan& plan, Market market,
                                            const std::string& security, Side side);

// The same; a new one, without a target, where there is none.
PlanDetail& detail_of(Plan& plan, Market market, const std::string& security, Side side);

}  // namespace systask::trading
