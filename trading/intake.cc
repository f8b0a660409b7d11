#include "trading/intake.h"

#include <fmt/format.h>

#include <algorithm>

#include "trading/changes.h"
#include "trading/line.h"
#include "trading/route.h"
#include "trading/stores.h"
#include "trading/text_hash.h"
#include "trading/unpack.h"

namespace systask::trading {
namespace {

using Outcome = Applied::Outcome;

MessageRow row_of(Turn& turn, const Message& message) {
  MessageRow row;
  row.no = MessageNo{turn.book.new_message_no()};
  row.message_id = message.message_id;
  row.function_no = message.function->number;
  row.date = message.date;
  row.market = message.market;
  row.order_number = message.order_number();
  row.topic = message.function->topic_out;
  row.body = message.body;
  row.received_at = turn.now;
  return row;
}

// Why a number yields no event, as the site is told.
std::string_view skip_reason(Outcome outcome) {
  if (outcome == Outcome::kUnknownOrder) return "parked";
  return outcome == Outcome::kImpossible ? "quarantined" : "duplicate";
}

}  // namespace

void Intake::take(Turn& turn, const Message& message) {
  Incoming incoming{message, row_of(turn, message)};
  if (message.kind() == Kind::kApproval) return pass(turn, std::move(incoming));
  const BusinessDate open = turn.book.oldest_accepted();
  if (message.date < open)
    return quarantine(turn, std::move(incoming),
                      fmt::format("it is of business date {}, and {} is open: the table that knows "
                                  "its repeats has been archived",
                                  message.date.value(), open.value()));
  const Result<Found> found = find_plan(turn.book, message);
  if (found.has_error()) return quarantine(turn, std::move(incoming), found.error().message);
  deliver(turn, std::move(incoming), *found);
}

void Intake::deliver(Turn& turn, Incoming incoming, const Found& found) {
  if (found.plan == PlanId{}) return park(turn, std::move(incoming));
  const Plan& plan = *turn.book.plans.find(found.plan);
  if (route_for(incoming.message.kind(), plan) == Route::kApply)
    return apply_now(turn, std::move(incoming), found);
  const Message& message = incoming.message;
  incoming.row.disposition = Disposition::kCached;
  incoming.row.plan = plan.id;
  incoming.row.number = next_of(plan.last);
  if (!record(turn, incoming)) return;
  counters_.cached.fetch_add(1, std::memory_order_relaxed);
  cache(turn, plan, std::move(incoming.row));
  applier_.reveal(turn, *turn.book.plans.find(found.plan), message);
  release_revealed(turn, message);
}

void Intake::cache(Turn& turn, const Plan& plan, MessageRow row) {
  stores_.cache.append(turn.work, row);
  Plan& changed = turn.book.plans.edit(plan.id);
  changed.last = row.number;
  turn.book.unsaved.plans.insert(plan.id);
}

void Intake::apply_now(Turn& turn, Incoming incoming, const Found& found) {
  const Message& message = incoming.message;
  MessageRow& row = incoming.row;
  row.disposition = Disposition::kApplied;
  row.plan = found.plan;
  row.number = next_of(turn.book.plans.find(found.plan)->last);
  if (!record(turn, incoming)) return;
  incoming.stored = true;

  Plan plan = *turn.book.plans.find(found.plan);
  const PlanStatus before = plan.status;
  const Applied applied = applier_.apply(turn, plan, message, found.order, row.number);
  if (applied.outcome != Outcome::kDone) {
    row.number = LineNumber{};
    row.reason = applied.reason;
    if (applied.outcome == Outcome::kUnknownOrder) return park(turn, std::move(incoming));
    if (applied.outcome == Outcome::kImpossible)
      return quarantine(turn, std::move(incoming), applied.reason);
    row.disposition = Disposition::kDuplicate;
    stores_.messages.settle(turn.work, row);
    counters_.duplicate.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  plan.last = plan.applied = row.number;
  Plan& kept = turn.book.plans.edit(found.plan);
  kept = std::move(plan);
  if (kept.status == before)
    turn.book.unsaved.plans.insert(kept.id);
  else
    write_plan(stores_, turn, kept, kept.epoch);
  counters_.applied.fetch_add(1, std::memory_order_relaxed);
  emit(turn, kept, row.number, row.topic, row.body);
  if (kept.status != before)
    notify(turn, kept, "asset.algo.scheme_status",
           fmt::format(R"({{"status":"{}"}})", static_cast<char>(kept.status)));
  release_revealed(turn, message);
}

void Intake::park(Turn& turn, Incoming incoming) {
  MessageRow& row = incoming.row;
  row.disposition = Disposition::kParked;
  row.number = LineNumber{};
  row.reason =
      fmt::format("order {} of market {} is not known yet", row.order_number, row.market.value());
  if (!record(turn, incoming)) return;
  counters_.parked.fetch_add(1, std::memory_order_relaxed);
  const NumberKey key = number_key(incoming.message);
  const int* const waiting = turn.book.parked.find(key);
  turn.book.parked.put(key, waiting == nullptr ? 1 : *waiting + 1);
}

void Intake::quarantine(Turn& turn, Incoming incoming, const std::string& reason) {
  incoming.row.disposition = Disposition::kQuarantined;
  incoming.row.number = LineNumber{};
  incoming.row.reason = reason;
  if (record(turn, incoming)) counters_.quarantined.fetch_add(1, std::memory_order_relaxed);
}

void Intake::quarantine_text(Turn& turn, std::string_view body, const std::string& reason) {
  MessageRow row;
  row.no = MessageNo{turn.book.new_message_no()};
  row.message_id = "!" + sha256_hex(body);
  row.date = turn.book.open_date();
  row.disposition = Disposition::kQuarantined;
  row.reason = reason;
  row.body = body;
  row.received_at = turn.now;
  if (stores_.messages.add(turn.work, row))
    counters_.quarantined.fetch_add(1, std::memory_order_relaxed);
  else
    counters_.duplicate.fetch_add(1, std::memory_order_relaxed);
}

void Intake::pass(Turn& turn, Incoming incoming) {
  incoming.row.disposition = Disposition::kPassed;
  incoming.row.plan = incoming.message.plan;
  if (!record(turn, incoming)) return;
  counters_.passed.fetch_add(1, std::memory_order_relaxed);
  turn.effects.publish(
      {incoming.row.topic, incoming.row.plan, LineNumber{}, std::move(incoming.row.body)});
}

bool Intake::record(Turn& turn, const Incoming& incoming) {
  if (incoming.stored) {
    stores_.messages.settle(turn.work, incoming.row);
    return true;
  }
  if (stores_.messages.add(turn.work, incoming.row)) return true;
  counters_.duplicate.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Intake::release_revealed(Turn& turn, const Message& message) {
  if (message.kind() == Kind::kCombinedPlaced) {
    release(turn, {message.date, message.market, NumberSpace::kCombined, message.number});
    for (const LegFields* const leg : {&message.buy, &message.sell})
      release(turn, {message.date, message.market, NumberSpace::kOrder, leg->number});
  } else if (!about_combined(message.kind())) {
    release(turn, {message.date, message.market, NumberSpace::kOrder, message.order_number()});
  }
}

void Intake::release(Turn& turn, const NumberKey& key) {
  const int* const waiting = turn.book.parked.find(key);
  if (waiting == nullptr) return;
  turn.book.parked.erase(key);
  for (MessageRow& row : stores_.messages.parked_of(turn.work, key.date, key.market, key.number)) {
    Result<Message> message = unpack("", row.body);
    if (message.has_error()) continue;  // it was unpacked when it was parked
    message->message_id = row.message_id;
    if (number_key(*message).space != key.space) continue;
    const Result<Found> found = find_plan(turn.book, *message);
    Incoming incoming{*message, row, true};
    if (found.has_error())
      quarantine(turn, std::move(incoming), found.error().message);
    else
      deliver(turn, std::move(incoming), *found);
  }
}

std::size_t Intake::release_known(Turn& turn) {
  std::vector<NumberKey> known;
  turn.book.parked.for_each([&](const NumberKey& key, int) {
    for (const NumberSpace space : {key.space, NumberSpace::kLeg}) {
      const OrderNumber* const number =
          turn.book.numbers.find({key.date, key.market, space, key.number});
      const bool counts = space == key.space || key.space == NumberSpace::kOrder;
      if (counts && number != nullptr && number->order != OrderId{}) return known.push_back(key);
    }
  });
  for (const NumberKey& key : known)
    release(turn, key);
  return known.size();
}

std::size_t Intake::give_up_parked(Turn& turn, TimePoint before, std::size_t limit) {
  std::size_t given_up = 0;
  for (MessageRow& row : stores_.messages.parked_before(turn.work, before, limit)) {
    row.disposition = Disposition::kQuarantined;
    row.reason = fmt::format("no order {} of market {} came while it waited", row.order_number,
                             row.market.value());
    stores_.messages.settle(turn.work, row);
    counters_.quarantined.fetch_add(1, std::memory_order_relaxed);
    for (const NumberSpace space : {NumberSpace::kOrder, NumberSpace::kCombined})
      turn.book.parked.erase({row.date, row.market, space, row.order_number});
    ++given_up;
  }
  return given_up;
}

Applied Intake::apply_cached(Turn& turn, Plan& plan, const MessageRow& row) {
  if (const auto change = change_of(row.function_no)) {
    const auto changed = apply_change(plan, *change, row.body, turn.now);
    if (changed.has_error()) return {Outcome::kImpossible, changed.error().message};
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

const Plan& Intake::replay(Turn& turn, PlanId id, std::span<const MessageRow> rows) {
  Plan plan = *turn.book.plans.find(id);
  for (const MessageRow& row : rows)
    replay_one(turn, plan, row);
  Plan& kept = turn.book.plans.edit(id);
  // What replay released from parking took numbers behind those it found.
  plan.last = std::max(plan.last, kept.last);
  kept = std::move(plan);
  if (!rows.empty()) write_plan(stores_, turn, kept, kept.epoch);
  return kept;
}

void Intake::replay_one(Turn& turn, Plan& plan, const MessageRow& cached) {
  MessageRow row = cached;
  const bool repeated = row.number <= plan.applied;  // put into the table by hand
  const Applied applied = repeated ? Applied{Outcome::kDuplicate, "its number was applied before"}
                                   : apply_cached(turn, plan, row);
  row.plan = plan.id;
  row.reason = applied.reason;
  if (!repeated) plan.applied = row.number;
  switch (applied.outcome) {
    case Outcome::kDone:
      row.disposition = Disposition::kApplied;
      emit(turn, plan, row.number, row.topic, row.body);
      break;
    case Outcome::kDuplicate: row.disposition = Disposition::kDuplicate; break;
    case Outcome::kImpossible: row.disposition = Disposition::kQuarantined; break;
    case Outcome::kUnknownOrder: row.disposition = Disposition::kParked; break;
  }
  if (applied.outcome != Outcome::kDone && !repeated) {
    ++plan.skipped;
    // What a site that resumes gets for this number, too; what is parked is an event still.
    if (row.disposition != Disposition::kParked) row.topic = kSkipTopic;
    emit_skip(turn, plan, row.number, skip_reason(applied.outcome));
  }
  if (row.disposition == Disposition::kParked) {
    const bool pair = about_combined(find_function(row.function_no)->kind);
    const NumberKey key{row.date, row.market, pair ? NumberSpace::kCombined : NumberSpace::kOrder,
                        row.order_number};
    turn.book.parked.put(key, 1);
    row.number = LineNumber{};
    row.reason = "its order was not known when it was replayed";
  }
  if (!repeated) stores_.messages.settle(turn.work, row);
  stores_.cache.remove(turn.work, plan.id, cached.number);
  counters_.replayed.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace systask::trading
