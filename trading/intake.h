// Intake takes what the order system reports: finds whose it is, and applies, caches,
// passes on, parks or quarantines it, exactly one of them, in the transaction of the turn.
// A message seen before changes nothing. Worker's thread only; the counts at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trading/applier.h"
#include "trading/finder.h"
#include "trading/message.h"
#include "trading/ports/message_store.h"
#include "trading/turn.h"

namespace systask::trading {

struct Stores;

struct IntakeCounters {
  std::atomic<std::uint64_t> applied = 0;
  std::atomic<std::uint64_t> cached = 0;
  std::atomic<std::uint64_t> replayed = 0;
  std::atomic<std::uint64_t> passed = 0;
  std::atomic<std::uint64_t> parked = 0;
  std::atomic<std::uint64_t> quarantined = 0;
  std::atomic<std::uint64_t> duplicate = 0;
};

class Intake {
 public:
  explicit Intake(const Stores& stores) : stores_(stores), applier_(stores) {}

  void take(Turn& turn, const Message& message);

  // Keeps for an operator what could not be unpacked, or failed while it was handled.
  void quarantine_text(Turn& turn, std::string_view body, const std::string& reason);

  // Applies (or caches) parked messages whose order is known after all: a safety net, since
  // the commit that makes an order known lets them go. The number of orders they waited for.
  std::size_t release_known(Turn& turn);

  // Parked messages older than `before` that no order came for: to quarantine, at most
  // `limit`; the number of them.
  std::size_t give_up_parked(Turn& turn, TimePoint before, std::size_t limit);

  // The plan's next number goes to this message, which waits in the cache.
  void cache(Turn& turn, const Plan& plan, MessageRow row);

  // Cached messages of an abnormal plan, in their order: each applied, or skipped with the
  // reason, and out of the cache, and the plan written, all in this turn. The plan after it.
  const Plan& replay(Turn& turn, PlanId plan, std::span<const MessageRow> rows);

  Applier& applier() { return applier_; }
  [[nodiscard]] const IntakeCounters& counters() const { return counters_; }

 private:
  // A message on its way: `stored` when its row is in the table already (it was parked).
  struct Incoming {
    const Message& message;
    MessageRow row;
    bool stored = false;
  };

  void deliver(Turn& turn, Incoming incoming, const Found& found);
  void apply_now(Turn& turn, Incoming incoming, const Found& found);
  void park(Turn& turn, Incoming incoming);
  void quarantine(Turn& turn, Incoming incoming, const std::string& reason);
  void pass(Turn& turn, Incoming incoming);
  void release_revealed(Turn& turn, const Message& message);
  void release(Turn& turn, const NumberKey& key);
  bool record(Turn& turn, const Incoming& incoming);
  void replay_one(Turn& turn, Plan& plan, const MessageRow& row);
  Applied apply_cached(Turn& turn, Plan& plan, const MessageRow& row);

  const Stores& stores_;
  Applier applier_;
  IntakeCounters counters_;
};

}  // namespace systask::trading
