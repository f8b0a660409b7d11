// A Report is one message of the order system before it has an id: what happened to one
// order. Values; body_of() turns one into the JSON that docs/protocol.md section 8 asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace systask::peers::flow {

enum class Function : int {
  kFilled = 402206,
  kRejected = 402207,
  kConfirmed = 402208,
  kCancelRequested = 402210,
  kCancelRejected = 402211,
  kCancelled = 402212,
  kPlaced = 402213,
};

[[nodiscard]] std::string_view topic_of(Function function);
// "402213 placed": for people.
[[nodiscard]] std::string_view described(Function function);
[[nodiscard]] constexpr int number_of(Function function) { return static_cast<int>(function); }

// What does not change in an order's life.
struct OrderFacts {
  std::int64_t plan = 0;
  std::int32_t business_date = 0;  // YYYYMMDD
  std::int32_t market = 0;
  std::int64_t number = 0;  // entrust_no
  std::string algo_ordid;   // empty where no site placed it
  std::string security;
  int direction = 1;       // 1 buys, 2 sells
  std::int64_t price = 0;  // 1e-8
  std::int64_t quantity = 0;
};

// What the platform takes as `stock_code` (docs/protocol.md, 1).
[[nodiscard]] bool is_security(std::string_view text);

struct Report {
  Function function = Function::kPlaced;
  OrderFacts order;
  bool names_plan = true;  // else the platform finds the plan by the order's number
  std::int32_t time = 0;   // HHMMSS
  char state = '1';        // entrust_state
  // Fills:
  std::int64_t deal = 0;
  std::int64_t deal_price = 0;
  std::int64_t deal_quantity = 0;
  std::int64_t total_filled = 0;
  // Cancels:
  std::int64_t cancelled = 0;
  std::string cause;
};

// The body as JSON text. A resent fill under a new message_id keeps everything else.
[[nodiscard]] std::string body_of(const Report& report, std::string_view message_id);

}  // namespace systask::peers::flow
