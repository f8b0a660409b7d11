// The Fold is the order system's own account of what it reported, plan by plan: what each
// plan ordered and filled, and which of its orders are open. Nothing of the platform goes
// into it, so a drill can judge the platform by it. Orders that have ended are forgotten;
// memory grows with the open ones. One thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "peers/flow/report.h"

namespace systask::peers::flow {

class Fold {
 public:
  // An order that the platform sent; its placement is yet to be reported.
  void take_order(const OrderFacts& order);
  // A report that is sent for the first time. A 402213 of an order nobody sent creates it.
  void apply(const Report& report);

  [[nodiscard]] std::int64_t unique(std::int64_t plan) const;
  // {"plans":[{"plan","unique","totals":[{"market","security","direction","ordered",
  // "filled","amount"}],"open":[{"market","number","algo","direction","quantity","filled",
  // "state"}]}]}, by plan; states and "-" as in the digest of docs/protocol.md section 6.
  [[nodiscard]] std::string to_json() const;

 private:
  struct TotalKey {
    std::int32_t market;
    std::string security;
    int direction;
    friend auto operator<=>(const TotalKey&, const TotalKey&) = default;
  };
  struct Total {
    std::int64_t ordered = 0;
    std::int64_t filled = 0;
    std::int64_t amount = 0;  // 1e-8
  };
  struct Open {
    OrderFacts facts;
    std::int64_t filled = 0;
    std::int64_t cancelled = 0;
    bool placed = false;
    bool confirmed = false;
    bool cancel_pending = false;

    [[nodiscard]] char state() const;
    // A cancel alone does not end it: a fill of the rest may have been held back.
    [[nodiscard]] bool ended() const { return filled + cancelled >= facts.quantity; }
  };
  struct Plan {
    std::int64_t unique = 0;
    std::map<TotalKey, Total> totals;
    std::map<std::int64_t, Open> open;  // by number
  };

  static Total& total_of(Plan& plan, const OrderFacts& order);
  static void apply_fill(Plan& plan, const Report& report);
  static std::string to_json(std::int64_t id, const Plan& plan);

  std::map<std::int64_t, Plan> plans_;
};

}  // namespace systask::peers::flow
