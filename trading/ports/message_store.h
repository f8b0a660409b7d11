// Every message seen, with its number and what became of it (algojr_tmessage), and the
// messages that wait while no site runs their plan (algojr_trequestcache).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "trading/ports/unit_of_work.h"
#include "trading/types.h"

namespace systask::trading {

enum class Disposition : char {
  kApplied = 'a',
  kCached = 'c',
  kPassed = 'p',
  kParked = 'k',
  kQuarantined = 'q',  // waits for an operator
  kDuplicate = 'd',    // without effect: a repeat, or what an operator skipped; the reason says
};

// "applied", "cached" and so on.
[[nodiscard]] constexpr std::string_view name_of(Disposition disposition) {
  switch (disposition) {
    case Disposition::kApplied: return "applied";
    case Disposition::kCached: return "cached";
    case Disposition::kPassed: return "passed";
    case Disposition::kParked: return "parked";
    case Disposition::kQuarantined: return "quarantined";
    case Disposition::kDuplicate: return "duplicate";
  }
  return "";
}

struct MessageRow {
  MessageNo no;  // given by the caller, ascending
  std::string message_id;
  int function_no = 0;
  BusinessDate date;
  PlanId plan;        // 0: none known
  LineNumber number;  // in the plan's line; 0: none
  Disposition disposition = Disposition::kApplied;
  Market market;
  std::string order_number;
  std::string topic;   // on which it is pushed to the plan's site
  std::string reason;  // of a quarantine, a duplicate, parking
  std::string body;
  TimePoint received_at;
};

// One event of a plan's line, as a site that resumes gets it again.
struct LineEvent {
  LineNumber number;
  std::string topic;
  std::string body;
};

// Numbers of a plan's line that follow each other, both ends included.
struct LineRange {
  PlanId plan;
  LineNumber from;
  LineNumber through;
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // False, and nothing changed, where a message of this id was seen before.
  virtual bool add(UnitOfWork& work, const MessageRow& row) = 0;

  // What became of it in the end: disposition, plan, number, topic and reason are set.
  virtual void settle(UnitOfWork& work, const MessageRow& row) = 0;

  // Cached messages of these numbers were applied: their disposition changes, and nothing else.
  virtual void applied(UnitOfWork& work, const LineRange& range) = 0;

  // Messages parked for an order number, oldest first.
  virtual std::vector<MessageRow> parked_of(UnitOfWork& work, BusinessDate date, Market market,
                                            const std::string& order_number) = 0;
  // Every parked message, by number.
  virtual std::vector<MessageRow> parked(UnitOfWork& work) = 0;

  // What waits for an operator. The row of this number, if it is there still.
  virtual std::optional<MessageRow> find(UnitOfWork& work, MessageNo no) = 0;
  // The message of this id with the body as it was received, whatever an operator made of it
  // since.
  virtual std::optional<MessageRow> received(UnitOfWork& work, const std::string& message_id) = 0;
  // Writes everything of the row but its message id and when it was received.
  virtual void replace(UnitOfWork& work, const MessageRow& row) = 0;
  // The quarantined messages of a plan, oldest first.
  virtual std::vector<MessageRow> quarantined_of(UnitOfWork& work, PlanId plan) = 0;

  // Applied or skipped events with after < number <= through, in order, at most `limit`.
  virtual std::vector<LineEvent> events(UnitOfWork& work, PlanId plan, LineNumber after,
                                        LineNumber through, std::size_t limit) = 0;

  // The greatest `no` in use, 0 if none; archived ones included.
  virtual MessageNo last_no() = 0;
  [[nodiscard]] virtual std::int64_t count(Disposition disposition) = 0;
};

class MessageCache {
 public:
  virtual ~MessageCache() = default;

  virtual void append(UnitOfWork& work, const MessageRow& row) = 0;
  // The oldest of the plan, by number.
  virtual std::vector<MessageRow> oldest_first(UnitOfWork& work, PlanId plan,
                                               std::size_t limit) = 0;
  // In the same unit of work that applies it: applied and still cached must never both be.
  virtual void remove(UnitOfWork& work, const LineRange& range) = 0;
  [[nodiscard]] virtual std::int64_t depth(UnitOfWork& work, PlanId plan) = 0;

  struct Depth {
    PlanId plan;
    std::int64_t messages = 0;
  };
  virtual std::vector<Depth> depths() = 0;
};

}  // namespace systask::trading
