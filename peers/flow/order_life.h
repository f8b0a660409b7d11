// An OrderLife is what a recording knows of one order that is open, and the reports of what
// happens to it. Values; pure.
#pragma once

#include <cstdint>
#include <string>

#include "peers/flow/report.h"

namespace systask::peers::flow {

struct OrderLife {
  OrderFacts facts;
  bool names_plan = true;  // else its reports are found by the order's number
  bool cancel_pending = false;
  std::int64_t filled = 0;
  std::int64_t deals = 0;

  [[nodiscard]] std::int64_t rest() const { return facts.quantity - filled; }
};

// `time` is HHMMSS. The first names the plan, whatever the life says.
[[nodiscard]] Report placed_report(const OrderLife& life, std::int32_t time);
[[nodiscard]] Report confirmed_report(const OrderLife& life, std::int32_t time);
[[nodiscard]] Report rejected_report(const OrderLife& life, std::int32_t time, std::string cause);
// Counts the fill in the life, whose rest it must not exceed.
[[nodiscard]] Report filled_report(OrderLife& life, std::int32_t time, std::int64_t quantity,
                                   std::int64_t price);
// These three keep `cancel_pending`.
[[nodiscard]] Report cancel_requested_report(OrderLife& life, std::int32_t time);
[[nodiscard]] Report cancel_rejected_report(OrderLife& life, std::int32_t time, std::string cause);
[[nodiscard]] Report cancelled_report(OrderLife& life, std::int32_t time);  // of the rest

}  // namespace systask::peers::flow
