#include "service/gateway/gateway.h"

#include "service/gateway/frames.h"
#include "service/gateway/session.h"
#include "trading/platform.h"

namespace systask::service {
namespace {

constexpr std::chrono::milliseconds kLoginTime{5'000};

}  // namespace

Gateway::Gateway(GatewayParts parts) : parts_(std::move(parts)) {
  parts_.logged_in = [this](const Session& session) { close_namesakes(session); };
}

std::vector<std::shared_ptr<Session>> Gateway::live_sessions() {
  std::vector<std::shared_ptr<Session>> live;
  sessions_.with([&](auto& all) {
    for (const auto& weak : all)
      if (auto session = weak.lock()) live.push_back(std::move(session));
  });
  return live;
}

void Gateway::close_namesakes(const Session& session) {
  for (const auto& other : live_sessions())
    if (other.get() != &session && other->logged_in() && other->role() == session.role() &&
        other->name() == session.name())
      close_replaced(*other->connection(), session.connection()->remote());
}

std::shared_ptr<net::Peer> Gateway::accept(std::shared_ptr<net::Connection> connection) {
  auto session = std::make_shared<Session>(parts_, std::move(connection));
  sessions_.with([&](auto& all) {
    std::erase_if(all, [](const auto& weak) { return weak.expired(); });
    all.push_back(session);
  });
  parts_.after(kLoginTime, [weak = std::weak_ptr{session}] {
    if (const auto waiting = weak.lock()) waiting->expect_login();
  });
  return session;
}

std::size_t Gateway::drop_silent_clients(std::chrono::seconds silence) {
  const MonotonicPoint awake = parts_.platform.awake();
  std::size_t dropped = 0;
  for (const auto& session : live_sessions())
    if (session->close_if_silent(awake, silence)) ++dropped;
  return dropped;
}

}  // namespace systask::service
