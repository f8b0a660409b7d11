#include "trading/order_entry.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "trading/applier.h"
#include "trading/book.h"
#include "trading/decimal.h"
#include "trading/identifiers.h"
#include "trading/limits.h"
#include "trading/line.h"
#include "trading/orders_out.h"
#include "trading/plan_bound.h"
#include "trading/recovery.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestAlgoOrdid = 64;

Refusal bad(std::string message) { return {"BAD_REQUEST", std::move(message)}; }

Result<void> valid(const SiteRequest& who, const OrderRequest& request) {
  const std::string prefix = fmt::format("{}-", who.epoch.value());
  if (!request.algo_ordid.starts_with(prefix) || request.algo_ordid.size() <= prefix.size() ||
      !is_identifier(request.algo_ordid, kLongestAlgoOrdid))
    return bad(fmt::format("algo_ordid: found '{}', expected {}ANYTHING, {}",
                           std::string_view{request.algo_ordid}.substr(0, kLongestAlgoOrdid),
                           prefix, identifier_form(kLongestAlgoOrdid)));
  if (request.market.value() <= 0) return bad("market_no: expected a number above 0");
  if (!is_identifier(request.security)) return bad(not_identifier("stock_code", request.security));
  if (request.quantity <= 0 || request.quantity > kMostQuantity)
    return bad(
        fmt::format("entrust_amount: found {}, expected 1 to {}", request.quantity, kMostQuantity));
  if (request.price.value() <= 0 || request.price > kHighestPrice)
    return bad(
        fmt::format("entrust_price: found {}, expected the order's limit, above 0 and at "
                    "most {}",
                    format_ticks(request.price.value()), format_ticks(kHighestPrice.value())));
  if (!amount_of(request.price, request.quantity))
    return bad(fmt::format(
        "entrust_price times entrust_amount: found {} times {}, expected at "
        "most {}",
        format_ticks(request.price.value()), request.quantity, format_ticks(INT64_MAX)));
  return {};
}

bool same_order(const Order& order, const OrderRequest& request) {
  return order.market == request.market && order.security == request.security &&
         order.side == request.side && order.price == request.price &&
         order.quantity == request.quantity;
}

std::string order_body(const Order& order) {
  return json::serialize(json::object{{"scheme_id", order.plan.value()},
                                      {"algo_ordid", order.algo_ordid},
                                      {"business_date", order.date.value()},
                                      {"market_no", order.market.value()},
                                      {"stock_code", order.security},
                                      {"entrust_direction", static_cast<int>(order.side)},
                                      {"entrust_price", format_ticks(order.price.value())},
                                      {"entrust_amount", order.quantity}});
}

std::string cancel_body(const Order& order, OutNo no) {
  return json::serialize(json::object{{"scheme_id", order.plan.value()},
                                      {"algo_ordid", order.algo_ordid},
                                      {"business_date", order.date.value()},
                                      {"market_no", order.market.value()},
                                      {"entrust_no", order.number},
                                      {"cancel_no", fmt::to_string(no.value())}});
}

OutRow out_row(Turn& turn, const Order& order, std::string_view topic) {
  OutRow row;
  row.no = OutNo{turn.book.new_out_no()};
  row.topic = topic;
  row.plan = order.plan;
  row.algo_ordid = order.algo_ordid;
  row.created_at = turn.now;
  return row;
}

// The book said yes and the database says no: somebody else changed the plan.
std::runtime_error fence_broken(const SiteRequest& who) {
  return std::runtime_error{fmt::format("plan {} is not in epoch {} in the database",
                                        who.plan.value(), who.epoch.value())};
}

}  // namespace

