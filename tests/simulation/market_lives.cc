// The lives of the Market's orders, and how each step of them is reported.
#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/market.h"
#include "trading/message.h"

namespace systask::simulation {
namespace {

using Fields = std::map<std::string, std::string>;

std::string body_of(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += fmt::format(R"({}"{}":"{}")", body.empty() ? "{" : ",", name, value);
  return body + "}";
}

}  // namespace

void Market::trade() {
  if (!trading_) return;
  agenda_.after(Micros{dice_.between(5'000, 250'000)}, [this] { trade(); });
  if (!open_()) return;
  const auto what = dice_.below(100);
  if (what < 12) return new_order();
  if (what < 16) return new_pair();
  if (what < 22) return misreport();
  std::vector<int> open;
  for (const auto& [key, order] : orders_)
    if (order.open() && order.pair == 0) open.push_back(key);
  std::vector<int> pairs;
  for (const auto& [key, pair] : pairs_)
    if (pair.open()) pairs.push_back(key);
  if (!pairs.empty() && dice_.one_in(4)) return advance(pairs_.at(dice_.any_of(pairs)));
  if (!open.empty()) advance(orders_.at(dice_.any_of(open)));
}

std::string Market::new_number(int market) { return fmt::to_string(++numbers_[market]); }

void Market::new_order() {
  MarketOrder order;
  order.key = ++keys_;
  order.plan = any_plan();
  order.market = 1 + static_cast<int>(order.plan % 2);
  order.security = fmt::format("60000{}", order.plan);
  order.side = 1;
  order.quantity = dice_.between(1, 5) * 100;
  order.number = new_number(order.market);
  order.bank = dice_.one_in(10);
  const MarketOrder& kept = orders_.emplace(order.key, std::move(order)).first->second;
  say(about(kept.bank ? 402241 : 402213, kept), {}, true);
  // Sometimes the confirmation overtakes the placement: its order is not known then.
  auto& ids = queues_[kept.key];
  if (dice_.one_in(3)) {
    advance(orders_.at(kept.key));
    if (ids.size() == 2) std::swap(ids[0], ids[1]);
  }
}

void Market::new_pair() {
  MarketPair pair;
  pair.key = ++keys_;
  pair.plan = any_plan();
  pair.market = 1 + static_cast<int>(pair.plan % 2);
  // Its own number is one that an order of this market has, too: another name space.
  pair.number = fmt::to_string(1 + pairs_.size());
  const std::int64_t quantity = dice_.between(1, 3) * 100;
  for (const int side : {1, 2}) {
    MarketOrder leg;
    leg.key = ++keys_;
    leg.plan = pair.plan;
    leg.market = pair.market;
    leg.security = fmt::format("60000{}", pair.plan);
    leg.side = side;
    leg.quantity = quantity;
    leg.number = new_number(leg.market);
    leg.pair = pair.key;
    (side == 1 ? pair.buy : pair.sell) = leg.key;
    orders_.emplace(leg.key, std::move(leg));
  }
  const MarketPair& kept = pairs_.emplace(pair.key, std::move(pair)).first->second;
  say(about(402238, kept),
      {{"buy_entrust_no", orders_.at(kept.buy).number},
       {"sell_entrust_no", orders_.at(kept.sell).number},
       {"buy_entrust_price", fmt::to_string(kPrice)},
       {"sell_entrust_price", fmt::to_string(kPrice)},
       {"buy_entrust_amount", fmt::to_string(quantity)},
       {"sell_entrust_amount", fmt::to_string(quantity)},
       {"stock_code", orders_.at(kept.buy).security}},
      true);
  if (dice_.one_in(3)) {  // a leg is filled before anybody knows of it
    fill(orders_.at(kept.sell));
    auto& ids = queues_[kept.key];
    if (ids.size() == 2) std::swap(ids[0], ids[1]);
  }
}

void Market::advance(MarketOrder& order) {
  if (!order.confirmed && dice_.percent(60)) {
    order.confirmed = true;
    return say(about(order.bank ? 402242 : 402208, order), {}, dice_.one_in(2));
  }
  if (!order.bank && order.filled == 0 && !order.cancel_pending && dice_.one_in(15)) {
    order.rejected = true;
    return say(about(402207, order), {{"revoke_cause", "price"}}, false);
  }
  if (!order.bank && dice_.one_in(8)) return cancel(order);
  fill(order);
}

void Market::advance(MarketPair& pair) {
  MarketOrder& buy = orders_.at(pair.buy);
  MarketOrder& sell = orders_.at(pair.sell);
  const auto what = dice_.below(10);
  if (!pair.confirmed) {
    pair.confirmed = buy.confirmed = sell.confirmed = true;
    return say(about(402237, pair), {}, dice_.one_in(2));
  }
  if (what == 0 && buy.filled == 0 && sell.filled == 0 && buy.cancelled + sell.cancelled == 0) {
    pair.rejected = buy.rejected = sell.rejected = true;
    return say(about(402233, pair), {{"revoke_cause", "quote"}}, false);
  }
  if (what == 1 && !pair.cancel_pending && (buy.open() || sell.open())) {
    pair.cancel_pending = true;
    buy.cancel_pending = buy.open();
    sell.cancel_pending = sell.open();
    return say(about(402234, pair), {}, false);
  }
  if (what == 2 && pair.cancel_pending) {
    pair.cancel_pending = buy.cancel_pending = sell.cancel_pending = false;
    return say(about(402236, pair), {{"revoke_cause", "late"}}, false);
  }
  if (what <= 4 && (buy.open() || sell.open())) {  // both legs, or one of them
    Report report = about(402235, pair);
    const auto off = dice_.below(3);
    report.quantity = off == 1 ? 0 : buy.rest();
    report.sell_quantity = off == 2 ? 0 : sell.rest();
    if (report.quantity + report.sell_quantity == 0) return;
    buy.cancelled += report.quantity;
    sell.cancelled += report.sell_quantity;
    pair.cancel_pending = buy.cancel_pending = sell.cancel_pending = false;
    pair.cancelled = !buy.open() && !sell.open();
    const Fields fields{{"buy_cancel_amount", fmt::to_string(report.quantity)},
                        {"sell_cancel_amount", fmt::to_string(report.sell_quantity)}};
    return say(std::move(report), fields, false);
  }
  MarketOrder& leg = dice_.one_in(2) ? buy : sell;
  if (leg.open()) fill(leg);
}

void Market::fill(MarketOrder& order) {
  Report report = about(order.bank ? 402243 : 402206, order);
  report.quantity = dice_.one_in(2) ? order.rest() : dice_.between(1, order.rest());
  report.deal = fmt::format("D{}", ++deals_);
  order.filled += report.quantity;
  const Fields fields{{"deal_no", report.deal},
                      {"deal_price", fmt::to_string(kPrice)},
                      {"deal_amount", fmt::to_string(report.quantity)}};
  if (dice_.one_in(8)) {  // the feed says it again, under another id
    report.fate = Fate::kOneOfDeal;
    Report again = report;
    say(std::move(again), fields, dice_.one_in(3));
  }
  say(std::move(report), fields, dice_.one_in(3));
}

void Market::cancel(MarketOrder& order) {
  if (!order.open() || order.cancel_pending || order.bank || order.pair != 0) return;
  order.cancel_pending = true;
  const Fields name{{"cancel_entrust_no", order.number}};
  say(about(402210, order), name, dice_.one_in(3));
  if (dice_.one_in(4)) fill(order);
  if (!order.open()) {
    order.cancel_pending = false;
    return;
  }
  Report end = about(dice_.one_in(4) ? 402211 : 402212, order);
  order.cancel_pending = false;
  Fields fields = name;
  if (end.function == 402212) {
    end.quantity = order.rest();
    order.cancelled += end.quantity;
    fields["cancel_amount"] = fmt::to_string(end.quantity);
  } else {
    fields["revoke_cause"] = "too late";
  }
  say(std::move(end), fields, false);
}

// What must not be believed, and what needs no recovery.
void Market::misreport() {
  const auto what = dice_.below(4);
  if (what == 0) {  // an approval
    MarketOrder nothing;
    nothing.plan = any_plan();
    Report report = about(402251, nothing);
    report.fate = Fate::kPass;
    return say(std::move(report), {{"entrust_no", "A"}}, true);
  }
  if (orders_.empty()) return;
  auto it = orders_.begin();
  std::advance(it, dice_.below(static_cast<std::int64_t>(orders_.size())));
  MarketOrder wrong = it->second;
  if (!queues_[wrong.pair != 0 ? wrong.pair : wrong.key].empty()) return;
  Report report = about(402206, wrong);
  report.quantity = 1'000'000;
  report.deal = fmt::format("X{}", ++deals_);
  report.fate = Fate::kQuarantine;
  Fields fields{{"deal_no", report.deal},
                {"deal_price", fmt::to_string(kPrice)},
                {"deal_amount", fmt::to_string(report.quantity)}};
  if (what == 1) {  // an order that nobody placed
    report.fate = Fate::kNoOrder;
    fields["entrust_no"] = fmt::format("N{}", ids_);
  } else if (what == 2) {  // of a day that is closed
    fields["business_date"] = "20200102";
  }
  say(std::move(report), fields, false);
}

void Market::last_words() {
  for (auto& [key, order] : orders_)
    if (order.open() && dice_.one_in(2)) fill(order);
}

void Market::say_late() {
  for (auto& [key, order] : orders_) {
    Report report = about(402206, order);
    report.quantity = 1;
    report.deal = fmt::format("X{}", ++deals_);
    report.fate = Fate::kQuarantine;
    const std::string deal = report.deal;
    return say(std::move(report), {{"deal_no", deal}, {"deal_price", "10"}, {"deal_amount", "1"}},
               false);
  }
}

// --- reports ---

Report Market::about(int function, const MarketOrder& order) {
  Report report;
  report.function = function;
  report.order = order.key;
  return report;
}

Report Market::about(int function, const MarketPair& pair) {
  Report report;
  report.function = function;
  report.order = pair.key;
  report.combined = true;
  return report;
}

// `named`: the body says the plan, and the site's own number of the order.
void Market::say(Report report, Fields fields, bool named) {
  const trading::Function& function = *trading::find_function(report.function);
  const bool known = report.combined || orders_.contains(report.order);
  const MarketOrder none;
  const MarketOrder& order = !report.combined && known ? orders_.at(report.order) : none;
  report.id = fmt::format("m{}", ++ids_);
  Fields all{{"message_id", report.id},
             {"function_no", fmt::to_string(report.function)},
             {"business_date", date_},
             {"entrust_no", report.combined ? pairs_.at(report.order).number : order.number},
             {"market_no",
              fmt::to_string(report.combined ? pairs_.at(report.order).market : order.market)}};
  if (!report.combined && known) {
    all["stock_code"] = order.security;
    all["entrust_direction"] = fmt::to_string(order.side);
    all["entrust_price"] = fmt::to_string(kPrice);
    all["entrust_amount"] = fmt::to_string(order.quantity);
  }
  const PlanNo plan = report.combined ? pairs_.at(report.order).plan : order.plan;
  if (named && plan != 0) all["scheme_id"] = fmt::to_string(plan);
  if (named && !order.algo_ordid.empty()) all["algo_ordid"] = order.algo_ordid;
  for (const auto& [name, value] : fields)
    all[name] = value;
  report.topic = function.topic_in;
  report.body = body_of(all);
  journal_.say("the order system has {} ({}) of {} {}", report.id, function.name,
               report.combined ? "pair" : "order", all["entrust_no"]);
  const int line = report.combined ? report.order : order.pair != 0 ? order.pair : report.order;
  const std::string id = report.id;
  reports_.emplace(id, std::move(report));
  queue(line, id);
}

}  // namespace systask::simulation
