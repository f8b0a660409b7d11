// Quarantine carries out what an operator decides about a message that could not be applied:
// apply it anyway, skip it with a reason, or edit and apply it. Each decision is audited with
// what was there before; where no other message of the plan waits, the plan goes on by the
// normal way of recovery. Worker's thread only.
#pragma once

#include <string>

#include "base/result.h"
#include "trading/platform.h"
#include "trading/ports/message_store.h"
#include "trading/turn.h"

namespace systask::trading {

class Intake;
class Recovery;

class Quarantine {
 public:
  Quarantine(const Stores& stores, Intake& intake, Recovery& recovery)
      : stores_(stores), intake_(intake), recovery_(recovery) {}

  Result<Decided> decide(Turn& turn, const Decision& decision);

  // A plan that is quarantined without a message (its digests differ): it goes on.
  Result<bool> release(Turn& turn, PlanId plan, const std::string& actor,
                       const std::string& reason);

  Result<MessageRow> message(Turn& turn, MessageNo no);

 private:
  Result<Decided> in_line(Turn& turn, const MessageRow& row, const Decision& decision);
  Result<Decided> alone(Turn& turn, const MessageRow& row, const Decision& decision);

  const Stores& stores_;
  Intake& intake_;
  Recovery& recovery_;
};

}  // namespace systask::trading
