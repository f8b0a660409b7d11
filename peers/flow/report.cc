#include "peers/flow/report.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

#include "base/check.h"
#include "base/text.h"
#include "peers/flow/decimal.h"

namespace systask::peers::flow {
namespace {

// Names that came from the platform are escaped; most hold nothing to escape.
std::string in_quotes(std::string_view text) {
  for (const char c : text)
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
      return boost::json::serialize(boost::json::string_view{text.data(), text.size()});
  return fmt::format("\"{}\"", text);
}

void append_fill(std::string& body, const Report& report) {
  fmt::format_to(std::back_inserter(body),
                 R"(,"deal_no":"{}-{}","deal_date":{},"deal_time":"{:06}","deal_price":"{}",)"
                 R"("deal_amount":{},"total_deal_amount":{})",
                 report.order.number, report.deal, report.order.business_date, report.time,
                 format_decimal(report.deal_price), report.deal_quantity, report.total_filled);
}

void append_what_happened(std::string& body, const Report& report) {
  const auto out = std::back_inserter(body);
  switch (report.function) {
    case Function::kFilled: append_fill(body, report); break;
    case Function::kRejected:
      fmt::format_to(out, R"(,"revoke_cause":{})", in_quotes(report.cause));
      break;
    case Function::kCancelRequested:
      fmt::format_to(out, R"(,"cancel_entrust_no":"{}")", report.order.number);
      break;
    case Function::kCancelled:
      fmt::format_to(out, R"(,"cancel_entrust_no":"{}","cancel_amount":{})", report.order.number,
                     report.cancelled);
      break;
    case Function::kCancelRejected:
      fmt::format_to(out, R"(,"cancel_entrust_no":"{}","revoke_cause":{})", report.order.number,
                     in_quotes(report.cause));
      break;
    case Function::kPlaced:
    case Function::kConfirmed: break;
  }
}

}  // namespace

std::string_view topic_of(Function function) {
  switch (function) {
    case Function::kPlaced: return "stp.api.entrust";
    case Function::kConfirmed: return "stp.api.entrust_confirm";
    case Function::kFilled: return "stp.api.realdeal";
    case Function::kRejected: return "stp.api.entrust_waste";
    case Function::kCancelRequested: return "stp.api.withdraw";
    case Function::kCancelled: return "stp.api.withdraw_success";
    case Function::kCancelRejected: return "stp.api.withdraw_waste";
  }
  CHECK(false, "a report has a function of the table");
  return {};
}

bool is_security(std::string_view text) {
  constexpr std::size_t kLongest = 128;
  return text != "-" && text.size() <= kLongest && is_word(text);
}

std::string_view described(Function function) {
  switch (function) {
    case Function::kPlaced: return "402213 placed";
    case Function::kConfirmed: return "402208 confirmed";
    case Function::kFilled: return "402206 filled";
    case Function::kRejected: return "402207 rejected";
    case Function::kCancelRequested: return "402210 cancel requested";
    case Function::kCancelRejected: return "402211 cancel rejected";
    case Function::kCancelled: return "402212 cancelled";
  }
  return "";
}

std::string body_of(const Report& report, std::string_view message_id) {
  const OrderFacts& order = report.order;
  std::string body;
  body.reserve(512);
  const auto out = std::back_inserter(body);
  fmt::format_to(out,
                 R"({{"message_id":"{}","function_no":{},"business_date":{},)"
                 R"("business_time":"{:06}")",
                 message_id, number_of(report.function), order.business_date, report.time);
  if (report.names_plan) fmt::format_to(out, R"(,"scheme_id":{})", order.plan);
  if (!order.algo_ordid.empty())
    fmt::format_to(out, R"(,"algo_ordid":{})", in_quotes(order.algo_ordid));
  fmt::format_to(out,
                 R"(,"entrust_no":"{}","batch_no":"{}","market_no":{},"stock_code":{},)"
                 R"("entrust_direction":{},"entrust_price":"{}","entrust_amount":{},)"
                 R"("entrust_state":"{}")",
                 order.number, order.number, order.market, in_quotes(order.security),
                 order.direction, format_decimal(order.price), order.quantity, report.state);
  append_what_happened(body, report);
  body += '}';
  return body;
}

}  // namespace systask::peers::flow
