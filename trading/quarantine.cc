#include "trading/quarantine.h"

#include <fmt/format.h>

#include "base/log.h"
#include "trading/book.h"
#include "trading/intake.h"
#include "trading/ports/records.h"
#include "trading/recovery.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

using Verdict = Decision::Verdict;

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApply: return "applied";
    case Verdict::kSkip: return "skipped";
    case Verdict::kEdit: return "edited and applied";
  }
  return "";
}

Refusal not_waiting(MessageNo no) {
  return {"NO_SUCH_MESSAGE", fmt::format("no message {} waits in quarantine: see `systask "
                                         "quarantine list`",
                                         no.value())};
}

}  // namespace

Result<MessageRow> Quarantine::message(Turn& turn, MessageNo no) {
  auto row = stores_.messages.find(turn.work, no);
  if (!row || row->disposition != Disposition::kQuarantined) return not_waiting(no);
  return std::move(*row);
}

Result<Decided> Quarantine::decide(Turn& turn, const Decision& decision) {
  const auto found = message(turn, decision.message);
  if (found.has_error()) return found.error();
  if (decision.reason.empty())
    return Refusal{"BAD_REQUEST", "reason: absent or empty, expected why; the audit log keeps it"};
  MessageRow row = *found;
  row.reason =
      fmt::format("{} by {}: {}", name_of(decision.verdict), decision.actor, decision.reason);
  if (decision.verdict == Verdict::kEdit) row.body = decision.body;
  const bool of_plan = row.plan != PlanId{} && turn.book.plans.find(row.plan) != nullptr;
  auto decided = of_plan && row.number != LineNumber{} ? in_line(turn, row, decision)
                                                       : alone(turn, row, decision);
  if (decided.has_error()) return decided.error();
  const std::string object = fmt::format("message {}", decision.message.value());
  stores_.records.add(
      turn.work,
      {turn.now, decision.actor, fmt::format("quarantine {}", decided->outcome), object,
       fmt::format("{}: {}", found->reason, found->body),
       decision.verdict == Verdict::kSkip ? "without effect" : row.body, decision.reason});
  log::info("an operator decided about a quarantined message", {{"message", decision.message},
                                                                {"outcome", decided->outcome},
                                                                {"actor", decision.actor},
                                                                {"reason", decision.reason}});
  if (!of_plan || turn.book.plans.find(row.plan)->quarantine_reason.empty()) return decided;
  const auto released = recovery_.release(turn, row.plan);
  decided->released = released.has_value() && *released;
  return decided;
}

Result<Decided> Quarantine::in_line(Turn& turn, const MessageRow& row, const Decision& decision) {
  const Plan& plan = *turn.book.plans.find(row.plan);
  if (next_of(plan.applied) != row.number)
    return Refusal{"IMPOSSIBLE",
                   fmt::format("plan {} is at number {}: number {} is not the next",
                               row.plan.value(), plan.applied.value(), row.number.value())};
  if (decision.verdict == Verdict::kSkip) {
    intake_.skip_decided(turn, row);
    return Decided{"skipped", row.plan, row.number};
  }
  const Applied applied = intake_.apply_decided(turn, row, decision.verdict == Verdict::kApply);
  if (applied.outcome == Applied::Outcome::kDone) return Decided{"applied", row.plan, row.number};
  const std::string why = applied.outcome == Applied::Outcome::kUnknownOrder
                              ? "its order is not known"
                              : applied.reason;
  return Refusal{"IMPOSSIBLE", why + ": edit it, or skip it"};
}

Result<Decided> Quarantine::alone(Turn& turn, const MessageRow& row, const Decision& decision) {
  if (decision.verdict == Verdict::kSkip) {
    intake_.skip_decided(turn, row);
    return Decided{"skipped", row.plan, row.number};
  }
  const auto became = intake_.deliver_decided(turn, row);
  if (became.has_error())
    return Refusal{"IMPOSSIBLE", became.error().message + ": edit it, or skip it"};
  const auto after = stores_.messages.find(turn.work, row.no);
  return Decided{std::string{name_of(*became)}, after ? after->plan : PlanId{},
                 after ? after->number : LineNumber{}};
}

Result<bool> Quarantine::release(Turn& turn, PlanId id, const std::string& actor,
                                 const std::string& reason) {
  const Plan* const plan = turn.book.plans.find(id);
  if (plan == nullptr)
    return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", id.value())};
  if (plan->quarantine_reason.empty())
    return Refusal{"NOT_QUARANTINED", fmt::format("plan {} is not quarantined", id.value())};
  if (reason.empty())
    return Refusal{"BAD_REQUEST", "reason: absent or empty, expected why; the audit log keeps it"};
  if (const auto waiting = stores_.messages.quarantined_of(turn.work, id); !waiting.empty())
    return Refusal{
        "MESSAGE_WAITS",
        fmt::format("message {} of plan {} waits for a decision: apply, edit or skip it, "
                    "and the plan goes on",
                    waiting.front().no.value(), id.value())};
  stores_.records.add(turn.work,
                      {turn.now, actor, "plan release", fmt::format("plan {}", id.value()),
                       plan->quarantine_reason, "no longer quarantined", reason});
  return recovery_.release(turn, id);
}

}  // namespace systask::trading
