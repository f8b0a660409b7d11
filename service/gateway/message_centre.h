// The message centre: topic publish/subscribe. This one is embedded, on the connections
// of the gateway; another (a broker) would stand behind the same interface.
//
// publish() may be called from any thread and never waits: a frame goes into the bounded queue of
// a connection or is refused at once, also where that has moved nothing for the time that a publish
// has (net::Limits::write_timeout). What cannot be published
// is logged with its topic and the reason (ERR_MSG_SEND_ERROR) and given to `on_failed`, which
// keeps it for another try; `on_made` is told of what is kept and went well.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "net/connection.h"
#include "trading/ports/outlet.h"

namespace systask::service {

class MessageCentre {
 public:
  virtual ~MessageCentre() = default;
  // EMPTY_BODY (-1001) or ERR_MSG_SEND_ERROR; nothing is sent then.
  virtual Result<void> publish(trading::Publication publication) = 0;
};

inline constexpr int kEmptyBodyError = -1001;

class EmbeddedCentre final : public MessageCentre {
 public:
  using OnFailed = std::function<void(trading::Publication, const std::string& error)>;
  using OnMade = std::function<void(trading::OutNo kept)>;

  EmbeddedCentre(OnFailed on_failed, OnMade on_made)
      : on_failed_(std::move(on_failed)), on_made_(std::move(on_made)) {}

  Result<void> publish(trading::Publication publication) override;

  static constexpr std::size_t kMostTopics = 256;    // of a connection; each is looked at for every
                                                     // publication
  static constexpr std::size_t kLongestTopic = 256;  // bytes

  // A topic, or the beginning of one and '*'. One that it has counts once. TOO_MANY where they are
  // more than kMostTopics, BAD_REQUEST where one is too long; then it has those that it had.
  Result<void> subscribe(std::shared_ptr<net::Connection> connection,
                         std::vector<std::string> topics);
  void unsubscribe(const net::Connection* connection);

 private:
  struct Subscriber {
    std::shared_ptr<net::Connection> connection;
    std::vector<std::string> topics;
  };
  using Subscribers = std::map<const net::Connection*, Subscriber>;

  Result<void> made(const trading::Publication& publication);

  const OnFailed on_failed_;
  const OnMade on_made_;
  std::atomic<bool> anybody_ = false;  // spares the lock and the copy while nobody listens
  Guarded<Subscribers> subscribers_;
};

}  // namespace systask::service
