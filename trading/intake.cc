#include "trading/intake.h"

#include <fmt/format.h>

#include "base/log.h"
#include "trading/line.h"
#include "trading/publishing.h"
#include "trading/route.h"
#include "trading/same_body.h"
#include "trading/stores.h"
#include "trading/text_hash.h"
#include "trading/unpack.h"
#include "trading/well_formed.h"

namespace systask::trading {
namespace {

using Outcome = Applied::Outcome;

bool order_is_known(const Book& book, const NumberKey& key) {
  const auto known = [&](NumberSpace space) {
    const OrderNumber* const number = book.numbers.find({key.date, key.market, space, key.number});
    return number != nullptr && number->order != OrderId{};
  };
  return known(key.space) || (key.space == NumberSpace::kOrder && known(NumberSpace::kLeg));
}

// The id under which a message is kept whose own id is another message's.
std::string own_id(const Message& message) {
  return message.message_id + "#" + sha256_hex(message.body).substr(0, 16);
}

std::string used_before(const MessageRow& row) {
  return fmt::format(
      "message id {} was used before with other contents (function {}, date {}, market {}, order "
      "{}): a repeat has the same body, and another message an id of its own",
      row.message_id, row.function_no, row.date.value(), row.market.value(), row.order_number);
}

}  // namespace

void Intake::describe(MessageRow& row, const Message& message) {
  row.function_no = message.function->number;
  row.date = message.date;
  row.market = message.market;
  row.order_number = message.order_number();
  row.topic = message.function->topic_out;
  row.body = message.body;
}

MessageRow Intake::row_of(Turn& turn, const Message& message) {
  MessageRow row;
  row.no = MessageNo{turn.book.new_message_no()};
  row.message_id = message.message_id;
  row.received_at = turn.now;
  describe(row, message);
  return row;
}

Disposition Intake::take(Turn& turn, const Message& message) {
  Incoming incoming{message, row_of(turn, message)};
  if (const auto why = dates_.too_soon(turn, message.market, message.date)) {
    incoming.row.date = turn.book.open_date();  // of whose tables it is
    return quarantine(turn, std::move(incoming), *why);
  }
  if (message.kind() == Kind::kApproval) return pass(turn, std::move(incoming));
  const BusinessDate open = turn.book.oldest_accepted();
  if (message.date < open)
    return quarantine(turn, std::move(incoming),
                      fmt::format("it is of business date {}, and {} is open: the table that knows "
                                  "its repeats has been archived",
                                  message.date.value(), open.value()));
  const Result<Found> found = find_plan(turn.book, message);
  if (found.has_error()) return quarantine(turn, std::move(incoming), found.error().message);
  return deliver(turn, std::move(incoming), *found);
}

Disposition Intake::deliver(Turn& turn, Incoming incoming, const Found& found) {
  if (found.plan == PlanId{}) return park(turn, std::move(incoming));
  if (found.order == OrderId{})
    if (const auto lacks = lacks_for_an_order(incoming.message))
      return quarantine(turn, std::move(incoming), *lacks);
  const Plan& plan = *turn.book.plans.find(found.plan);
  const Route route = route_for(incoming.message.kind(), plan);
  if (route == Route::kPassThrough) return pass(turn, std::move(incoming));
  if (route == Route::kApply) return apply_now(turn, std::move(incoming), found);
  const Message& message = incoming.message;
  incoming.row.disposition = Disposition::kCached;
  incoming.row.plan = plan.id;
  incoming.row.number = next_of(plan.last);
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), found);
  turn.effects.count(counters_.cached);
  cache(turn, plan, std::move(incoming.row));
  applier_.reveal(turn, *turn.book.plans.find(found.plan), message);
  release_revealed(turn, message);
  return Disposition::kCached;
}

void Intake::cache(Turn& turn, const Plan& plan, MessageRow row) {
  stores_.cache.append(turn.work, row);
  Plan& changed = turn.book.plans.edit(plan.id);
  changed.last = row.number;
  turn.book.unsaved.plans.push_back(plan.id);
}

