// Intake takes what the order system reports: finds whose it is, and applies, caches,
// passes on, parks or quarantines it, exactly one of them, in the transaction of the turn.
// A message seen before changes nothing; one that only has the id of one seen before is
// quarantined. Worker's thread only; the counts at any time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "trading/accepted_dates.h"
#include "trading/applier.h"
#include "trading/finder.h"
#include "trading/message.h"
#include "trading/ports/message_store.h"
#include "trading/turn.h"

namespace systask::trading {

class Publishing;
struct Stores;

struct IntakeCounters {
  std::atomic<std::uint64_t> applied = 0;
  std::atomic<std::uint64_t> cached = 0;
  std::atomic<std::uint64_t> replayed = 0;
  std::atomic<std::uint64_t> passed = 0;
  std::atomic<std::uint64_t> parked = 0;
  std::atomic<std::uint64_t> quarantined = 0;
  std::atomic<std::uint64_t> duplicate = 0;
  std::atomic<std::uint64_t> ids_reused = 0;  // of those quarantined: by an id used again
};

class Intake {
 public:
  // Called where a message cannot be applied: its plan must be quarantined, for this reason.
  using OnPoison = std::function<void(Turn&, PlanId, const std::string& reason)>;

  // How many messages, of how many bytes together, may wait for their orders, and each for how
  // long, by the monotonic clock.
  struct Parking {
    std::int64_t most = 0;
    std::int64_t most_bytes = 0;
    std::chrono::milliseconds longest{0};
    std::function<MonotonicPoint()> monotonic;
  };

  Intake(const Stores& stores, const MarketHours& hours, Publishing& publishing, Parking parking,
         OnPoison on_poison)
      : stores_(stores),
        dates_(stores, hours),
        publishing_(publishing),
        parking_(std::move(parking)),
        applier_(stores),
        on_poison_(std::move(on_poison)) {}

  // What became of it: a message that cannot be applied quarantines its plan; one that fits
  // no plan, or two, is of no date that is open, or lacks what makes an order, waits alone.
  Disposition take(Turn& turn, const Message& message);

  // Handling this message threw: to quarantine, with its plan where that is known.
  Disposition take_failed(Turn& turn, const Message& message, const std::string& why);

  // Keeps for an operator what could not be unpacked.
  void quarantine_text(Turn& turn, std::string_view body, const std::string& reason);

  // Applies (or caches) parked messages whose order is known after all: a safety net, since
  // the commit that makes an order known lets them go. The number of orders they waited for.
  std::size_t release_known(Turn& turn);

  // Parked messages that no order came for in time: to quarantine, at most `limit`; the number
  // of them.
  std::size_t give_up_parked(Turn& turn, std::size_t limit);

  // The plan's next number goes to this message, which waits in the cache.
  void cache(Turn& turn, const Plan& plan, MessageRow row);

  struct Replayed {
    std::int64_t messages = 0;
    std::string poison;  // why the next one could not be applied; the plan must be quarantined
  };
  // Cached messages of a plan, in their order: each applied, or skipped with the reason, and
  // out of the cache, and the plan written, all in this turn. It ends at the first that
  // cannot be applied, which is in quarantine then.
  Replayed replay(Turn& turn, PlanId plan, std::vector<MessageRow> rows);

  // What an operator decided about a quarantined message. Of one that holds its plan's line
  // up: applied now, by the platform (unless the outcome is kDone nothing is changed), or
  // its number skipped. Of one alone: delivered as if it came now, its date not looked at.
  Applied apply_decided(Turn& turn, MessageRow row, bool force);
  void skip_decided(Turn& turn, MessageRow row);
  Result<Disposition> deliver_decided(Turn& turn, MessageRow row);

  Applier& applier() { return applier_; }
  [[nodiscard]] const IntakeCounters& counters() const { return counters_; }

 private:
  // A message on its way: `stored` when its row is in the table already (it was parked).
  struct Incoming {
    const Message& message;
    MessageRow row;
    bool stored = false;
  };

  Disposition deliver(Turn& turn, Incoming incoming, const Found& found);
  Disposition apply_now(Turn& turn, Incoming incoming, const Found& found);
  Disposition park(Turn& turn, Incoming incoming);
  Disposition quarantine(Turn& turn, Incoming incoming, const std::string& reason);
  Disposition repeat(Turn& turn);
  Disposition known_id(Turn& turn, Incoming incoming, const Found& found);
  Disposition reused_id(Turn& turn, Incoming incoming, const Found& found,
                        const MessageRow& before);
  Disposition hold(Turn& turn, Incoming incoming, const Plan& plan, const std::string& reason);
  Disposition poison(Turn& turn, Incoming incoming, const std::string& reason);
  Disposition pass(Turn& turn, Incoming incoming);
  void give_up(Turn& turn, MessageRow row, std::string why);
  static void tell_quarantined(Turn& turn, const MessageRow& row);
  void release_revealed(Turn& turn, const Message& message);
  void release(Turn& turn, const NumberKey& key);
  bool record(Turn& turn, const Incoming& incoming);
  Applied replay_one(Turn& turn, Plan& plan, MessageRow row);
  std::string replay_poison(Turn& turn, MessageRow row, const std::string& reason);
  void pass_number(Turn& turn, Plan plan, LineNumber number);
  static MessageRow row_of(Turn& turn, const Message& message);
  static void describe(MessageRow& row, const Message& message);
  Applied apply_cached(Turn& turn, Plan& plan, const MessageRow& row);

  const Stores& stores_;
  AcceptedDates dates_;
  Publishing& publishing_;
  const Parking parking_;
  Applier applier_;
  OnPoison on_poison_;
  IntakeCounters counters_;
};

}  // namespace systask::trading
