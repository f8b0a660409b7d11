// What must leave and may have to be sent again: orders and cancels to the order system,
// and publications that failed (algojr_toutbox). A row lives until its receiver has it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "trading/ports/unit_of_work.h"
#include "trading/types.h"

namespace systask::trading {

enum class OutKind : char {
  kOrder = 'o',        // to the order system, acknowledged by number
  kPublication = 'p',  // to the message centre, tried again
};

struct OutRow {
  OutNo no;  // given by the caller, ascending
  OutKind kind = OutKind::kOrder;
  std::string topic;
  PlanId plan;
  LineNumber line;  // of a publication
  std::string algo_ordid;
  std::string body;
  TimePoint created_at;
  int attempts = 0;
  std::string last_error;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // With `fence`, only while the plan is in that epoch and not abnormal: false otherwise.
  virtual bool add(UnitOfWork& work, const OutRow& row, std::optional<Epoch> fence) = 0;
  // The order system has these: kOrder rows with no <= through.
  virtual void remove_through(UnitOfWork& work, OutNo through) = 0;
  virtual void remove(UnitOfWork& work, std::span<const OutNo> numbers) = 0;
  virtual void failed_again(UnitOfWork& work, OutNo no, const std::string& error) = 0;
  // By number, with no > after, at most `limit`.
  virtual std::vector<OutRow> pending(UnitOfWork& work, OutKind kind, OutNo after,
                                      std::size_t limit) = 0;
  virtual OutNo last_no() = 0;
};

}  // namespace systask::trading
