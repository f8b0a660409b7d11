#include "tests/simulation/fold.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace systask::simulation {
namespace {

struct Rule {
  const char* name;
  const char* from;  // statuses in which it may be asked
  char to;           // until the site has answered
};
constexpr Rule kChanges[] = {{"start", "0", '1'},
                             {"pause", "237", '4'},
                             {"resume", "56f", '7'},
                             {"cancel", "1234578f6", '9'},
                             {"expire", "12457f", 'g'}};
// What a site may say has been done, or has failed.
constexpr struct {
  char from;
  const char* to;
} kAnswers[] = {{'1', "2c"},  {'4', "5fc"}, {'7', "2c"}, {'9', "ac"},
                {'g', "dec"}, {'2', "c"},   {'5', "c"},  {'f', "c"}};
constexpr const char* kMayComplete = "124579g";

bool has(const char* set, char c) {
  return std::string_view{set}.find(c) != std::string_view::npos;
}

std::string deal_key(const Report& report) {
  return fmt::format("deal {} {}", report.order, report.deal);
}

bool is_fill(int function) { return function == 402206 || function == 402243; }

}  // namespace

Fold::Fold(PlanNo plan, std::map<std::string, std::string> parameters, TotalKey target,
           std::int64_t quantity)
    : plan_(plan),
      parameters_(std::move(parameters)),
      target_(std::move(target)),
      quantity_(quantity) {}

void Fold::accept(const std::string& algo_ordid, const MarketOrder& asked) {
  by_algo_.emplace(algo_ordid, asked);
}

MarketOrder* Fold::known(const MarketOrder& truth) {
  if (const auto it = orders_.find(truth.key); it != orders_.end()) return &it->second;
  const auto asked = by_algo_.find(truth.algo_ordid);
  if (truth.algo_ordid.empty() || asked == by_algo_.end()) return nullptr;
  MarketOrder order = asked->second;
  order.key = truth.key;
  order.number = truth.number;
  return &orders_.emplace(truth.key, order).first->second;
}

bool Fold::knows_order(const Report& report, const MarketOrder* truth) const {
  if (report.combined) return pairs_.contains(report.order);
  if (orders_.contains(report.order)) return true;
  return truth != nullptr && !truth->algo_ordid.empty() && by_algo_.contains(truth->algo_ordid);
}

bool Fold::applied_before(const Report& report) const {
  return seen_.contains(report.id) ||
         (is_fill(report.function) && seen_.contains(deal_key(report)));
}

void Fold::learn(const MarketOrder& truth) {
  MarketOrder placed = truth;
  placed.confirmed = placed.rejected = placed.cancel_pending = false;
  placed.filled = placed.cancelled = 0;
  orders_.try_emplace(truth.key, std::move(placed));
}

std::string Fold::apply_combined(const Report& report, const std::map<int, MarketOrder>& orders,
                                 const MarketPair& truth) {
  if (report.function == 402238) {
    pairs_.try_emplace(truth.key, MarketPair{truth.key, truth.plan, truth.market, truth.number,
                                             truth.buy, truth.sell});
    learn(orders.at(truth.buy));
    learn(orders.at(truth.sell));
  }
  const auto it = pairs_.find(truth.key);
  if (it == pairs_.end()) return "its combined order is not there";
  MarketPair& pair = it->second;
  MarketOrder& buy = orders_.at(pair.buy);
  MarketOrder& sell = orders_.at(pair.sell);
  switch (report.function) {
    case 402237: pair.confirmed = buy.confirmed = sell.confirmed = true; break;
    case 402233: pair.rejected = buy.rejected = sell.rejected = true; break;
    case 402234:
      pair.cancel_pending = buy.open() || sell.open();
      buy.cancel_pending = buy.open();
      sell.cancel_pending = sell.open();
      break;
    case 402236: pair.cancel_pending = buy.cancel_pending = sell.cancel_pending = false; break;
    case 402235:
      if (report.quantity > buy.rest() || report.sell_quantity > sell.rest())
        return "more is taken off than is open";
      buy.cancelled += report.quantity;
      sell.cancelled += report.sell_quantity;
      pair.cancel_pending = buy.cancel_pending = sell.cancel_pending = false;
      pair.cancelled = !buy.open() && !sell.open();
      break;
    default: break;
  }
  seen_.insert(report.id);
  return "";
}

