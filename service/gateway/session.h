// A Session is one connection, from the first frame to its end: the login, then the
// requests of its role. Everything happens on the io thread; answers of the platform come
// on the worker's thread and only send.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "service/gateway/envelope.h"
#include "service/gateway/gateway.h"
#include "service/gateway/publications.h"
#include "trading/platform.h"

namespace systask::service {

enum class Role : std::uint8_t { kNone = 0, kSite = 1, kOrderSystem = 2, kClient = 4 };

std::string_view name_of(Role role);

class Session final : public net::Peer, public std::enable_shared_from_this<Session> {
 public:
  Session(const GatewayParts& parts, std::shared_ptr<net::Connection> connection);

  void on_text(std::string_view text) override;
  void on_closed(std::string_view reason) override;

  // Closes the connection if nobody has logged in on it.
  void expect_login();
  // Closes it if it is a client's and was silent for so long, our own stalls not counted; true
  // if so.
  bool close_if_silent(MonotonicPoint awake, std::chrono::seconds silence);

  // For the requests, see requests.h.
  [[nodiscard]] const GatewayParts& parts() const { return parts_; }
  [[nodiscard]] bool logged_in() const { return logged_in_; }
  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] trading::SiteRequest who(const Envelope& envelope) const;
  [[nodiscard]] const std::shared_ptr<net::Connection>& connection() const { return connection_; }

  void challenge(const Envelope& envelope);
  void prove(const Envelope& envelope);
  void refuse(std::string_view id, const Refusal& refusal);

  // Answers a request with what the platform says: `write` makes the JSON of an ok.
  template <class T>
  trading::Answer<T> answering(const Envelope& envelope, std::string (*write)(const T&)) {
    return [self = shared_from_this(), id = std::string{envelope.id}, write](Result<T> result) {
      if (result.has_error())
        self->refuse(id, result.error());
      else
        self->answer_ok(id, write(*result));
    };
  }
  void answer_ok(std::string_view id, std::string_view ok);

 private:
  void publication(const Envelope& envelope);
  void refuse_publication(std::int64_t number, const Refusal& refusal);
  void new_plan(std::int64_t number, std::string_view body);
  void acknowledgement(const Envelope& envelope);
  void request(const Envelope& envelope);
  void prove_site(const Envelope& envelope);
  void site_logged_in(std::string_view id, const Result<trading::LoginAnswer>& result);
  void prove_order_system(const Envelope& envelope);

  const GatewayParts& parts_;
  const std::shared_ptr<net::Connection> connection_;
  const std::shared_ptr<Publications> publications_;
  Role role_ = Role::kNone;
  std::string claimed_role_;
  std::string name_;
  std::string challenge_;
  std::atomic<bool> logged_in_ = false;
  std::atomic<std::int64_t> session_ = 0;   // of a site; set by the worker's answer
  trading::OrderLinkId order_link_;         // of an order system
  std::atomic<MonotonicPoint::rep> heard_;  // when a client was last heard, awake
};

}  // namespace systask::service
