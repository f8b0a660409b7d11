// The HTTP side of one accepted socket: reads requests, has them answered, and hands the
// socket on where a request asks for a WebSocket. Runs on the io thread; keeps itself alive
// while it reads or writes, and is kept by the HttpAnswer while the answer is awaited.
#pragma once

#include <memory>

#include "net/byte_budget.h"
#include "net/open_sessions.h"
#include "net/server.h"
#include "net/tcp.h"

namespace systask::net {

// What all sessions of one server share; it outlives each of them.
struct ServerContext {
  explicit ServerContext(ServerOptions options_)
      : options(std::move(options_)),
        bodies(options.bodies_bytes),
        answers(options.answers_bytes) {}

  ServerOptions options;
  ByteBudget bodies;   // of requests that are read or being answered
  ByteBudget answers;  // that wait to be taken
  Server::Handlers handlers;
  std::shared_ptr<OpenSessions> open = std::make_shared<OpenSessions>();
};

void serve_http(TcpSocket socket, std::shared_ptr<const ServerContext> context);

// Answers 503 without reading a request.
void refuse_http(TcpSocket socket, std::shared_ptr<const ServerContext> context);

}  // namespace systask::net