Disposition Intake::apply_now(Turn& turn, Incoming incoming, const Found& found) {
  const Message& message = incoming.message;
  MessageRow& row = incoming.row;
  row.disposition = Disposition::kApplied;
  row.plan = found.plan;
  row.number = next_of(turn.book.plans.find(found.plan)->last);
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), found);
  incoming.stored = true;

  Plan& plan = turn.book.plans.edit(found.plan);
  const PlanStatus before = plan.status;
  const Applied applied = applier_.apply(turn, plan, message, found.order, row.number);
  if (applied.outcome == Outcome::kImpossible)
    return poison(turn, std::move(incoming), applied.reason);
  if (applied.outcome != Outcome::kDone) {
    row.number = LineNumber{};
    row.reason = applied.reason;
    if (applied.outcome == Outcome::kUnknownOrder) return park(turn, std::move(incoming));
    row.disposition = Disposition::kDuplicate;
    stores_.messages.settle(turn.work, row);
    turn.effects.count(counters_.duplicate);
    return row.disposition;
  }
  plan.last = plan.applied = row.number;
  const bool moved = plan.status != before;
  if (moved)
    write_plan(stores_, turn, plan, plan.epoch);
  else
    turn.book.unsaved.plans.push_back(plan.id);
  turn.effects.count(counters_.applied);
  emit(turn, plan, row.number, row.topic, std::move(row.body));
  if (moved)
    notify(turn, plan, "asset.algo.scheme_status",
           fmt::format(R"({{"status":"{}"}})", static_cast<char>(plan.status)));
  release_revealed(turn, message);
  return Disposition::kApplied;
}

Disposition Intake::repeat(Turn& turn) {
  turn.effects.count(counters_.duplicate);
  return Disposition::kDuplicate;
}

// Its id was seen before. Only the same message is a repeat: else one of the two would be lost.
Disposition Intake::known_id(Turn& turn, Incoming incoming, const Found& found) {
  const Message& message = incoming.message;
  const std::string own = own_id(message);
  if (incoming.row.message_id == own) return repeat(turn);  // of one that was told apart before
  const auto before = stores_.messages.received(turn.work, message.message_id);
  if (!before || same_body(before->body, message.body)) return repeat(turn);
  incoming.row.message_id = own;
  incoming.row.number = LineNumber{};
  // Facts made the id, so they decide: what was applied before is found to be.
  if (message.id_is_derived) return deliver(turn, std::move(incoming), found);
  return reused_id(turn, std::move(incoming), found, *before);
}

Disposition Intake::reused_id(Turn& turn, Incoming incoming, const Found& found,
                              const MessageRow& before) {
  const Message& message = incoming.message;
  std::string reason = used_before(before);
  if (message.kind() == Kind::kFilled)
    if (const auto why = applier_.contradiction(turn, message)) reason += ": " + *why;
  turn.effects.count(counters_.ids_reused);
  turn.effects.call([id = message.message_id, function = message.function->number,
                     order = message.order_number(), before] {
    log::error(
        "a message id was used again for another message, which is quarantined: the order "
        "system must never use an id twice a day, also after its restart",
        {{"message_id", id},
         {"function", function},
         {"order", order},
         {"function_before", before.function_no},
         {"order_before", before.order_number}});
  });
  const Plan* const plan = turn.book.plans.find(found.plan);
  if (plan == nullptr || message.kind() == Kind::kApproval)
    return quarantine(turn, std::move(incoming), reason);
  return hold(turn, std::move(incoming), *plan, reason);
}

// To quarantine, and its plan with it.
Disposition Intake::hold(Turn& turn, Incoming incoming, const Plan& plan,
                         const std::string& reason) {
  incoming.row.plan = plan.id;
  // Behind cached messages it has no place yet; an operator gives it the next one.
  incoming.row.number = plan.applied == plan.last ? next_of(plan.last) : LineNumber{};
  return poison(turn, std::move(incoming), reason);
}

// The message keeps its number, so that its place in the line is known whatever an operator
// decides; what follows is cached behind it.
Disposition Intake::poison(Turn& turn, Incoming incoming, const std::string& reason) {
  MessageRow& row = incoming.row;
  row.disposition = Disposition::kQuarantined;
  row.reason = reason;
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), {row.plan, {}});
  turn.effects.count(counters_.quarantined);
  if (row.number != LineNumber{}) turn.book.plans.edit(row.plan).last = row.number;
  on_poison_(turn, row.plan, fmt::format("message {}: {}", row.message_id, reason));
  return Disposition::kQuarantined;
}

Disposition Intake::take_failed(Turn& turn, const Message& message, const std::string& why) {
  const Result<Found> found = find_plan(turn.book, message);
  const Plan* const plan = found.has_error() ? nullptr : turn.book.plans.find(found->plan);
  Incoming incoming{message, row_of(turn, message)};
  const std::string reason = "handling it failed: " + why;
  if (plan == nullptr || message.kind() == Kind::kApproval)
    return quarantine(turn, std::move(incoming), reason);
  return hold(turn, std::move(incoming), *plan, reason);
}

