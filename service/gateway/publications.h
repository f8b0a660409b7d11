// The publications of one connection on their way: which numbers are dealt with, in what
// order they may be acknowledged, and when to stop reading for a while.
//
// arrived() is called on the io thread, dealt_with() and failed() on any. A gap is never
// acknowledged over: what failed closes the connection, and is published again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/result.h"
#include "net/connection.h"
#include "trading/stream.h"

namespace systask::service {

class Publications : public std::enable_shared_from_this<Publications> {
 public:
  // `post` runs a function on the io thread, soon.
  Publications(std::weak_ptr<net::Connection> connection,
               std::function<void(std::function<void()>)> post)
      : connection_(std::move(connection)), post_(std::move(post)) {}

  // `bytes` of its body: reading pauses where too many of them, or too many publications, are on
  // their way. BAD_REQUEST where `number` is not the next one of the connection; BUSY where one
  // before it was not kept.
  Result<void> arrived(std::int64_t number, std::size_t bytes);
  void dealt_with(std::int64_t number);
  void failed(std::int64_t number, const std::string& why);
  // What is posted of them.
  [[nodiscard]] const std::shared_ptr<trading::Stream>& stream() const { return stream_; }

 private:
  void send_acknowledgement();

  static constexpr std::int64_t kMostInFlight = 16'384;
  static constexpr std::int64_t kFewInFlight = 8'192;
  static constexpr std::size_t kMostBytesInFlight = std::size_t{32} << 20;
  static constexpr std::size_t kFewBytesInFlight = std::size_t{16} << 20;

  // With the lock held.
  void pass(std::int64_t number);

  const std::weak_ptr<net::Connection> connection_;
  const std::function<void(std::function<void()>)> post_;
  const std::shared_ptr<trading::Stream> stream_ = std::make_shared<trading::Stream>();
  std::mutex mutex_;
  std::int64_t arrived_ = 0;
  std::int64_t through_ = 0;       // all up to here are dealt with
  std::deque<std::size_t> bytes_;  // of each from through_ + 1 to arrived_
  std::size_t in_flight_ = 0;      // the sum of them
  std::set<std::int64_t> beyond_;  // dealt with, behind one that is not
  bool acknowledging_ = false;     // an acknowledgement is on its way to the io thread
  bool paused_ = false;
  bool broken_ = false;
};

}  // namespace systask::service
