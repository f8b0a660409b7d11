// The Market's connection: reports in flight, orders taken.
#include "tests/simulation/market.h"

#include <boost/json.hpp>

#include "tests/simulation/service.h"

namespace systask::simulation {

namespace json = boost::json;

Market::Market(Agenda& agenda, Network& network, Service& service, Journal& journal, Dice dice)
    : agenda_(agenda), network_(network), service_(service), journal_(journal), dice_(dice) {}

void Market::begin(PlanNo plans, const std::string& date, std::function<bool()> open) {
  open_ = std::move(open);
  plans_ = plans;
  date_ = date;
  connect();
  agenda_.after(Micros{10'000}, [this] { trade(); });
  agenda_.after(Micros{10'000}, [this] { publish(); });
}

void Market::connect() {
  if (!service_.up()) {
    agenda_.after(Micros{dice_.between(20'000, 200'000)}, [this] { connect(); });
    return;
  }
  link_ = network_.connect("the order system", awake_);
  link_->peer_closed = [this, link = link_] { lost(link); };
  logged_in_ = false;
  service_.order_system_logs_in(
      link_,
      [this, link = link_] {
        if (link != link_) return;
        logged_in_ = true;
        taken_ = {};
        journal_.say("the order system is logged in; it sends again {} reports", unacked_.size());
        for (const std::string& id : unacked_)
          send(id);
      },
      [this, link = link_](const trading::OutRow& row) {
        if (link == link_) on_out(row);
      });
}

void Market::disconnect() {
  if (link_ && link_->peer_open) network_.cut(link_);
}

void Market::lost(const LinkPtr& link) {
  if (link != link_) return;
  logged_in_ = false;
  agenda_.after(Micros{dice_.between(20'000, 300'000)}, [this] { connect(); });
}

// --- reports ---

void Market::publish() {
  agenda_.after(Micros{dice_.between(1'000, 60'000)}, [this] { publish(); });
  if (!logged_in_) return;
  std::vector<int> waiting;
  for (const auto& [key, ids] : queues_)
    if (!ids.empty()) waiting.push_back(key);
  for (auto n = dice_.between(1, 4); n > 0 && !waiting.empty(); --n) {
    const int key = dice_.any_of(waiting);
    auto& ids = queues_[key];
    if (ids.empty()) continue;
    unacked_.push_back(ids.front());
    send(ids.front());
    said_.push_back(ids.front());
    ids.pop_front();
  }
  if (trading_ && !said_.empty() && dice_.one_in(12)) {
    const std::string id = dice_.any_of(said_);
    journal_.say("the order system says {} once more", id);
    unacked_.push_back(id);
    send(id);
  }
}

void Market::send(const std::string& id) {
  Report& report = reports_.at(id);
  ++report.published;
  service_.publish(link_, report, [this, link = link_, id] {
    if (link != link_) return;
    // Acknowledgements come in the order of the publications of this connection.
    reports_.at(id).acked = true;
    if (!unacked_.empty() && unacked_.front() == id)
      unacked_.pop_front();
    else
      std::erase(unacked_, id);
  });
}

void Market::queue(int queue, const std::string& id) { queues_[queue].push_back(id); }

bool Market::all_said() const {
  if (!unacked_.empty() || !logged_in_) return false;
  for (const auto& [key, ids] : queues_)
    if (!ids.empty()) return false;
  return true;
}

// --- orders ---

void Market::on_out(const trading::OutRow& row) {
  if (row.no <= taken_)
    journal_.breach("R9", "outbox number {} was sent after {} on one connection", row.no.value(),
                    taken_.value());
  taken_ = row.no;
  row.topic == "stp.order.place" ? take_order(row) : take_cancel(row);
  // Now and then it is late, and acknowledged with others.
  agenda_.after(Micros{dice_.between(0, dice_.one_in(3) ? 1'000'000 : 50'000)},
                [this, link = link_, no = row.no] {
                  if (link == link_) service_.orders_acknowledged(link, no);
                });
}

void Market::take_order(const trading::OutRow& row) {
  const std::pair key{row.plan.value(), row.algo_ordid};
  const auto [body, first] = placed_body_.try_emplace(key, row.body);
  if (!first) {
    journal_.say("order {} of plan {} came again: dropped", row.algo_ordid, row.plan.value());
    if (body->second != row.body)
      journal_.breach("R9", "order {} of plan {} came again with another body", row.algo_ordid,
                      row.plan.value());
    return;
  }
  const json::object fields = json::parse(row.body).as_object();
  MarketOrder order;
  order.key = ++keys_;
  order.plan = row.plan.value();
  order.market = static_cast<int>(fields.at("market_no").as_int64());
  order.security = std::string{fields.at("stock_code").as_string()};
  order.side = static_cast<int>(fields.at("entrust_direction").as_int64());
  order.quantity = fields.at("entrust_amount").as_int64();
  order.algo_ordid = row.algo_ordid;
  order.number = new_number(order.market);
  journal_.say("order {} of plan {} is at the market as {}/{}", order.algo_ordid, order.plan,
               order.market, order.number);
  by_algo_[key] = order.key;
  const MarketOrder& kept = orders_.emplace(order.key, std::move(order)).first->second;
  say(about(402213, kept), {}, true);
}

void Market::take_cancel(const trading::OutRow& row) {
  const json::object fields = json::parse(row.body).as_object();
  if (!cancels_.insert(std::string{fields.at("cancel_no").as_string()}).second) return;
  const auto known = by_algo_.find({row.plan.value(), row.algo_ordid});
  if (known != by_algo_.end()) cancel(orders_.at(known->second));
}

const MarketOrder* Market::order_of(PlanNo plan, const std::string& algo_ordid) const {
  const auto it = by_algo_.find({plan, algo_ordid});
  return it == by_algo_.end() ? nullptr : &orders_.at(it->second);
}

}  // namespace systask::simulation
