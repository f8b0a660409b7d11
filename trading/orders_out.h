// OrdersOut says which order system gets the orders that leave: the one that logged in last, and
// when that one goes, or acknowledges nothing while another is there, the last of the others. It
// bounds what each may acknowledge by what it was sent, and knows since when orders wait.
//
// An order is a row of the outbox until it is acknowledged. Whoever becomes the receiver is sent
// all rows again, in order; order systems drop what they have (docs/protocol.md, section 8).
//
// log_in(), log_out() and view() may be called from any thread. The rest is the worker's. State
// changes behind commits only: a batch that fails, or runs twice, leaves none.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "trading/platform.h"
#include "trading/ports/outlet.h"
#include "trading/turn.h"

namespace systask::trading {

struct Stores;

class OrdersOut {
 public:
  struct Parts {
    const Stores& stores;
    Outlet& outlet;
    std::chrono::milliseconds patience;     // with a receiver that acknowledges nothing
    std::function<MonotonicPoint()> awake;  // stands still while the platform does
    std::function<void()> appoint_soon;     // posts a command that calls appoint()
  };
  explicit OrdersOut(Parts parts) : parts_(std::move(parts)) {}

  // What waits since before the start.
  void load(Turn& turn);

  // The connection is known from here on; serve() makes it the receiver. `bind` is called
  // whenever it becomes that: from then on the outlet's order() goes to it.
  OrderLinkId log_in(std::string name, std::function<void()> bind);
  // Its connection is closed.
  void log_out(OrderLinkId link);

  // Answers the login, and sends all that is not acknowledged behind it.
  void serve(Turn& turn, OrderLinkId link, const std::function<void()>& ready);
  // Where there is no receiver, the last of those connected becomes it.
  void appoint(Turn& turn);
  // Where the receiver is silent for too long, another becomes it that is not.
  void look(Turn& turn);

  // Behind the commit; the row is in the outbox.
  void send(Turn& turn, OutRow row);
  // BAD_REQUEST, and nothing is removed, beyond what this connection was sent.
  Result<bool> acknowledged(Turn& turn, OrderLinkId link, OutNo through);

  [[nodiscard]] OrdersOutView view() const;

 private:
  struct Link {
    OrderLinkId id;
    std::string name;
    std::function<void()> bind;
    bool served = false;  // its login was answered
    bool silent = false;  // it acknowledged nothing, and another took over
    OutNo sent;           // the last number; all before it is sent, too, or acknowledged
    MonotonicPoint sign;  // it became the receiver, or acknowledged something
  };
  struct Waiting {
    OutNo no;
    MonotonicPoint since;
  };
  struct State {
    std::vector<Link> links;  // by their logins, the last one last
    OrderLinkId receiver;     // 0: none
    OrderLinkId last_link;
    std::deque<Waiting> waiting;
    OutNo acknowledged;

    Link* find(OrderLinkId id);
    [[nodiscard]] const Link* heir() const;
  };

  // Behind the commit: `choose` says who becomes the receiver, and is sent all rows; 0: nobody.
  void hand_over(Turn& turn, std::function<OrderLinkId(State&)> choose);
  [[nodiscard]] std::vector<OutRow> unacknowledged(Turn& turn) const;
  [[nodiscard]] bool is_overdue(State& state) const;

  const Parts parts_;
  Guarded<State> state_;
};

}  // namespace systask::trading
