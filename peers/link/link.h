// A Link is one logged-in connection to the platform, kept up: it connects, proves the
// secret, matches answers to requests, hands pushes to its handler, publishes with a
// bounded number in flight, sends heartbeats, and connects again when the connection
// breaks. It speaks docs/protocol.md for any role.
//
// Everything happens on the io_context's one thread: call every member from it (or before
// it runs), and the handler is called on it. The handler must outlive the link's stop();
// the destructor stops. Nothing waits.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/client.h"

namespace systask::peers {

struct LinkOptions {
  net::Address address;
  std::string role;                        // "site", "order_system", "client"
  std::string name;                        // as in service.secrets
  std::string secret;                      // see secrets.h
  std::uint64_t seed = 1;                  // of the jitter between attempts
  std::size_t window = 4096;               // publications not yet acknowledged, at most
  std::chrono::milliseconds ack_delay{5};  // acknowledgements are gathered this long
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds heartbeat{10'000};  // where the login's answer names none
};

// One push, valid during the call only. Numbers that the frame does not have are 0.
struct Push {
  std::string_view topic;
  std::int64_t plan;
  std::int64_t epoch;
  std::int64_t seq;
  std::int64_t out;   // an order system's outbox number
  std::int64_t line;  // a subscriber's (plan, line)
  const boost::json::object& body;
};

struct Question {
  std::string_view name;
  std::int64_t plan = 0;   // left out of the frame where 0
  std::int64_t epoch = 0;  // the same
};

// The `ok` of an answer, valid during the call only, or the refusal. A request whose
// connection broke before its answer came is refused with CONNECTION_LOST.
using Answer = Result<const boost::json::object*>;
using OnAnswer = std::function<void(const Answer& answer)>;

class LinkHandler {
 public:
  virtual ~LinkHandler() = default;

  // What goes into `prove` besides the proof; called at each login, so that a resume
  // says what is held at that moment.
  virtual void add_to_prove(boost::json::object& body) { static_cast<void>(body); }
  // Logged in (again); `session` is the answer to `prove`. Unacknowledged publications
  // follow this call by themselves.
  virtual void on_login(const boost::json::object& session) = 0;
  virtual void on_push(const Push& push) = 0;
  // An error that answers no request; `error` is its object (plan and epoch, if it has any).
  virtual void on_error(const Refusal& refusal, const boost::json::object& error) {
    static_cast<void>(refusal);
    static_cast<void>(error);
  }
  // The connection broke; the link is already on its way to the next one.
  virtual void on_lost(std::string_view reason) { static_cast<void>(reason); }
  // The platform refused the login itself, or another process logged in under this name (REPLACED);
  // the link has stopped.
  virtual void on_refused(const Refusal& refusal) = 0;
  // The oldest `count` publications are durably dealt with; publish() has room again.
  virtual void on_published(std::size_t count) { static_cast<void>(count); }
  // Acknowledgements given since the last call are about to leave.
  virtual void before_acks() {}
};

class Link {
 public:
  Link(boost::asio::io_context& io, const Clock& clock, LinkOptions options, LinkHandler& handler);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  // Sends what was gathered, closes, calls back no more. May be called twice.
  void stop();
  // Drops this connection and makes the next at once: after a hole in a line.
  void reconnect(std::string_view reason);

  // Refused with CONNECTION_LOST, by callback, when not logged in. `on_answer` may be empty.
  void request(const Question& question, const boost::json::object& body, OnAnswer on_answer);
  void request(const Question& question, OnAnswer on_answer);

  // Publishes a body, already JSON text. While disconnected it is kept and sent after the
  // login. False, and nothing is kept, when the window is full: go on at on_published().
  bool publish(std::string_view topic, std::string body);
  [[nodiscard]] std::size_t unpublished() const;  // given and not acknowledged
  [[nodiscard]] std::size_t room() const;         // how many more publish() would take

  // Cumulative acknowledgements: gathered, one frame a plan each ack_delay.
  void ack(std::int64_t plan, std::int64_t epoch, std::int64_t through);
  void ack_out(std::int64_t through);
  void flush_acks();

  [[nodiscard]] bool logged_in() const;
  // When anything was last heard on this connection (or the connection was opened).
  [[nodiscard]] MonotonicPoint last_heard() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace systask::peers
