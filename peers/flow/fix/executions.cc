// What became of orders: ExecutionReport (8), in the ExecTypes of all versions.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "peers/flow/decimal.h"
#include "peers/flow/fix/translator.h"

namespace systask::peers::flow::fix {
namespace {

bool is_trade(char type) { return type == '1' || type == '2' || type == 'F'; }
bool is_end(char type) { return type == '3' || type == '4' || type == 'C'; }

constexpr std::string_view kSaidBefore = "repeats of what the log said before";
constexpr std::string_view kStatus =
    "status reports (ExecType I, ExecTransType 3), which change nothing";
constexpr std::string_view kMadeKnown =
    "orders that the log never placed, made known by their first report with what was left of them";

}  // namespace

void Translator::execution(const Fields& f) {
  const char type = f.has(tag::kExecType) ? f.character(tag::kExecType)
                                          : f.character(tag::kOrdStatus);  // FIX 4.0
  const char trans = f.character(tag::kExecTransType);
  if (f.character(tag::kMultiLegReportingType) == '2')
    return left_out("reports of single legs, of orders of many (MultiLegReportingType 2)");
  const auto found = orders_.find(session_, f);
  if (trans == '1' || trans == '2' || type == 'G' || type == 'H') return correction(found, f);
  const bool status_only = trans == '3' || type == 'I';
  if (found.life == nullptr && found.ended) {
    if (status_only) return noted(kStatus);
    return type == '5' && reopened(found, f) ? void() : about_ended(found, f, type);
  }
  if (found.contradicted)
    noted(
        "an OrderID (37) or OrigClOrdID (41) of an order of another security or side, passed over");
  Life* life = found.life;
  const bool fresh = life == nullptr;
  if (fresh) life = make_known(f, type, status_only);
  if (life == nullptr) return;
  if (life->given_up) return left_out("messages about orders given up before");
  if (type == '8' && !status_only && !fresh && refuses_duplicate(*life, f)) {
    life->asked_again = false;
    return noted("rejections of a second order under the ClOrdID (11) of one that goes on");
  }
  orders_.name(*life, session_, f);
  if (life->order_id.empty() && !names_nothing(f.text(tag::kOrderId)))
    life->order_id = f.text(tag::kOrderId);
  if (status_only) noted(kStatus);
  // What a confirmation, a replacement or a restatement says, the order was made known with.
  if (status_only || (fresh && (type == '0' || type == '5' || type == 'D'))) return;
  carry_out(*life, f, type);
}

// The platform knows no trade that is taken back: it keeps what was filled, and later fills
// are counted from what the report says is left.
void Translator::correction(const Orders::Found& found, const Fields& f) {
  left_out("trade cancels and corrections (ExecType G, H; ExecTransType 1, 2)");
  const auto cum = f.quantity(tag::kCumQty);
  if (found.life != nullptr) {
    found.life->corrected = true;
    if (cum) found.life->before = *cum - found.life->filled;
  } else if (found.past != nullptr) {
    found.past->corrected = true;
    found.past->cum = cum.value_or(found.past->cum);
  }
}

bool Translator::refuses_duplicate(const Life& life, const Fields& f) {
  const auto id = f.text(tag::kOrderId);
  if (!life.order_id.empty() && !names_nothing(id) && id != life.order_id) return true;
  const bool says_duplicate = f.text(tag::kOrdRejReason) == "6";
  return (life.asked_again && says_duplicate) ||
         (life.confirmed && (life.asked_again || says_duplicate));
}

bool Translator::reopened(const Orders::Found& found, const Fields& f) {
  const auto quantity = f.quantity(tag::kOrderQty);
  const auto cum = f.quantity(tag::kCumQty).value_or(found.cum);
  if (found.past == nullptr || !found.past->filled || !quantity || cum < found.cum ||
      *quantity <= cum)
    return false;
  OrderLife life;
  life.facts = found.past->facts;
  life.facts.number = next_number_++;
  life.facts.quantity = *quantity - cum;
  life.facts.price = f.price(tag::kPrice).value_or(life.facts.price);
  if (!limits_.add_order(life.facts)) {
    left_out("orders beyond what a plan can count");
    return true;
  }
  noted("filled orders that a replacement opened again, with what is left as a new one");
  Life& begun = orders_.begin(std::move(life));
  begun.before = cum;
  begun.day = day_;
  orders_.name(begun, session_, f);
  emit(placed_report(begun, time_));
  begun.names_plan = (random_() & 1U) != 0;
  confirmed(begun);
  return true;
}

void Translator::about_ended(const Orders::Found& found, const Fields& f, char type) {
  const bool corrected = found.past != nullptr && found.past->corrected;
  if (is_trade(type) && f.quantity(tag::kCumQty).value_or(0) > found.cum)
    return left_out(corrected ? "new fills behind a trade cancel, of orders that had ended"
                              : "fills of orders that had ended");
  noted("reports about orders that had ended");
}

Life* Translator::make_known(const Fields& f, char type, bool status_only) {
  const auto cum = f.quantity(tag::kCumQty).value_or(0);
  const auto leaves = f.quantity(tag::kLeavesQty).value_or(0);
  const auto last = is_trade(type) ? f.quantity(tag::kLastQty).value_or(0) : 0;
  auto quantity = f.quantity(tag::kOrderQty);
  if (!f.has(tag::kOrderQty)) quantity = cum + leaves;
  const auto before = std::max<std::int64_t>(cum - last, 0);
  const auto rest = quantity ? *quantity - before : 0;
  if (rest <= 0 || (status_only && leaves <= 0) || (is_end(type) && !f.has(tag::kOrderQty))) {
    left_out("reports about orders that the log never placed and that do not say what was left");
    return nullptr;
  }
  Life* const life = begin(f, rest);
  if (life == nullptr) return nullptr;
  noted(kMadeKnown);
  life->before = before;
  if (type != 'A' && type != '8') confirmed(*life);
  return life;
}

void Translator::carry_out(Life& life, const Fields& f, char type) {
  switch (type) {
    case 'A': return;  // it was placed when it became known
    case '0': return confirmed(life);
    case '1':
    case '2':
    case 'F': return trade(life, f);
    case '8': return rejected(life, f);
    case '3':
    case '4':
    case 'C': return cancelled(life, f, type == '3');
    case '5': return replaced(life, f, false);
    case 'D': return replaced(life, f, true);
    case '6':
    case 'E':
      if (!life.cancel_pending)
        ask(life, {std::string{f.text(tag::kClOrdId)}, type == 'E', std::nullopt, std::nullopt});
      return;
    case '7':
    case '9':
    case 'B':
    case 'J':
    case 'K':
    case 'L':
    case 'M':
    case 'N':
      return noted(
          "reports that say nothing of placing, filling or cancelling (suspended, calculated …)");
    default: return left_out("reports of an ExecType (150) that is not known");
  }
}

void Translator::confirmed(Life& life) {
  if (life.confirmed) return noted(kSaidBefore);
  life.confirmed = true;
  emit(confirmed_report(life, time_));
}

bool Translator::fill(Life& life, std::int64_t quantity, std::int64_t price) {
  if (quantity > life.rest()) {
    give_up(life, life.corrected ? "fills beyond the order's quantity, behind a trade cancel"
                                 : "fills beyond the order's quantity");
    return false;
  }
  if (!is_deal_price(price)) {
    give_up(life, "fills at a price (31, 6) that the platform does not take: 0, below or too high");
    return false;
  }
  if (!limits_.add_fill(life.facts, quantity, price)) {
    give_up(life, "fills beyond the amount that a plan can count");
    return false;
  }
  emit(filled_report(life, time_, quantity, price));
  return true;
}

bool Translator::fill_gap(Life& life, const Fields& f, std::int64_t through) {
  const auto gap = through - life.known_cum();
  if (gap <= 0) return true;
  auto price = parse_average(f.text(tag::kAvgPx));
  if (!price) price = f.price(tag::kLastPx);
  if (!price) {
    give_up(life, "fills that are not in the log, and no AvgPx (6) to make them of");
    return false;
  }
  noted("fills that are not in the log, made of CumQty (14) at AvgPx (6)");
  return fill(life, gap, *price);
}

void Translator::trade(Life& life, const Fields& f) {
  auto cum = f.quantity(tag::kCumQty);
  auto last = f.quantity(tag::kLastQty).value_or(0);
  if (cum == 0 && last == 0 && f.character(tag::kOrdStatus) == '0') return confirmed(life);
  if (cum == 0 && last > 0) {
    noted("fills whose CumQty (14) is 0, counted by LastQty (32)");
    cum.reset();
  }
  if (!cum && f.has(tag::kExecId)) {
    // A fill may share its ExecID with another of it, but not all of its facts as well.
    const std::string id{f.text(tag::kExecId)};
    const std::string facts = fmt::format("{}\x01{}\x01{}\x01{}", id, f.text(tag::kLastQty),
                                          f.text(tag::kLastPx), f.text(tag::kLeavesQty));
    for (const std::string& said : life.executions)
      if (said == facts || (is_resent(f) && said.starts_with(id + '\x01')))
        return noted(kSaidBefore);
    life.executions.push_back(facts);
  }
  if (cum && *cum <= life.known_cum()) return noted(kSaidBefore);
  if (cum && (last <= 0 || last > *cum - life.known_cum())) last = *cum - life.known_cum();
  if (last <= 0) return left_out("fills without a whole LastQty (32) above 0");
  auto price = f.price(tag::kLastPx);
  if (!price && f.has(tag::kLastPx))
    return give_up(life, "fills whose LastPx (31) is no decimal of at most 8 places");
  if (!price) price = parse_average(f.text(tag::kAvgPx));
  if (!price) return give_up(life, "fills without LastPx (31)");
  if (cum && !fill_gap(life, f, *cum - last)) return;
  if (!fill(life, last, *price)) return;
  // A replacement that is asked for may go on with an order that is filled.
  const bool awaited = std::ranges::find(life.asked, true, &Ask::replaces) != life.asked.end();
  if (life.rest() == 0 && !awaited) orders_.end(life);
}

void Translator::rejected(Life& life, const Fields& f) {
  if (life.filled > 0) return give_up(life, "rejections of orders that have fills");
  emit(rejected_report(life, time_, cause_of(f, tag::kOrdRejReason, "OrdRejReason")));
  orders_.end(life);
}

void Translator::cancelled(Life& life, const Fields& f, bool may_come_back) {
  if (!fill_gap(life, f, f.quantity(tag::kCumQty).value_or(0))) return;
  if (life.rest() > 0) emit(cancelled_report(life, time_));
  return may_come_back ? orders_.forget(life) : orders_.end(life);
}

void Translator::replaced(Life& life, const Fields& f, bool restated) {
  const auto id = f.text(tag::kClOrdId);
  auto asked = id.empty() ? life.asked.end() : std::ranges::find(life.asked, id, &Ask::id);
  if (asked == life.asked.end() && !restated)
    asked = std::ranges::find(life.asked, true, &Ask::replaces);
  Ask request;
  const bool was_asked = asked != life.asked.end();
  if (was_asked) {
    request = std::move(*asked);
    life.asked.erase(asked);
  }
  const auto old_quantity = life.before + life.facts.quantity;
  auto quantity = f.quantity(tag::kOrderQty);
  if (!quantity) quantity = request.quantity.value_or(old_quantity);
  auto price = f.price(tag::kPrice);
  if (!price) price = request.price.value_or(life.facts.price);
  if (!was_asked && *quantity == old_quantity && *price == life.facts.price)
    return restated ? noted("restatements that change neither quantity nor price")
                    : noted(kSaidBefore);
  if (!fill_gap(life, f, f.quantity(tag::kCumQty).value_or(0))) return;
  if (life.rest() > 0) emit(cancelled_report(life, time_));
  go_on_as(life, *quantity - life.known_cum(), *price);
}

// Under a new number: what is left of the order after its replacement.
void Translator::go_on_as(Life& life, std::int64_t quantity, std::int64_t price) {
  if (quantity <= 0) return orders_.end(life);
  life.before = life.known_cum();
  life.filled = life.deals = 0;
  life.facts.number = next_number_++;
  life.facts.quantity = quantity;
  life.facts.price = price;
  const bool priced = is_order_price(price);
  if (!priced || !limits_.add_order(life.facts)) {
    left_out(priced ? "orders beyond what a plan can count" : kNoOrderPrice);
    return orders_.end(life);
  }
  emit(placed_report(life, time_));
  emit(confirmed_report(life, time_));
  life.confirmed = true;
  if (!life.asked.empty()) emit(cancel_requested_report(life, time_));
}

}  // namespace systask::peers::flow::fix
