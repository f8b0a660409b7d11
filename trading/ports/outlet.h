// Where what was committed leaves the platform: pushes to sites, publications for the
// message centre, orders for the order system. Called by the worker, after the commit and
// never before, in the order of the commands; an implementation must not wait.
#pragma once

#include <string>
#include <string_view>

#include "trading/ports/outbox.h"
#include "trading/types.h"

namespace systask::trading {

// A push to one login of a site. `line` 0: outside the plan's line.
struct Push {
  SessionId session;
  std::string topic;
  PlanId plan;
  Epoch epoch;
  LineNumber line;
  std::string body;  // a JSON object
};

// An event for everyone but the plan's site.
struct Publication {
  std::string topic;
  PlanId plan;
  LineNumber line;
  std::string body;
  OutNo kept{};  // its row in the outbox; 0: none
};

class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void push(Push push) = 0;
  // Whoever publishes tells the platform what came of it: publication_made(), where it is kept,
  // or publication_failed().
  virtual void publish(Publication publication) = 0;
  // An order or a cancel for the order system; its row stays in the outbox until it is
  // acknowledged, and is sent again at the order system's next login.
  virtual void order(OutRow row) = 0;
  // This login is dead: whoever still speaks for it must log in anew.
  virtual void session_lost(SessionId session) = 0;
  // It is dead because another process logged in under its name, from that address.
  virtual void session_replaced(SessionId session, const std::string& by) {
    static_cast<void>(by);
    session_lost(session);
  }
  // There may be something to recover: run task 5180509 at once.
  virtual void recover_now() = 0;
};

}  // namespace systask::trading
