// The Hub is where what leaves the platform finds its connection: the login of a site,
// the order system that logged in last, the subscribers of the message centre.
//
// It is the platform's Outlet, called by the worker after each commit; sessions bind and
// unbind themselves on the io thread. Every member may be called from any thread, none
// waits, and no lock is held while something is sent.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "net/connection.h"
#include "trading/ports/outlet.h"

namespace systask::service {

class MessageCentre;

class Hub final : public trading::Outlet {
 public:
  using Link = std::shared_ptr<net::Connection>;

  Hub(MessageCentre& centre, std::function<void()> recover_now);

  // The connection of a site's login; a former one is closed.
  void bind_site(trading::SessionId session, Link connection);
  // False, and nothing changed, where another connection has taken the login over.
  bool unbind_site(trading::SessionId session, const net::Connection* connection);
  // Orders go to the one that was bound last.
  void bind_order_system(Link connection);
  void unbind_order_system(const net::Connection* connection);

  void push(trading::Push push) override;
  void publish(trading::Publication publication) override;
  void order(trading::OutRow row) override;
  void session_lost(trading::SessionId session) override;
  void session_replaced(trading::SessionId session, const std::string& by) override;
  void recover_now() override { recover_now_(); }

 private:
  Link take_site(trading::SessionId session);

  struct Table {
    std::unordered_map<trading::SessionId, Link> sites;
    Link order_system;
  };

  MessageCentre& centre_;
  const std::function<void()> recover_now_;
  Guarded<Table> table_;
};

}  // namespace systask::service
