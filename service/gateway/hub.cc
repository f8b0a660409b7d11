#include "service/gateway/hub.h"

#include <utility>

#include "service/gateway/frames.h"
#include "service/gateway/message_centre.h"

namespace systask::service {

Hub::Hub(MessageCentre& centre, std::function<void()> recover_now)
    : centre_(centre), recover_now_(std::move(recover_now)) {}

void Hub::bind_site(trading::SessionId session, Link connection) {
  constexpr std::string_view kResumed = "this login was resumed on another connection";
  const Link former = table_.with(
      [&](Table& table) { return std::exchange(table.sites[session], std::move(connection)); });
  if (former) former->close(kResumed);
}

bool Hub::unbind_site(trading::SessionId session, const net::Connection* connection) {
  return table_.with([&](Table& table) {
    const auto it = table.sites.find(session);
    if (it == table.sites.end() || it->second.get() != connection) return false;
    table.sites.erase(it);
    return true;
  });
}

void Hub::bind_order_system(Link connection) {
  table_.with([&](Table& table) { table.order_system = std::move(connection); });
}

void Hub::unbind_order_system(const net::Connection* connection) {
  table_.with([&](Table& table) {
    if (table.order_system.get() == connection) table.order_system.reset();
  });
}

void Hub::push(trading::Push push) {
  const Link link = table_.with([&](const Table& table) -> Link {
    const auto it = table.sites.find(push.session);
    return it == table.sites.end() ? nullptr : it->second;
  });
  // Without a connection nothing is lost: a site that resumes says what it has.
  if (link) link->send(push_frame(push));
}

Hub::Link Hub::take_site(trading::SessionId session) {
  return table_.with([&](Table& table) -> Link {
    const auto it = table.sites.find(session);
    if (it == table.sites.end()) return nullptr;
    Link found = std::move(it->second);
    table.sites.erase(it);
    return found;
  });
}

void Hub::session_lost(trading::SessionId session) {
  if (const Link link = take_site(session)) link->close("this login is dead: log in anew");
}

void Hub::session_replaced(trading::SessionId session, const std::string& by) {
  if (const Link link = take_site(session)) close_replaced(*link, by);
}

void Hub::publish(trading::Publication publication) { centre_.publish(std::move(publication)); }

void Hub::order(trading::OutRow row) {
  const Link link = table_.with([](const Table& table) { return table.order_system; });
  if (link) link->send(order_frame(row));
}

}  // namespace systask::service
