#include "peers/site/plan_state.h"

#include <algorithm>
#include <boost/json.hpp>

#include "peers/site/body.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "asset.algo.";

std::string key_of(std::int64_t market, const std::string& number) {
  return std::to_string(market) + "/" + number;
}

// A cancel names the order it is about by `cancel_entrust_no` where that is given.
std::string number_in(const json::object& body) {
  std::string number = text_at(body, "cancel_entrust_no");
  return number.empty() ? text_at(body, "entrust_no") : number;
}

void take_off(Order& order, std::int64_t quantity) {
  order.taken_off += std::min(quantity, order.remaining());
  order.cancel_pending = false;
  order.cancel_asked = false;
}

void cancel_rejected(Order& order) {
  order.cancel_pending = false;
  order.cancel_asked = false;
}

// The facts that give a restored order the state it had. Where the page does not say whether
// an order was confirmed, one whose cancel is pending was: nobody cancels what is not.
void restore_facts(Order& order, char state, const json::object& row) {
  order.confirmed = row.contains("confirmed") ? flag_at(row, "confirmed")
                                              : state == '4' || state == '6' || state == 'a';
  order.cancel_pending = state == 'a';
  order.rejected = state == '5';
}

}  // namespace

char Order::state() const {
  if (rejected) return '5';
  if (filled >= quantity) return '7';
  if (filled + taken_off >= quantity) return filled > 0 ? '8' : '9';
  if (cancel_pending) return 'a';
  if (filled > 0) return '6';
  return confirmed ? '4' : '1';
}

bool Order::open() const { return !rejected && filled + taken_off < quantity; }

char Combined::state() const {
  if (rejected) return '5';
  if (cancelled) return '9';
  if (cancel_pending) return 'a';
  return confirmed ? '4' : '1';
}

bool Combined::open() const { return !rejected && !cancelled; }

Result<PlanState> PlanState::from_plan(const json::object& plan) {
  PlanState state;
  state.plan_ = integer_at(plan, "plan");
  const std::string status = text_at(plan, "status");
  state.strategy_ = text_at(plan, "strategy");
  if (state.plan_ <= 0 || status.size() != 1 || state.strategy_.empty())
    return Refusal{"BAD_PLAN",
                   "a plan without `plan`, `status` or `strategy` was pushed; "
                   "it cannot be run"};
  state.status_ = status.front();
  for (const auto& member : object_at(plan, "parameters")) {
    if (!member.value().is_string()) continue;
    state.parameters_[std::string{member.key()}] = std::string{member.value().get_string()};
  }
  for (const auto& row : array_at(plan, "details")) {
    if (!row.is_object()) continue;
    const auto& fields = row.get_object();
    state.details_.push_back({integer_at(fields, "market_no"), text_at(fields, "stock_code"),
                              integer_at(fields, "entrust_direction"),
                              integer_at(fields, "quantity"), integer_at(fields, "ordered"),
                              integer_at(fields, "filled"),
                              parse_amount(text_at(fields, "amount")).value_or(Amount{})});
  }
  return state;
}

void PlanState::restore_order(const json::object& row) {
  Order order;
  order.market = integer_at(row, "market_no");
  order.number = text_at(row, "entrust_no");
  order.algo_ordid = text_at(row, "algo_ordid");
  order.security = text_at(row, "stock_code");
  order.direction = integer_at(row, "entrust_direction");
  order.quantity = integer_at(row, "entrust_amount");
  order.filled = integer_at(row, "filled");
  order.taken_off = integer_at(row, "cancelled");
  const std::string state = text_at(row, "entrust_state");
  restore_facts(order, state.empty() ? '1' : state.front(), row);
  add(std::move(order));
}

void PlanState::restore_combined(const json::object& row) {
  Combined quote;
  quote.market = integer_at(row, "market_no");
  quote.number = text_at(row, "entrust_no");
  quote.buy_number = text_at(row, "buy_entrust_no");
  quote.sell_number = text_at(row, "sell_entrust_no");
  // What its state may hide: a cancel that is rejected later uncovers it.
  quote.cancel_pending = flag_at(row, "cancel_pending");
  quote.confirmed = flag_at(row, "confirmed");
  combined_.push_back(std::move(quote));
  Combined& kept = combined_.back();
  combined_by_number_[key_of(kept.market, kept.number)] = &kept;
}

