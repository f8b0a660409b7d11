// The Market is the simulated exchange behind the order system: it takes the platform's
// orders and cancels, drops repeats, and says when to report what became of them, by
// seeded chance. Time is an argument; nothing here reads a clock, and the same calls with
// the same seed give the same reports. It remembers every order of the process, since a
// repeat may come at any time. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "peers/flow/report.h"

namespace systask::peers::flow {

struct Range {
  std::chrono::milliseconds from{};
  std::chrono::milliseconds to{};
};

struct MarketOptions {
  double reject = 0;     // chance that an order is rejected
  double partial = 0.3;  // chance that an order is filled in parts
  double no_fill = 0;    // chance that an order rests until it is cancelled
  Range latency{std::chrono::milliseconds{1}, std::chrono::milliseconds{5}};
  Range fill{std::chrono::milliseconds{5}, std::chrono::milliseconds{50}};
  std::int64_t first_number = 1;
  std::uint64_t seed = 1;
};

struct CancelRequest {
  std::int64_t plan = 0;
  std::string algo_ordid;
  std::string number;     // entrust_no, where the platform knows it
  std::string cancel_no;  // one cancel, whoever repeats it
};

// What became of a cancel: kUnknown names an order that was never placed here.
enum class Taken { kNew, kRepeat, kUnknown };

class Market {
 public:
  explicit Market(const MarketOptions& options);

  // The number given to the order; nothing where (plan, algo_ordid) is a repeat.
  std::optional<std::int64_t> place(OrderFacts order, MonotonicPoint now);
  Taken cancel(const CancelRequest& request, MonotonicPoint now);

  // The next report that is due by `now`, the oldest first.
  std::optional<Report> next(MonotonicPoint now);
  [[nodiscard]] std::optional<MonotonicPoint> next_at() const;

 private:
  enum class Step { kPlaced, kConfirmed, kRejected, kFilled, kCancelRequested, kCancelDecided };
  struct Order {
    OrderFacts facts;
    MonotonicPoint last_at;  // reports of one order never overtake each other
    bool names_plan = true;
    bool closed = false;
    std::int64_t filled = 0;
    std::int64_t deals = 0;
  };
  struct Due {
    MonotonicPoint at;
    std::uint64_t turn;  // of two at one time, the one asked for first
    std::int64_t number;
    Step step;
    std::int64_t quantity;  // of a fill
  };
  struct Later {
    bool operator()(const Due& a, const Due& b) const {
      return a.at != b.at ? a.at > b.at : a.turn > b.turn;
    }
  };

  bool chance(double probability);
  std::chrono::microseconds within(const Range& range);
  void schedule(Order& order, MonotonicPoint at, Step step, std::int64_t quantity = 0);
  void schedule_fills(Order& order, MonotonicPoint at);
  Order* find(const CancelRequest& request);
  std::optional<Report> carry_out(const Due& due);
  static Report fill_report(Order& order, std::int64_t quantity);
  static Report cancel_report(Order& order);

  MarketOptions options_;
  std::mt19937_64 random_;
  std::unordered_map<std::string, std::int64_t> taken_;  // "plan/algo_ordid" to number
  std::unordered_set<std::string> cancels_;
  std::unordered_map<std::int64_t, Order> orders_;
  std::priority_queue<Due, std::vector<Due>, Later> due_;
  std::uint64_t turn_ = 0;
  std::int64_t next_number_;
};

}  // namespace systask::peers::flow
