// Parked knows the messages that wait for their orders: each one's number, the order number it
// waits for, since when, in monotonic time, and the size of its body.
//
// Parked is part of the Book: its changes become true with the batch. Worker's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "trading/number_key.h"
#include "trading/overlay.h"
#include "trading/types.h"

namespace systask::trading {

// Since when a message counts as waiting which an earlier process parked. The two processes
// have only the wall clock in common, and that may have been set: the message counts as waiting
// for what the wall clock says, but for no less than nothing and no more than half of `longest`.
// So no clock makes it wait for ever, and its order has time to come after a start.
[[nodiscard]] MonotonicPoint parked_since(TimePoint received_at, TimePoint now,
                                          MonotonicPoint monotonic,
                                          std::chrono::milliseconds longest);

class Parked {
 public:
  struct Waiting {
    NumberKey key;
    MonotonicPoint since;
    std::int64_t bytes = 0;  // of its body
  };
  using Messages = std::unordered_map<MessageNo, Waiting>;

  void add(MessageNo message, const Waiting& waiting);
  // No effect where the message does not wait.
  void remove(MessageNo message);

  [[nodiscard]] const Waiting* find(MessageNo message) const { return messages_.find(message); }
  [[nodiscard]] bool any_for(const NumberKey& key) const { return counts_.find(key) != nullptr; }
  [[nodiscard]] std::int64_t size() const { return tally(Tally::kMessages); }
  // Of all bodies together.
  [[nodiscard]] std::int64_t bytes() const { return tally(Tally::kBytes); }
  // Each order number that messages wait for.
  [[nodiscard]] std::vector<NumberKey> keys() const;
  // The messages that wait since `then` or longer, the oldest numbers first, at most `limit`.
  [[nodiscard]] std::vector<MessageNo> waiting_since(MonotonicPoint then, std::size_t limit) const;

  void keep();
  void drop();
  void commit();
  void abandon();
  // Starts again with what the database holds.
  void load(Messages messages);

 private:
  enum class Tally : char { kMessages, kBytes };

  [[nodiscard]] std::int64_t tally(Tally which) const;
  void count(std::int64_t messages, std::int64_t bytes);

  Overlay<MessageNo, Waiting> messages_;
  Overlay<NumberKey, std::int64_t, NumberKeyHash> counts_;  // of the messages by their key; above 0
  Overlay<Tally, std::int64_t> tallies_;
};

}  // namespace systask::trading
