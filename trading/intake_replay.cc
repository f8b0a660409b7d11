// The part of Intake that numbers past ones: replay of the cache, and what an operator
// decides about the message that holds a plan up.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "trading/changes.h"
#include "trading/intake.h"
#include "trading/line.h"
#include "trading/stores.h"
#include "trading/unpack.h"
#include "trading/well_formed.h"

namespace systask::trading {
namespace {

using Outcome = Applied::Outcome;

// Why a number yields no event, as the site is told.
std::string_view skip_reason(Outcome outcome) {
  if (outcome == Outcome::kUnknownOrder) return "parked";
  return outcome == Outcome::kNoLonger ? "no event" : "duplicate";
}

// Numbers of a plan that have the same to be written: one sentence for all that follow each other.
class Numbers {
 public:
  using Write = std::function<void(const LineRange&)>;

  Numbers(PlanId plan, Write write) : plan_(plan), write_(std::move(write)) {}

  void add(LineNumber number) {
    if (range_ && number != next_of(range_->through)) write();
    if (!range_) range_ = {plan_, number, number};
    range_->through = number;
  }
  void write() {
    if (range_) write_(*range_);
    range_.reset();
  }

 private:
  const PlanId plan_;
  const Write write_;
  std::optional<LineRange> range_;
};

}  // namespace

Applied Intake::apply_cached(Turn& turn, Plan& plan, const MessageRow& row) {
  if (const auto change = change_of(row.function_no)) {
    const auto changed = apply_change(plan, *change, row.body, turn.now);
    if (changed.has_error()) return {Outcome::kNoLonger, changed.error().message};
    return {};
  }
  Result<Message> message = unpack("", row.body);
  if (message.has_error()) return {Outcome::kImpossible, message.error().message};
  message->plan = plan.id;
  const Result<Found> found = find_plan(turn.book, *message);
  if (found.has_error()) return {Outcome::kImpossible, found.error().message};
  Applied applied = applier_.apply(turn, plan, *message, found->order, row.number);
  // What an earlier number parked, because this order was not there, follows in the line.
  if (applied.outcome == Outcome::kDone) release_revealed(turn, *message);
  return applied;
}

Intake::Replayed Intake::replay(Turn& turn, PlanId id, std::vector<MessageRow> rows) {
  Replayed replayed;
  Plan plan = *turn.book.plans.find(id);
  Numbers applied{id, [&](const LineRange& these) { stores_.messages.applied(turn.work, these); }};
  Numbers gone{id, [&](const LineRange& these) { stores_.cache.remove(turn.work, these); }};
  for (MessageRow& row : rows) {
    const LineNumber number = row.number;
    gone.add(number);
    const Applied became = replay_one(turn, plan, std::move(row));
    if (became.outcome == Outcome::kImpossible) {
      replayed.poison = became.reason;
      break;
    }
    if (became.outcome == Outcome::kDone) applied.add(number);
    ++replayed.messages;
  }
  applied.write();
  gone.write();
  Plan& kept = turn.book.plans.edit(id);
  const bool only_advanced = plan.status == kept.status && plan.saved_status == kept.saved_status &&
                             plan.parameters == kept.parameters;
  // What replay released from parking took numbers behind those it found.
  plan.last = std::max(plan.last, kept.last);
  kept = std::move(plan);
  if (!only_advanced)
    write_plan(stores_, turn, kept, kept.epoch);
  else if (!rows.empty())
    turn.book.unsaved.plans.push_back(id);
  return replayed;
}

// With its number into quarantine: those behind it wait for an operator, too. The reason names
// it.
std::string Intake::replay_poison(Turn& turn, MessageRow row, const std::string& reason) {
  row.disposition = Disposition::kQuarantined;
  row.reason = reason;
  if (row.no == MessageNo{}) {  // put into the table by hand, so nothing else knows it
    row.no = MessageNo{turn.book.new_message_no()};
    row.message_id = fmt::format("{}-{}-{}", row.message_id, row.plan.value(), row.number.value());
    stores_.messages.add(turn.work, row);
  } else {
    stores_.messages.settle(turn.work, row);
  }
  turn.effects.count(counters_.quarantined);
  return fmt::format("message {}: {}", row.message_id, reason);
}

// What became of it. Of one that was applied, and of all in the cache, the caller writes the
// rows; one that is impossible is in quarantine, and nothing behind it may be applied.
Applied Intake::replay_one(Turn& turn, Plan& plan, MessageRow row) {
  const bool repeated = row.number <= plan.applied;  // put into the table by hand
  Applied applied = repeated ? Applied{Outcome::kDuplicate, "its number was applied before"}
                             : apply_cached(turn, plan, row);
  row.plan = plan.id;
  row.reason = applied.reason;
  if (applied.outcome == Outcome::kImpossible)
    return {Outcome::kImpossible, replay_poison(turn, row, applied.reason)};
  if (!repeated) plan.applied = row.number;
  switch (applied.outcome) {
    case Outcome::kDone:
      row.disposition = Disposition::kApplied;
      emit(turn, plan, row.number, row.topic, std::move(row.body));
      break;
    case Outcome::kDuplicate:
    case Outcome::kNoLonger:
    case Outcome::kImpossible: row.disposition = Disposition::kDuplicate; break;
    case Outcome::kUnknownOrder: row.disposition = Disposition::kParked; break;
  }
  if (applied.outcome != Outcome::kDone && !repeated) {
    ++plan.skipped;
    // What a site that resumes gets for this number, too; what is parked is an event still.
    if (row.disposition != Disposition::kParked) row.topic = kSkipTopic;
    emit_skip(turn, plan, row.number, skip_reason(applied.outcome));
  }
  if (row.disposition == Disposition::kParked) {
    turn.book.parked.add(row.no, {number_key(row), parking_.monotonic(),
                                  static_cast<std::int64_t>(row.body.size())});
    row.number = LineNumber{};
    row.reason = "its order was not known when it was replayed";
  }
  if (!repeated && applied.outcome != Outcome::kDone) stores_.messages.settle(turn.work, row);
  turn.effects.count(counters_.replayed);
  return applied;
}

Applied Intake::apply_decided(Turn& turn, MessageRow row, bool force) {
  Result<Message> message = unpack("", row.body);
  if (message.has_error()) return {Outcome::kImpossible, message.error().message};
  if (message->plan != PlanId{} && message->plan != row.plan)
    return {Outcome::kImpossible, fmt::format("its body names plan {}", message->plan.value())};
  if (auto why = dates_.too_soon(turn, message->market, message->date))
    return {Outcome::kImpossible, std::move(*why)};
  message->plan = row.plan;
  message->message_id = row.message_id;
  const Result<Found> found = find_plan(turn.book, *message, true);
  if (found.has_error()) return {Outcome::kImpossible, found.error().message};
  Plan plan = *turn.book.plans.find(row.plan);
  Applied applied = applier_.apply(turn, plan, *message, found->order, row.number, force);
  if (applied.outcome != Outcome::kDone) return applied;
  describe(row, *message);
  row.disposition = Disposition::kApplied;
  stores_.messages.replace(turn.work, row);
  pass_number(turn, std::move(plan), row.number);
  emit(turn, *turn.book.plans.find(row.plan), row.number, row.topic, row.body);
  release_revealed(turn, *message);
  turn.effects.count(counters_.applied);
  return {};
}

void Intake::skip_decided(Turn& turn, MessageRow row) {
  row.disposition = Disposition::kDuplicate;
  if (row.number != LineNumber{}) {
    row.topic = kSkipTopic;
    Plan plan = *turn.book.plans.find(row.plan);
    ++plan.skipped;
    pass_number(turn, std::move(plan), row.number);
    // A plan that has ended still has its site, whose line must have no hole.
    emit_skip(turn, *turn.book.plans.find(row.plan), row.number, "skipped");
  }
  stores_.messages.replace(turn.work, row);
}

void Intake::pass_number(Turn& turn, Plan plan, LineNumber number) {
  plan.applied = number;
  plan.last = std::max(plan.last, number);
  Plan& kept = turn.book.plans.edit(plan.id);
  kept = std::move(plan);
  write_plan(stores_, turn, kept, kept.epoch);
}

Result<Disposition> Intake::deliver_decided(Turn& turn, MessageRow row) {
  Result<Message> message = unpack("", row.body);
  if (message.has_error()) return message.error();
  if (auto why = dates_.too_soon(turn, message->market, message->date))
    return Refusal{"IMPOSSIBLE", std::move(*why)};
  if (row.function_no == 0) {  // it was never taken: its own id decides whether it is new
    const Disposition became = take(turn, *message);
    row.disposition = Disposition::kDuplicate;
    row.reason += fmt::format("; taken as message {}", message->message_id);
    stores_.messages.replace(turn.work, row);
    return became;
  }
  message->message_id = row.message_id;
  const Result<Found> found = find_plan(turn.book, *message, true);
  if (found.has_error()) return found.error();
  if (auto lacks = lacks_for_an_order(*message); lacks && found->order == OrderId{})
    return Refusal{"IMPOSSIBLE", std::move(*lacks)};
  describe(row, *message);
  row.plan = message->plan;
  stores_.messages.replace(turn.work, row);
  return deliver(turn, Incoming{*message, std::move(row), true}, *found);
}

}  // namespace systask::trading
