// Finds whose a message is, as docs/domain.md orders it: by the plan id in the body; by the
// order's number; by a leg's, or a combined order's own, number.
#pragma once

#include "base/result.h"
#include "trading/book.h"
#include "trading/message.h"
#include "trading/ports/message_store.h"

namespace systask::trading {

// Plan 0: nobody knows yet. Order 0: the plan is known, the order is not.
struct Found {
  PlanId plan;
  OrderId order;
};

// Refused where it would be a guess: UNKNOWN_PLAN (the body names a plan that is not
// there), AMBIGUOUS (an order and a leg have this number), CONTRADICTION (the number
// belongs to another plan than the body says). Such a message goes to quarantine. With
// `trust_plan`, an operator's word, the plan that the body names decides between two hits.
Result<Found> find_plan(const Book& book, const Message& message, bool trust_plan = false);

// The key under which a message that must wait is parked.
NumberKey number_key(const Message& message);
NumberKey number_key(const MessageRow& row);

}  // namespace systask::trading