Disposition Intake::park(Turn& turn, Incoming incoming) {
  MessageRow& row = incoming.row;
  const Parked& parked = turn.book.parked;
  const auto bytes = static_cast<std::int64_t>(row.body.size());
  if (parked.size() >= parking_.most || parked.bytes() + bytes > parking_.most_bytes)
    return quarantine(turn, std::move(incoming),
                      fmt::format("its order is not known, and {} messages wait for theirs "
                                  "already, of {} bytes: no more may (park_most, park_most_mib)",
                                  parked.size(), parked.bytes()));
  row.disposition = Disposition::kParked;
  row.number = LineNumber{};
  row.reason =
      fmt::format("order {} of market {} is not known yet", row.order_number, row.market.value());
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), {});
  turn.effects.count(counters_.parked);
  turn.book.parked.add(row.no, {number_key(incoming.message), parking_.monotonic(), bytes});
  return Disposition::kParked;
}

Disposition Intake::quarantine(Turn& turn, Incoming incoming, const std::string& reason) {
  incoming.row.disposition = Disposition::kQuarantined;
  incoming.row.number = LineNumber{};
  incoming.row.reason = reason;
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), {});
  turn.effects.count(counters_.quarantined);
  tell_quarantined(turn, incoming.row);
  return Disposition::kQuarantined;
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
  if (!stores_.messages.add(turn.work, row)) return turn.effects.count(counters_.duplicate);
  turn.effects.count(counters_.quarantined);
  tell_quarantined(turn, row);
}

Disposition Intake::pass(Turn& turn, Incoming incoming) {
  incoming.row.disposition = Disposition::kPassed;
  incoming.row.plan = incoming.message.plan;
  if (!record(turn, incoming)) return known_id(turn, std::move(incoming), {});
  turn.effects.count(counters_.passed);
  // Nobody can have it from a line, and its repeat would be dropped.
  publishing_.keep(
      turn, {incoming.row.topic, incoming.row.plan, LineNumber{}, std::move(incoming.row.body)});
  return Disposition::kPassed;
}

bool Intake::record(Turn& turn, const Incoming& incoming) {
  if (incoming.stored) {
    stores_.messages.settle(turn.work, incoming.row);
    return true;
  }
  return stores_.messages.add(turn.work, incoming.row);
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
  if (!turn.book.parked.any_for(key)) return;
  for (MessageRow& row : stores_.messages.parked_of(turn.work, key.date, key.market, key.number)) {
    // The one before it let it go already.
    if (turn.book.parked.find(row.no) == nullptr) continue;
    Result<Message> message = unpack("", row.body);
    if (message.has_error()) {  // an earlier version of this program parked it
      turn.book.parked.remove(row.no);
      give_up(turn, std::move(row), message.error().message);
      continue;
    }
    message->message_id = row.message_id;
    if (number_key(*message).space != key.space) continue;
    const Result<Found> found = find_plan(turn.book, *message);
    Incoming incoming{*message, row, true};
    turn.book.parked.remove(row.no);
    if (found.has_error())
      quarantine(turn, std::move(incoming), found.error().message);
    else
      deliver(turn, std::move(incoming), *found);
  }
}

std::size_t Intake::release_known(Turn& turn) {
  std::vector<NumberKey> known;
  for (const NumberKey& key : turn.book.parked.keys())
    if (order_is_known(turn.book, key)) known.push_back(key);
  for (const NumberKey& key : known)
    release(turn, key);
  return known.size();
}

std::size_t Intake::give_up_parked(Turn& turn, std::size_t limit) {
  std::size_t given_up = 0;
  const MonotonicPoint then = parking_.monotonic() - parking_.longest;
  for (const MessageNo no : turn.book.parked.waiting_since(then, limit)) {
    turn.book.parked.remove(no);
    auto row = stores_.messages.find(turn.work, no);
    if (!row || row->disposition != Disposition::kParked) continue;  // changed by hand
    std::string why = fmt::format("no order {} of market {} came while it waited",
                                  row->order_number, row->market.value());
    give_up(turn, std::move(*row), std::move(why));
    ++given_up;
  }
  return given_up;
}

void Intake::give_up(Turn& turn, MessageRow row, std::string why) {
  row.disposition = Disposition::kQuarantined;
  row.reason = std::move(why);
  stores_.messages.settle(turn.work, row);
  turn.effects.count(counters_.quarantined);
  tell_quarantined(turn, row);
}

// A plan that is held is told of by itself.
void Intake::tell_quarantined(Turn& turn, const MessageRow& row) {
  turn.effects.call([no = row.no, id = row.message_id, reason = row.reason] {
    log::warn("a message is quarantined: look at it with systask quarantine show",
              {{"message", no}, {"message_id", id}, {"reason", reason}});
  });
}

}  // namespace systask::trading