void PlanState::forget_orders() {
  by_number_.clear();
  by_algo_.clear();
  combined_by_number_.clear();
  orders_.clear();
  combined_.clear();
}

void PlanState::apply(std::string_view topic, const json::object& body) {
  if (!topic.starts_with(kPrefix)) return;
  std::string_view event = topic.substr(kPrefix.size());
  if (event.starts_with("scheme_")) return apply_change(event.substr(7), body);
  if (event.starts_with("cb")) return apply_combined(event, body);
  if (event.starts_with("bank_")) event.remove_prefix(5);  // the same three events
  if (event == "entrust") return placed(body);
  if (event == "realdeal") return filled(body);
  Order* order = order_of(body);
  if (order == nullptr) return;  // ended before the snapshot: nothing of it is kept
  if (event == "entrust_confirm") order->confirmed = true;
  if (event == "entrust_waste") order->rejected = true;
  if (event == "withdraw") order->cancel_pending = order->open();
  if (event == "withdraw_success") {
    const auto quantity = integer_at(body, "cancel_amount");
    take_off(*order, quantity == 0 ? order->remaining() : quantity);
  }
  if (event == "withdraw_waste") cancel_rejected(*order);
}

void PlanState::apply_change(std::string_view change, const json::object& body) {
  if (change == "modify") {
    for (const auto& member : object_at(body, "parameters"))
      if (member.value().is_string())
        parameters_[std::string{member.key()}] = std::string{member.value().get_string()};
    return;
  }
  if (ended()) return;
  if (change == "pause") status_ = '4';
  if (change == "resume") status_ = '7';
  if (change == "cancel") status_ = '9';
  if (change == "expire") status_ = 'g';
}

bool PlanState::ended() const {
  return std::string_view{"abcde"}.find(status_) != std::string_view::npos;
}

void PlanState::accepted(const Order& order) {
  if (find_by_algo(order.algo_ordid) != nullptr) return;
  detail_of(order.market, order.security, order.direction).ordered += order.quantity;
  add(order);
}

void PlanState::placed(const json::object& body) {
  Order* known = order_of(body);
  if (known != nullptr) return;
  Order order;
  order.market = integer_at(body, "market_no");
  order.number = text_at(body, "entrust_no");
  order.algo_ordid = text_at(body, "algo_ordid");
  order.security = text_at(body, "stock_code");
  order.direction = integer_at(body, "entrust_direction");
  order.quantity = integer_at(body, "entrust_amount");
  detail_of(order.market, order.security, order.direction).ordered += order.quantity;
  add(std::move(order));
}

void PlanState::filled(const json::object& body) {
  const auto quantity = integer_at(body, "deal_amount");
  Order* order = order_of(body);
  if (order != nullptr) order->filled += quantity;
  Detail& detail = order != nullptr
                       ? detail_of(order->market, order->security, order->direction)
                       : detail_of(integer_at(body, "market_no"), text_at(body, "stock_code"),
                                   integer_at(body, "entrust_direction"));
  detail.filled += quantity;
  detail.amount.add(price_at(body, "deal_price"), quantity);
  complete_if_filled();
}

void PlanState::complete_if_filled() {
  const bool all = !details_.empty() && std::ranges::all_of(details_, [](const Detail& detail) {
    return detail.quantity > 0 && detail.filled >= detail.quantity;
  });
  // From nowhere else may a plan be completed.
  if (all && std::string_view{"124579g"}.find(status_) != std::string_view::npos) status_ = 'b';
}

