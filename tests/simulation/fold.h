// The Fold is what a plan must be, computed from the reports that were published, the numbers
// they took in the plan's line, and the requests that were accepted: by rules of its own,
// written from docs/protocol.md. The Observer compares it with what the platform keeps. Values.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "tests/simulation/truth.h"

namespace systask::simulation {

struct Total {
  std::int64_t quantity = 0;  // the target
  std::int64_t ordered = 0;
  std::int64_t filled = 0;

  friend bool operator==(const Total&, const Total&) = default;
};

class Fold {
 public:
  using TotalKey = std::tuple<int, std::string, int>;  // market, security, side

  // The plan as a client asked for it.
  Fold(PlanNo plan, std::map<std::string, std::string> parameters, TotalKey target,
       std::int64_t quantity);

  // A site's order was accepted.
  void accept(const std::string& algo_ordid, const MarketOrder& asked);
  [[nodiscard]] bool accepted(const std::string& algo_ordid) const {
    return by_algo_.contains(algo_ordid);
  }

  // One report takes effect; why it cannot, or nothing. `truth` is the order it is about.
  std::string apply(const Report& report, const std::map<int, MarketOrder>& orders,
                    const std::map<int, MarketPair>& pairs);
  // It was applied before, under this id or, a fill, under another.
  [[nodiscard]] bool applied_before(const Report& report) const;
  // Its order has been placed, as far as this plan has been told.
  [[nodiscard]] bool knows_order(const Report& report, const MarketOrder* truth) const;

  // A client's change takes effect.
  void change(const std::string& name, const std::map<std::string, std::string>& parameters);
  // A change that a replay refuses must be one that the status does not allow.
  [[nodiscard]] bool may_be_refused(const std::string& name) const;

  // What the status may be, given what was applied; `answers`: sites may have answered what
  // they were asked, which takes no number.
  [[nodiscard]] bool status_is_possible(char status, bool answers) const;
  void status_was(char status) { statuses_ = {status}; }

  [[nodiscard]] std::map<TotalKey, Total> totals() const;
  [[nodiscard]] const std::map<std::string, std::string>& parameters() const { return parameters_; }
  // Every order that is known, by the key of its truth; those not yet at the market are not here.
  [[nodiscard]] const std::map<int, MarketOrder>& orders() const { return orders_; }
  [[nodiscard]] const std::map<int, MarketPair>& pairs() const { return pairs_; }
  [[nodiscard]] const std::map<std::string, MarketOrder>& waiting() const { return by_algo_; }
  // docs/protocol.md, section 6, before it is hashed.
  [[nodiscard]] std::string digest_text(char status) const;

  std::int64_t applied = 0;  // numbers up to this are in

 private:
  MarketOrder* known(const MarketOrder& truth);
  // An order as the market has placed it, before anything came of it.
  void learn(const MarketOrder& truth);
  std::string apply_combined(const Report& report, const std::map<int, MarketOrder>& orders,
                             const MarketPair& truth);
  void complete_if_filled();
  std::set<char> with_answers() const;

  PlanNo plan_;
  std::map<std::string, std::string> parameters_;
  TotalKey target_;
  std::int64_t quantity_;
  std::map<std::string, MarketOrder> by_algo_;  // accepted, as asked
  std::map<int, MarketOrder> orders_;
  std::map<int, MarketPair> pairs_;
  std::set<std::string> seen_;  // ids and deals
  std::set<char> statuses_{'0'};
};

}  // namespace systask::simulation
