#include "peers/flow/fix/translator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "peers/flow/decimal.h"

namespace systask::peers::flow::fix {
namespace {

constexpr std::int32_t kFixMarket = 1;
constexpr std::size_t kLongestCause = 200;
constexpr std::size_t kLongestType = 64;
constexpr std::int64_t kDay = 86'400'000'000;  // microseconds

// Orders, and requests for many, that have no report of the order system.
bool is_untranslated_type(std::string_view type) {
  constexpr std::array<std::string_view, 8> kUntranslated{"AB", "AC", "s", "t",
                                                          "u",  "q",  "r", "CA"};
  return std::ranges::find(kUntranslated, type) != kUntranslated.end();
}

// Which of what a client asked a Reject (3) or BusinessMessageReject (j) refuses.
bool refuses_request(std::string_view type, const Fields& f) {
  const auto refused = f.text(tag::kRefMsgType);
  return (type == "3" || type == "j") &&
         (refused == "D" || refused == "E" || refused == "F" || refused == "G");
}

}  // namespace

std::string cause_of(const Fields& f, int reason_tag, std::string_view reason_name) {
  if (f.has(tag::kText)) return to_utf8(f.text(tag::kText), kLongestCause);
  if (!f.has(reason_tag)) return "no reason given";
  return to_utf8(fmt::format("{} {}", reason_name, f.text(reason_tag)), kLongestCause);
}

Translator::Translator(const ReplayOptions& options, Tally& tally)
    : options_(options),
      tally_(tally),
      random_(options_.seed),
      next_number_(options_.first_number) {}

void Translator::take(const Parsed& message, std::int64_t line, std::deque<Recorded>& reports) {
  reports_ = &reports;
  line_ = line;
  const Fields f{message.fields};
  const std::string name = name_of_type(to_utf8(message.type, kLongestType));
  if (refuses_request(message.type, f))
    noted("refusals (3, j) of orders and requests, which stay as they were");
  if (is_session_type(message.type)) return tally_.count(Section::kSession, name, line);
  session_ = session_of(f);
  read_time(f);
  if (message.type == "D")
    new_order(f);
  else if (message.type == "8")
    execution(f);
  else if (message.type == "F" || message.type == "G")
    cancel_or_replace(f, message.type == "G");
  else if (message.type == "9")
    cancel_rejected(f);
  else if (message.type == "E")
    new_list(message, f);
  else if (message.type == "K")
    cancel_list(f);
  else if (message.type == "N")
    list_status(message, f);
  else if (is_untranslated_type(message.type))
    left_out("orders and requests of a type that is not translated: " + name);
  else if (message.type != "L")  // the execution of a list is seen by its orders
    return tally_.count(Section::kUnknown, name, line);
  tally_.count(Section::kOrders, name, line);
}

// The log's own order counts; its clocks, of two parties, only pace it.
void Translator::read_time(const Fields& f) {
  auto sent = parse_utc(f.text(tag::kSendingTime));
  if (!sent) sent = parse_utc(f.text(tag::kTransactTime));
  if (!sent) return noted("messages without a time, taken to be sent with the one before");
  if (!first_at_) first_at_ = *sent;
  if (*sent - *first_at_ < at_us_ && f.character(tag::kPossDupFlag) != 'Y')
    noted("messages sent earlier than the one before them, kept in the order of the log");
  at_us_ = std::max(at_us_, *sent - *first_at_);
  day_ = *sent / kDay;
  const auto second = parse_utc(f.text(tag::kTransactTime)).value_or(*sent) / 1'000'000 % 86'400;
  time_ = static_cast<std::int32_t>(second / 3600 * 10'000 + second / 60 % 60 * 100 + second % 60);
}

Life* Translator::begin(const Fields& f, std::optional<std::int64_t> quantity) {
  OrderLife life;
  life.facts = {.plan = options_.plans[begun_ % options_.plans.size()],
                .business_date = options_.business_date,
                .market = kFixMarket,
                .number = next_number_,
                .algo_ordid = {},
                .security = symbol_of(f),
                .direction = direction_of(f),
                .price = 0,
                .quantity = quantity.value_or(0)};
  const auto refuse = [this](std::string_view why) -> Life* {
    left_out(why);
    return nullptr;
  };
  if (life.facts.security.empty()) return refuse("orders without Symbol (55)");
  if (!is_security(life.facts.security))
    return refuse("orders whose Symbol (55) is '-', or has characters that nobody sees");
  if (life.facts.direction == 0) return refuse("orders whose Side (54) is neither buy nor sell");
  if (life.facts.quantity <= 0)
    return refuse(f.has(tag::kOrderQty) && decimals_in(f.text(tag::kOrderQty)) > 0
                      ? "orders of parts of a unit (38); --quantity-scale 8 counts in parts"
                      : "orders without a whole OrderQty (38) above 0");
  if (const auto price = f.price(tag::kPrice))
    life.facts.price = *price;
  else if (f.has(tag::kPrice))
    return refuse("orders whose Price (44) is no decimal of at most 8 places");
  if (!is_order_price(life.facts.price)) return refuse(kNoOrderPrice);
  if (!limits_.add_order(life.facts)) return refuse("orders beyond what a plan can count");
  ++begun_;
  ++next_number_;
  Life& begun = orders_.begin(std::move(life));
  begun.day = day_;
  orders_.name(begun, session_, f);
  orders_.remember_request(session_, f);
  emit(placed_report(begun, time_));
  begun.names_plan = (random_() & 1U) != 0;
  return &begun;
}

void Translator::end() {
  if (const auto open = orders_.open() - given_up_; open > 0)
    tally_.count(Section::kNoted, "orders that were open at the end of the log", line_, open);
}

void Translator::give_up(Life& life, std::string_view why) {
  life.given_up = true;
  ++given_up_;
  left_out(why);
  if (life.rest() <= 0) return;
  noted("orders given up, of which the rest is cancelled on the platform");
  if (!life.cancel_pending) emit(cancel_requested_report(life, time_));
  emit(cancelled_report(life, time_));
}

void Translator::emit(Report report) {
  tally_.count(Section::kMade, described(report.function), line_);
  reports_->push_back({at_us_, std::move(report)});
}

}  // namespace systask::peers::flow::fix