void PlanState::apply_combined(std::string_view event, const json::object& body) {
  if (event == "cbentrust") return combined_placed(body);
  const auto market = integer_at(body, "market_no");
  const auto found = combined_by_number_.find(key_of(market, number_in(body)));
  if (found == combined_by_number_.end()) return;
  Combined& quote = *found->second;
  Order* buy = find(market, quote.buy_number);
  Order* sell = find(market, quote.sell_number);
  const auto both = [buy, sell](auto change) {
    if (buy != nullptr) change(*buy);
    if (sell != nullptr) change(*sell);
  };
  // A leg that is not known has ended before the snapshot.
  const auto legs_open = [buy, sell] {
    return (buy != nullptr && buy->open()) || (sell != nullptr && sell->open());
  };
  if (event == "cbentrust_ack") {
    quote.confirmed = true;
    both([](Order& leg) { leg.confirmed = true; });
  } else if (event == "cbentrust_waste") {
    quote.rejected = true;
    both([](Order& leg) { leg.rejected = true; });
  } else if (event == "cbwthdrw") {
    both([](Order& leg) { leg.cancel_pending = leg.open(); });
    quote.cancel_pending = legs_open();
  } else if (event == "cbwthdrwok") {
    const auto off_buy = integer_at(body, "buy_cancel_amount");
    const auto off_sell = integer_at(body, "sell_cancel_amount");
    const bool rest = off_buy == 0 && off_sell == 0;  // no amounts: all of what is left
    if (buy != nullptr) take_off(*buy, rest ? buy->remaining() : off_buy);
    if (sell != nullptr) take_off(*sell, rest ? sell->remaining() : off_sell);
    quote.cancel_pending = false;
    quote.cancelled = !legs_open();
  } else if (event == "cbwthdrw_waste") {
    quote.cancel_pending = false;
    both(cancel_rejected);
  }
}

void PlanState::combined_placed(const json::object& body) {
  const auto market = integer_at(body, "market_no");
  const std::string number = text_at(body, "entrust_no");
  const std::string key = key_of(market, number);
  if (combined_by_number_.contains(key)) return;
  combined_.push_back(
      {market, number, text_at(body, "buy_entrust_no"), text_at(body, "sell_entrust_no")});
  combined_by_number_[key] = &combined_.back();
  add_leg(body, "buy");
  add_leg(body, "sell");
}

void PlanState::add_leg(const json::object& body, const char* side) {
  const std::string prefix = side;
  Order leg;
  leg.market = integer_at(body, "market_no");
  leg.number = text_at(body, prefix + "_entrust_no");
  leg.security = text_at(body, "stock_code");
  leg.direction = prefix == "buy" ? 1 : 2;
  leg.quantity = integer_at(body, prefix + "_entrust_amount");
  if (leg.number.empty() || find(leg.market, leg.number) != nullptr) return;
  detail_of(leg.market, leg.security, leg.direction).ordered += leg.quantity;
  add(std::move(leg));
}

// By number; an order whose number was not known yet by the site's own, which names it.
Order* PlanState::order_of(const json::object& body) {
  const std::string number = number_in(body);
  Order* order = number.empty() ? nullptr : find(integer_at(body, "market_no"), number);
  if (order != nullptr) return order;
  order = find_by_algo(text_at(body, "algo_ordid"));
  if (order != nullptr && order->number.empty()) name_order(*order, number);
  return order;
}

Order* PlanState::find(std::int64_t market, const std::string& number) {
  const auto found = by_number_.find(key_of(market, number));
  return found == by_number_.end() ? nullptr : found->second;
}

Order* PlanState::find_by_algo(const std::string& algo_ordid) {
  if (algo_ordid.empty()) return nullptr;
  const auto found = by_algo_.find(algo_ordid);
  return found == by_algo_.end() ? nullptr : found->second;
}

Order& PlanState::add(Order order) {
  orders_.push_back(std::move(order));
  Order& kept = orders_.back();
  if (!kept.algo_ordid.empty()) by_algo_[kept.algo_ordid] = &kept;
  if (!kept.number.empty()) by_number_[key_of(kept.market, kept.number)] = &kept;
  return kept;
}

void PlanState::name_order(Order& order, const std::string& number) {
  if (number.empty()) return;
  order.number = number;
  by_number_[key_of(order.market, number)] = &order;
}

Detail& PlanState::detail_of(std::int64_t market, const std::string& security,
                             std::int64_t direction) {
  const auto found = std::ranges::find_if(details_, [&](const Detail& detail) {
    return detail.market == market && detail.direction == direction && detail.security == security;
  });
  if (found != details_.end()) return *found;
  return details_.emplace_back(Detail{market, security, direction});
}

}  // namespace systask::peers
