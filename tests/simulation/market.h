// The Market is the simulated order system: it takes the sites' orders, has orders and combined
// orders of its own, gives each a life, and reports everything: late, early, twice, under a
// second id, or with a mistake in it. Whatever it publishes and whatever is true is kept here
// for the Observer. It speaks docs/protocol.md, section 8. One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/network.h"
#include "tests/simulation/truth.h"
#include "trading/ports/outbox.h"

namespace systask::simulation {

class Service;

class Market {
 public:
  Market(Agenda& agenda, Network& network, Service& service, Journal& journal, Dice dice);

  // It trades as soon as `open` says that the plans are there.
  void begin(PlanNo plans, const std::string& date, std::function<bool()> open);
  void stop_trading() { trading_ = false; }  // reports what there is, and begins nothing
  void disconnect();                         // its connection breaks
  void last_words();                         // of the day: what is still open is filled
  void say_late();                           // of the day before: must not be believed

  [[nodiscard]] bool all_said() const;
  [[nodiscard]] const std::map<std::string, Report>& reports() const { return reports_; }
  [[nodiscard]] const std::map<int, MarketOrder>& orders() const { return orders_; }
  [[nodiscard]] const std::map<int, MarketPair>& pairs() const { return pairs_; }
  [[nodiscard]] const MarketOrder* order_of(PlanNo plan, const std::string& algo_ordid) const;

 private:
  // Connection and publications.
  void connect();
  void lost(const LinkPtr& link);
  void publish();
  void send(const std::string& id);
  void on_out(const trading::OutRow& row);
  void take_order(const trading::OutRow& row);
  void take_cancel(const trading::OutRow& row);
  // Lives of orders.
  void trade();
  void new_order();
  void new_pair();
  void advance(MarketOrder& order);
  void advance(MarketPair& pair);
  void fill(MarketOrder& order);
  void cancel(MarketOrder& order);
  void misreport();
  std::string new_number(int market);
  PlanNo any_plan() { return dice_.between(1, plans_); }
  // Reports.
  Report about(int function, const MarketOrder& order);
  Report about(int function, const MarketPair& pair);
  void say(Report report, std::map<std::string, std::string> fields, bool named);
  void queue(int queue, const std::string& id);

  Agenda& agenda_;
  Network& network_;
  Service& service_;
  Journal& journal_;
  Dice dice_;
  PlanNo plans_ = 0;
  std::string date_;
  bool trading_ = true;
  std::function<bool()> open_;

  std::map<int, MarketOrder> orders_;
  std::map<int, MarketPair> pairs_;
  int keys_ = 0;
  std::map<std::pair<PlanNo, std::string>, int> by_algo_;
  std::map<std::pair<PlanNo, std::string>, std::string> placed_body_;
  std::set<std::string> cancels_;
  std::map<int, int> numbers_;
  int deals_ = 0;
  int ids_ = 0;

  std::map<std::string, Report> reports_;
  std::map<int, std::deque<std::string>> queues_;  // ids, by order: said in order
  std::vector<std::string> said_;                  // for saying it again
  std::deque<std::string> unacked_;                // in the order of publication
  LinkPtr link_;
  bool logged_in_ = false;
  trading::OutNo taken_;  // the last order out that was taken in this connection
  std::shared_ptr<Micros> awake_ = std::make_shared<Micros>(0);
};

}  // namespace systask::simulation
