// A Strategy decides what a plan does next. It is given the plan's state and the time, and
// returns actions: no socket, no clock, so that a day of trading is a table in a test. What
// it decides must follow from the state alone as far as possible: another site may have to
// go on from there. One thread; lives as long as the site holds the plan.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "peers/site/plan_state.h"

namespace systask::peers {

struct Place {
  std::int64_t market = 0;
  std::string security;
  std::int64_t direction = 1;
  std::string price;
  std::int64_t quantity = 0;
};
struct Cancel {
  std::int64_t market = 0;
  std::string number;
  std::string algo_ordid;  // used where it is not empty
};
struct Done {
  std::string_view request;  // "start", "pause", "resume", "cancel", "expire"
};
struct Fail {
  std::string reason;
};
using Action = std::variant<Place, Cancel, Done, Fail>;
using Actions = std::vector<Action>;

// What is known of a plan: its state, and orders asked for that have no answer yet.
struct PlanView {
  const PlanState& state;
  std::span<const Place> unanswered;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // After each event of the line that the state has applied.
  virtual Actions on_event(const PlanView& view, std::string_view topic, TimePoint now) = 0;
  // Some tens of times a second.
  virtual Actions on_timer(const PlanView& view, TimePoint now) = 0;
};

// "twap" and "follow"; null for any other name.
std::unique_ptr<Strategy> make_strategy(std::string_view name);

// The request that a status leaves open ("start" for 1, submitting), or empty.
std::string_view request_of(char status);

}  // namespace systask::peers