Result<const Plan*> OrderEntry::open_for_orders(const Turn& turn, const SiteRequest& who,
                                                bool placing) {
  const auto found = recovery_.fenced(turn, who);
  if (found.has_error()) return found.error();
  const Plan& plan = **found;
  if (plan.status == PlanStatus::kAbnormal)
    return Refusal{"RECOVERING",
                   fmt::format("plan {} is being taken over: wait for finish", plan.id.value())};
  const bool may_place =
      plan.status == PlanStatus::kRunning || plan.status == PlanStatus::kResuming;
  if (placing ? !may_place : ended(plan.status))
    return Refusal{"PLAN_NOT_RUNNING",
                   fmt::format("plan {} is {}: it takes no {}", plan.id.value(),
                               name_of(plan.status), placing ? "orders" : "cancels")};
  return &plan;
}

Result<bool> OrderEntry::place(Turn& turn, const SiteRequest& who, const OrderRequest& request) {
  const auto open = open_for_orders(turn, who, true);
  if (open.has_error()) return open.error();
  if (const OrderId* const known = turn.book.by_algo.find({who.plan, request.algo_ordid})) {
    if (same_order(*turn.book.orders.find(*known), request)) return true;  // its answer was lost
    return Refusal{"DUPLICATE_ORDER", fmt::format("algo_ordid {} of plan {} is another order's",
                                                  request.algo_ordid, who.plan.value())};
  }
  if (const auto checked = valid(who, request); checked.has_error()) return checked.error();

  if (const auto within = within_plan(turn.book, **open, request); within.has_error())
    return within.error();
  if (!can_order(*turn.book.plans.find(who.plan), request.market, request.security, request.side,
                 request.quantity))
    return Refusal{"BAD_REQUEST",
                   fmt::format("entrust_amount: with {} more, what plan {} ordered "
                               "of {} does not fit 64 bits",
                               request.quantity, who.plan.value(), request.security)};

  Order order;
  order.id = turn.book.new_order_id();
  order.plan = who.plan;
  order.date = turn.book.open_date();
  order.market = request.market;
  order.security = request.security;
  order.side = request.side;
  order.price = request.price;
  order.quantity = request.quantity;
  order.algo_ordid = request.algo_ordid;
  order.epoch = who.epoch;
  if (!stores_.orders.insert(turn.work, order, who.epoch)) throw fence_broken(who);
  OutRow row = out_row(turn, order, "stp.order.place");
  row.body = order_body(order);
  if (!stores_.outbox.add(turn.work, row, who.epoch)) throw fence_broken(who);

  Plan& plan = turn.book.plans.edit(who.plan);
  applier_.add_ordered(turn, plan, order);
  turn.book.by_algo.put({order.plan, order.algo_ordid}, order.id);
  const OrderId id = order.id;
  turn.book.orders.put(id, std::move(order));
  out_.send(turn, std::move(row));
  return true;
}

Result<bool> OrderEntry::cancel(Turn& turn, const SiteRequest& who, const OrderName& name) {
  const auto open = open_for_orders(turn, who, false);
  if (open.has_error()) return open.error();
  OrderId id;
  if (!name.algo_ordid.empty()) {
    if (const OrderId* const found = turn.book.by_algo.find({who.plan, name.algo_ordid}))
      id = *found;
  } else {
    const NumberKey key{(*open)->date, name.market, NumberSpace::kOrder, name.number};
    if (const OrderNumber* const found = turn.book.numbers.find(key)) id = found->order;
  }
  const Order* const order = turn.book.orders.find(id);
  if (order == nullptr || order->plan != who.plan)
    return Refusal{"NO_SUCH_ORDER", fmt::format("plan {} has no order {}{}", who.plan.value(),
                                                name.algo_ordid, name.number)};
  if (!order->open())
    return Refusal{"ORDER_CLOSED", fmt::format("order {}{} of plan {} has ended", name.algo_ordid,
                                               name.number, who.plan.value())};
  OutRow row = out_row(turn, *order, "stp.order.cancel");
  row.body = cancel_body(*order, row.no);
  if (!stores_.outbox.add(turn.work, row, who.epoch)) throw fence_broken(who);
  out_.send(turn, std::move(row));
  return true;
}

}  // namespace systask::trading