std::string Fold::apply(const Report& report, const std::map<int, MarketOrder>& orders,
                        const std::map<int, MarketPair>& pairs) {
  if (applied_before(report)) return "it has had its effect before";
  if (report.combined) return apply_combined(report, orders, pairs.at(report.order));
  const MarketOrder& truth = orders.at(report.order);
  if (truth.algo_ordid.empty() && (report.function == 402213 || report.function == 402241))
    learn(truth);
  MarketOrder* const order = known(truth);
  if (order == nullptr) return "its order is not there";
  switch (report.function) {
    case 402208:
    case 402242: order->confirmed = true; break;
    case 402206:
    case 402243:
      if (order->rejected || report.quantity > order->rest()) return "more is filled than is open";
      order->filled += report.quantity;
      seen_.insert(deal_key(report));
      complete_if_filled();
      break;
    case 402207: order->rejected = true; break;
    case 402210: order->cancel_pending = order->open(); break;
    case 402211: order->cancel_pending = false; break;
    case 402212:
      if (order->rejected || report.quantity > order->rest())
        return "more is taken off than is open";
      order->cancelled += report.quantity;
      order->cancel_pending = false;
      break;
    default: break;
  }
  seen_.insert(report.id);
  return "";
}

std::map<Fold::TotalKey, Total> Fold::totals() const {
  std::map<TotalKey, Total> totals;
  totals[target_].quantity = quantity_;
  for (const auto& [algo, order] : by_algo_)
    totals[{order.market, order.security, order.side}].ordered += order.quantity;
  for (const auto& [key, order] : orders_) {
    Total& total = totals[{order.market, order.security, order.side}];
    if (order.algo_ordid.empty()) total.ordered += order.quantity;
    total.filled += order.filled;
  }
  return totals;
}

void Fold::complete_if_filled() {
  const auto all = totals();
  if (std::ranges::any_of(all, [](const auto& entry) {
        return entry.second.quantity == 0 || entry.second.filled < entry.second.quantity;
      }))
    return;
  std::set<char> after;
  for (const char status : with_answers())
    after.insert(has(kMayComplete, status) ? 'b' : status);
  statuses_ = std::move(after);
}

std::set<char> Fold::with_answers() const {
  std::set<char> all = statuses_;
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [from, to] : kAnswers)
      if (all.contains(from))
        for (const char* next = to; *next != 0; ++next)
          grown |= all.insert(*next).second;
  }
  return all;
}

void Fold::change(const std::string& name, const std::map<std::string, std::string>& parameters) {
  for (const auto& [key, value] : parameters)
    parameters_[key] = value;
  std::set<char> after;
  for (const Rule& rule : kChanges)
    if (name == rule.name)
      for (const char status : with_answers())
        if (has(rule.from, status)) after.insert(rule.to);
  if (!after.empty()) statuses_ = std::move(after);
}

bool Fold::may_be_refused(const std::string& name) const {
  for (const Rule& rule : kChanges)
    if (name == rule.name)
      return std::ranges::any_of(with_answers(), [&](char s) { return !has(rule.from, s); });
  return std::ranges::any_of(with_answers(), [](char s) { return has("abcde", s); });
}

bool Fold::status_is_possible(char status, bool answers) const {
  return answers ? with_answers().contains(status) : statuses_.contains(status);
}

std::string Fold::digest_text(char status) const {
  std::string text = fmt::format("plan {}\nstatus {}\n", plan_, status);
  for (const auto& [key, value] : parameters_)
    text += fmt::format("parameter {}={}\n", key, value);
  for (const auto& [key, total] : totals())
    text += fmt::format("total {} {} {} {} {} {}\n", std::get<0>(key), std::get<1>(key),
                        std::get<2>(key), total.ordered, total.filled, total.filled * kPrice);
  using Line = std::tuple<int, std::string, std::string, std::string>;
  const auto or_dash = [](const std::string& s) { return s.empty() ? std::string{"-"} : s; };
  std::vector<Line> lines;
  const auto add = [&](const MarketOrder& o, const std::string& algo) {
    lines.emplace_back(o.market, or_dash(o.number), or_dash(algo),
                       fmt::format("open {} {} {} {} {} {} {}\n", o.market, or_dash(o.number),
                                   or_dash(algo), o.side, o.quantity, o.filled, o.state()));
  };
  std::set<std::string> at_market;
  for (const auto& [key, order] : orders_) {
    at_market.insert(order.algo_ordid);
    if (order.open()) add(order, order.algo_ordid);
  }
  for (const auto& [algo, order] : by_algo_)
    if (!at_market.contains(algo)) add(order, algo);
  std::ranges::sort(lines);
  for (const Line& line : lines)
    text += std::get<3>(line);
  std::vector<std::tuple<int, std::string, char>> quotes;
  for (const auto& [key, pair] : pairs_)
    if (pair.open()) quotes.emplace_back(pair.market, pair.number, pair.state());
  std::ranges::sort(quotes);
  for (const auto& [market, number, state] : quotes)
    text += fmt::format("combined {} {} {}\n", market, number, state);
  return text;
}

}  // namespace systask::simulation
