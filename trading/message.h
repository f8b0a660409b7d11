// A message of the order system: one row of the table of functions says its kind, where
// it comes from, where it is pushed on, and which fields its body must have. A new
// function number is a new row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "trading/types.h"

namespace systask::trading {

enum class Kind : std::uint8_t {
  kPlaced,
  kConfirmed,
  kFilled,
  kRejected,
  kCancelRequested,
  kCancelled,
  kCancelRejected,
  kCombinedPlaced,
  kCombinedConfirmed,
  kCombinedRejected,
  kCombinedCancelRequested,
  kCombinedCancelled,
  kCombinedCancelRejected,
  kApproval,
  kPlanChange,  // a client's: pause, resume, cancel, modify, expire; never from a link
};

constexpr bool about_combined(Kind kind) {
  return kind >= Kind::kCombinedPlaced && kind <= Kind::kCombinedCancelRejected;
}

struct Function {
  int number;
  Kind kind;
  std::string_view name;       // "order filled"
  std::string_view topic_in;   // where it is published to us
  std::string_view topic_in2;  // a second topic that carries it, or empty
  std::string_view topic_out;  // where its events are pushed on
};

// Every function of docs/domain.md, in ascending number.
std::span<const Function> functions();
// Null where there is no such function.
const Function* find_function(int number);

// One leg of a combined order's body.
struct LegFields {
  std::string number;
  PriceTicks price;
  Quantity quantity = 0;
  char state = 0;
  Quantity cancel_quantity = 0;
};

// A body, unpacked: absent fields are empty or zero. `body` is the text as it came, which
// is what the site gets.
struct Message {
  const Function* function = nullptr;
  std::string message_id;
  bool id_is_derived = false;  // it came without one: facts made it
  BusinessDate date;
  std::int32_t time = 0;  // HHMMSS
  PlanId plan;            // scheme_id; 0 where absent
  std::string algo_ordid;
  std::string number;  // entrust_no
  std::string batch_no;
  Market market;
  std::string security;
  std::int32_t side = 0;  // entrust_direction: 1, 2, or 0 where absent
  PriceTicks price;
  Quantity quantity = 0;
  char state = 0;
  std::string deal_no;
  PriceTicks deal_price;
  Quantity deal_quantity = 0;
  SaidTotal deal_total;
  std::string cause;          // revoke_cause
  std::string cancel_number;  // cancel_entrust_no
  Quantity cancel_quantity = 0;
  LegFields buy;
  LegFields sell;
  std::string body;

  [[nodiscard]] Kind kind() const { return function->kind; }
  // The number of the order it is about: a cancel names it by cancel_entrust_no.
  [[nodiscard]] const std::string& order_number() const {
    return cancel_number.empty() ? number : cancel_number;
  }
};

}  // namespace systask::trading
