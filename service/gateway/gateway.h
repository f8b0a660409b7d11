// The Gateway speaks docs/protocol.md: it accepts the WebSocket connections of sites, the
// order system and clients, logs them in, and turns their frames into requests to the
// platform, and the platform's answers into frames.
//
// accept() and the sessions it makes live on the io thread; drop_silent_clients() may be
// called from any. The gateway and its parts must outlive the io_context's work.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "net/connection.h"

namespace systask::trading {
class Platform;
}

namespace systask::service {

class EmbeddedCentre;
class Hub;
class Session;

struct GatewayParts {
  trading::Platform& platform;
  Hub& hub;
  EmbeddedCentre& centre;
  const Clock& clock;
  // The secret of a role and a name, or nothing.
  std::function<std::optional<std::string>(std::string_view role, std::string_view name)> secret;
  // Runs a function on the io thread, soon; and after a delay.
  std::function<void(std::function<void()>)> post;
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  // Set by the gateway: a session has logged in, and replaces others of its role and name.
  std::function<void(const Session&)> logged_in = {};
};

class Gateway {
 public:
  explicit Gateway(GatewayParts parts);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // The peer of a new connection.
  std::shared_ptr<net::Peer> accept(std::shared_ptr<net::Connection> connection);

  // Connections that are not closed yet.
  std::size_t open_sessions() { return live_sessions().size(); }

  // Closes client sessions of which nothing came for `silence` while we were awake; how many.
  std::size_t drop_silent_clients(std::chrono::seconds silence);

 private:
  std::vector<std::shared_ptr<Session>> live_sessions();
  void close_namesakes(const Session& session);

  GatewayParts parts_;
  Guarded<std::list<std::weak_ptr<Session>>> sessions_;
};

}  // namespace systask::service
