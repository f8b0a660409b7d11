// What clients ask, and its refusal: D, E, F, G, K, N, 9.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "peers/flow/fix/translator.h"

namespace systask::peers::flow::fix {
namespace {

constexpr std::string_view kRepeats = "repeats of what the log said before";

}  // namespace

void Translator::new_order(const Fields& f) {
  if (!f.has(tag::kClOrdId)) return left_out("orders without ClOrdID (11)");
  if (said_before(f)) return noted(kRepeats);
  begin(f, f.quantity(tag::kOrderQty));
}

// The ClOrdID of an order may come again when that has ended, and on another day for another
// order, whose forerunner ended with its day. A log that is said twice has the same requests twice.
bool Translator::said_before(const Fields& f) {
  const auto known = orders_.find(client_name(session_, f.text(tag::kClOrdId)));
  const bool again = orders_.began_by(session_, f);
  if (known.life == nullptr) return again || (known.ended && is_resent(f));
  if (again || is_resent(f)) return true;
  if (day_ == known.life->day) {
    known.life->asked_again = true;
    return true;
  }
  noted("orders still open when their ClOrdID (11) came again on another day, for another order");
  orders_.end(*known.life);
  return false;
}

void Translator::new_list(const Parsed& message, const Fields& f) {
  const std::string list = client_name(session_, f.text(tag::kListId));
  for (const FieldList& entry : message.orders) {
    const Fields order{entry, &message.fields};
    if (!order.has(tag::kClOrdId)) {
      left_out("orders without ClOrdID (11)");
      continue;
    }
    if (said_before(order)) {
      noted(kRepeats);
      continue;
    }
    Life* const life = begin(order, order.quantity(tag::kOrderQty));
    if (life != nullptr) orders_.add_to_list(list, *life);
  }
  if (message.orders.empty()) left_out("lists without orders (73)");
}

void Translator::cancel_or_replace(const Fields& f, bool replaces) {
  const std::string name = client_name(session_, f.text(tag::kClOrdId));
  const auto known = f.has(tag::kClOrdId) ? orders_.find(name) : Orders::Found{};
  // A request with the very ClOrdID of its order is not what FIX asks for, but is seen.
  const bool own = f.text(tag::kClOrdId) == f.text(tag::kOrigClOrdId);
  if (!own && (known.life != nullptr || known.ended)) return noted(kRepeats);
  const auto found = orders_.find(session_, f);
  const bool filled = found.life != nullptr && found.life->rest() == 0;  // and awaits an answer
  if (found.life == nullptr || filled)
    return left_out(found.ended || filled ? "requests about orders that had ended"
                                          : "requests about orders that the log never placed");
  if (found.life->given_up) return left_out("messages about orders given up before");
  ask(*found.life, {std::string{f.text(tag::kClOrdId)}, replaces,
                    replaces ? f.quantity(tag::kOrderQty) : std::nullopt,
                    replaces ? f.price(tag::kPrice) : std::nullopt});
  orders_.name(*found.life, session_, f);
}

void Translator::ask(Life& life, Ask ask) {
  life.asked.push_back(std::move(ask));
  emit(cancel_requested_report(life, time_));
}

void Translator::cancel_list(const Fields& f) {
  const auto open = orders_.open_of_list(client_name(session_, f.text(tag::kListId)));
  if (open.empty()) return left_out("cancels of lists that have no open order");
  for (Life* const life : open)
    if (!life->given_up && !life->cancel_pending) ask(*life, {});
}

void Translator::cancel_rejected(const Fields& f) {
  const auto found = orders_.find(session_, f);
  if (found.life == nullptr)
    return left_out(found.ended ? "cancel rejects of orders that had ended"
                                : "cancel rejects of orders that the log never placed");
  Life& life = *found.life;
  if (life.given_up) return left_out("messages about orders given up before");
  if (life.rest() == 0) {  // it was filled, and waited for this answer
    orders_.end(life);
    return left_out("cancel rejects of orders that had ended");
  }
  const auto id = f.text(tag::kClOrdId);
  const bool named = !id.empty() && orders_.find(client_name(session_, id)).life == &life;
  const auto asked = std::ranges::find(life.asked, id, &Ask::id);
  if (asked == life.asked.end() && named) return noted(kRepeats);
  if (asked != life.asked.end()) life.asked.erase(asked);
  orders_.name(life, session_, f);
  emit(cancel_rejected_report(life, time_, cause_of(f, tag::kCxlRejReason, "CxlRejReason")));
}

// What the single orders' executions say as well, as a rule: so only what needs no fill.
void Translator::list_status(const Parsed& message, const Fields& f) {
  for (const FieldList& entry : message.orders) {
    const Fields order{entry, &message.fields};
    const auto found = orders_.find(session_, order);
    if (found.life == nullptr && !found.ended) left_out("list statuses of orders never placed");
    if (found.life == nullptr || found.life->given_up) continue;
    const char status = order.character(tag::kOrdStatus);
    if (status == '1' || status == '2') {
      if (order.quantity(tag::kCumQty).value_or(0) > found.life->known_cum())
        noted("list statuses ahead of the executions, which count");
    } else if (status == '0' || status == '8' || status == '4' || status == 'C') {
      carry_out(*found.life, order, status);
    }
  }
  if (message.orders.empty() && !f.has(tag::kListId)) left_out("list statuses without orders");
}

}  // namespace systask::peers::flow::fix
