#include "tests/scenarios/words.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "trading/message.h"

namespace systask::scenarios {
namespace {

const trading::Function* function_of(const std::string& what) {
  int number = 0;
  const auto [end, error] = std::from_chars(what.data(), what.data() + what.size(), number);
  if (error != std::errc{} || end != what.data() + what.size()) return nullptr;
  return trading::find_function(number);
}

std::string amount_name(trading::Kind kind) {
  if (kind == trading::Kind::kFilled) return "deal_amount";
  return kind == trading::Kind::kCancelled ? "cancel_amount" : "entrust_amount";
}

}  // namespace

std::string topic_of(const std::string& what) {
  if (const auto* const function = function_of(what)) return std::string{function->topic_out};
  if (what == "recover" || what == "release") return "asset.algo." + what + "_scheme";
  if (what == "skip") return "asset.algo.skip";
  return "asset.algo.scheme_" + what;
}

std::string wire_name(const std::string& what, const std::string& name) {
  static const std::map<std::string, std::string> kNames{
      {"plan", "scheme_id"},         {"no", "entrust_no"},        {"id", "algo_ordid"},
      {"deal", "deal_no"},           {"msg", "message_id"},       {"date", "business_date"},
      {"of", "cancel_entrust_no"},   {"cause", "revoke_cause"},   {"market", "market_no"},
      {"buy", "buy_entrust_no"},     {"sell", "sell_entrust_no"}, {"state", "entrust_state"},
      {"side", "entrust_direction"}, {"stock", "stock_code"}};
  if (const auto it = kNames.find(name); it != kNames.end()) return it->second;
  const auto* const function = function_of(what);
  if (function == nullptr) return name;
  if (name == "amount") return amount_name(function->kind);
  if (name == "price")
    return function->kind == trading::Kind::kFilled ? "deal_price" : "entrust_price";
  const bool off = function->kind == trading::Kind::kCombinedCancelled;
  if (name == "buy_amount") return off ? "buy_cancel_amount" : "buy_entrust_amount";
  if (name == "sell_amount") return off ? "sell_cancel_amount" : "sell_entrust_amount";
  return name;
}

support::Fields body_fields(const Step& step, int function_no) {
  const std::string what = fmt::to_string(function_no);
  if (trading::find_function(function_no) == nullptr)
    step.fail(fmt::format("there is no function {}", function_no));
  support::Fields fields;
  for (const auto& [name, value] : step.options)
    fields[wire_name(what, name)] = value;
  return fields;
}

bool body_has(const std::string& body, const std::string& name, const std::string& value) {
  const std::string text = fmt::format(R"("{}":"{}")", name, value);
  const std::string number = fmt::format(R"("{}":{})", name, value);
  if (body.find(text) != std::string::npos) return true;
  const auto at = body.find(number);
  return at != std::string::npos && at + number.size() < body.size() &&
         (body[at + number.size()] == ',' || body[at + number.size()] == '}');
}

Micros duration_of(const Step& step, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit{end, text.data() + text.size()};
  if (error == std::errc{} && unit == "ms") return std::chrono::milliseconds{value};
  if (error == std::errc{} && unit == "s") return std::chrono::seconds{value};
  if (error == std::errc{} && unit == "m") return std::chrono::minutes{value};
  step.fail(fmt::format("'{}' is no duration: expected 200ms, 12s or 3m", text));
}

}  // namespace systask::scenarios
