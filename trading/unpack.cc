#include "trading/unpack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/text.h"
#include "trading/decimal.h"
#include "trading/identifiers.h"
#include "trading/well_formed.h"

namespace systask::trading {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 256;  // bytes
constexpr std::size_t kDeepest = 32;       // levels
constexpr std::string_view kForm = "its documented form";
constexpr std::string_view kOnce = "no second value";

// What a field of a body is read into.
using Target =
    std::variant<std::string Message::*, PriceTicks Message::*, std::int64_t Message::*,
                 std::int32_t Message::*, char Message::*, PlanId Message::*, Market Message::*,
                 BusinessDate Message::*, SaidTotal Message::*, std::string LegFields::*,
                 PriceTicks LegFields::*, std::int64_t LegFields::*, char LegFields::*>;

struct Field {
  std::string_view name;
  Target target;
  LegFields Message::*leg = nullptr;
  bool is_text = false;  // free, where it is no identifier
};

constexpr std::array kFields{
    Field{"message_id", &Message::message_id, nullptr, true},
    Field{"business_date", &Message::date},
    Field{"business_time", &Message::time, nullptr, true},
    Field{"scheme_id", &Message::plan},
    Field{"algo_ordid", &Message::algo_ordid},
    Field{"entrust_no", &Message::number},
    Field{"batch_no", &Message::batch_no},
    Field{"market_no", &Message::market},
    Field{"stock_code", &Message::security},
    Field{"entrust_direction", &Message::side},
    Field{"entrust_price", &Message::price},
    Field{"entrust_amount", &Message::quantity},
    Field{"entrust_state", &Message::state},
    Field{"deal_no", &Message::deal_no},
    Field{"deal_price", &Message::deal_price},
    Field{"deal_amount", &Message::deal_quantity},
    Field{"total_deal_amount", &Message::deal_total},
    Field{"revoke_cause", &Message::cause, nullptr, true},
    Field{"cancel_entrust_no", &Message::cancel_number},
    Field{"cancel_amount", &Message::cancel_quantity},
    Field{"buy_entrust_no", &LegFields::number, &Message::buy},
    Field{"buy_entrust_price", &LegFields::price, &Message::buy},
    Field{"buy_entrust_amount", &LegFields::quantity, &Message::buy},
    Field{"buy_entrust_state", &LegFields::state, &Message::buy},
    Field{"buy_cancel_amount", &LegFields::cancel_quantity, &Message::buy},
    Field{"sell_entrust_no", &LegFields::number, &Message::sell},
    Field{"sell_entrust_price", &LegFields::price, &Message::sell},
    Field{"sell_entrust_amount", &LegFields::quantity, &Message::sell},
    Field{"sell_entrust_state", &LegFields::state, &Message::sell},
    Field{"sell_cancel_amount", &LegFields::cancel_quantity, &Message::sell},
};

// The places of fields in kFields by a hash of their names: a message has a dozen, and comparing
// each with all thirty names costs more than parsing it.
class FieldIndex {
 public:
  consteval FieldIndex() {
    slots_.fill(kNone);
    for (std::uint8_t i = 0; i < kFields.size(); ++i) {
      std::size_t slot = slot_of(kFields.at(i).name);
      while (slots_.at(slot) != kNone)
        slot = (slot + 1) % kSlots;
      slots_.at(slot) = i;
    }
  }

  // Null: no field has that name.
  [[nodiscard]] const Field* find(std::string_view name) const {
    if (name.empty()) return nullptr;
    for (std::size_t slot = slot_of(name); slots_[slot] != kNone; slot = (slot + 1) % kSlots)
      if (const Field& field = kFields[slots_[slot]]; field.name == name) return &field;
    return nullptr;
  }

 private:
  static constexpr std::size_t kSlots = 128;
  static constexpr std::uint8_t kNone = 0xFF;

  static constexpr std::size_t slot_of(std::string_view name) {
    const auto at = [name](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    return (31 * name.size() + 7U * at(0) + 13U * at(name.size() / 2) + at(name.size() - 1)) %
           kSlots;
  }

  std::array<std::uint8_t, kSlots> slots_{};
};

constexpr FieldIndex kFieldIndex;

consteval std::size_t index_of(std::string_view name) {
  std::size_t index = 0;
  while (kFields.at(index).name != name)
    ++index;
  return index;
}

// Empty is absent.
bool read(std::string_view text, std::string& value, bool is_text) {
  value = text;
  return is_text ? text.size() <= kLongestText : text.empty() || is_identifier(text);
}
template <class Integer>
bool read_integer(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}
bool read(std::string_view text, std::int32_t& value) { return read_integer(text, value); }
bool read(std::string_view text, std::int64_t& value) {
  // Quantities are sometimes written as decimals with nothing behind the point.
  if (const auto point = text.find('.');
      point != std::string_view::npos &&
      text.find_first_not_of('0', point + 1) == std::string_view::npos)
    text = text.substr(0, point);
  return read_integer(text, value);
}
// It is compared and never counted, so a text that is no number is no reason to refuse a message.
bool read(std::string_view text, SaidTotal& value) {
  Quantity total = 0;
  value = SaidTotal{read(text, total) && total > 0 ? total : 0};
  return true;
}
bool read(std::string_view text, char& value) {
  value = text.empty() ? '\0' : text.front();
  return text.size() <= 1;
}
bool read(std::string_view text, PriceTicks& value) {
  const auto ticks = parse_ticks(text);
  if (ticks) value = PriceTicks{*ticks};
  return ticks.has_value();
}
template <class T, class Tag>
bool read(std::string_view text, Named<T, Tag>& value) {
  T number{};
  if (!read_integer(text, number)) return false;
  value = Named<T, Tag>{number};
  return true;
}

struct Store {
  Message& message;
  const Field& field;
  std::string_view text;

  bool operator()(std::string Message::*member) const {
    return read(text, message.*member, field.is_text);
  }
  bool operator()(std::string LegFields::*member) const {
    return read(text, message.*field.leg.*member, field.is_text);
  }

  template <class T>
  bool operator()(T Message::*member) const {
    return read(text, message.*member);
  }
  template <class T>
  bool operator()(T LegFields::*member) const {
    return read(text, message.*field.leg.*member);
  }
};

// Receives the parser's events: members of the one object, whose values are scalars. A
// nested value is skipped: no function has one, and a site may want it all the same.
class Handler {
 public:
  // The names are the parser's.
  // NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = 256;
  static constexpr std::size_t max_array_size = 1024;
  static constexpr std::size_t max_key_size = 128;
  static constexpr std::size_t max_string_size = 64 * 1024;
  // NOLINTEND(readability-identifier-naming)

  Message message;
  std::optional<int> function_no;
  std::string wrong;  // the first field of the wrong form, and what was expected
  bool is_object = false;

  [[nodiscard]] Present present() const {
    return {.date = present_[index_of("business_date")],
            .market = present_[index_of("market_no")],
            .side = present_[index_of("entrust_direction")],
            .quantity = present_[index_of("entrust_amount")],
            .deal_quantity = present_[index_of("deal_amount")],
            .deal_price = present_[index_of("deal_price")],
            .buy_quantity = present_[index_of("buy_entrust_amount")],
            .sell_quantity = present_[index_of("sell_entrust_amount")]};
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    if (depth_ == 0) is_object = true;
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    --depth_;
    return true;
  }
  bool on_array_begin(json::error_code&) {
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    --depth_;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    if (depth_ == 1) key_ = text_;
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    if (text_.empty()) {
      scalar({part.data(), part.size()});
    } else {
      text_.append(part.data(), part.size());
      scalar(text_);
      text_.clear();
    }
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t, json::string_view part, json::error_code&) { return number(part); }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code&) { return number(part); }
  bool on_double(double, json::string_view part, json::error_code&) { return number(part); }
  bool on_bool(bool value, json::error_code&) {
    scalar(value ? "1" : "0");
    return true;
  }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool number(json::string_view part) {
    text_.append(part.data(), part.size());
    scalar(text_);
    text_.clear();
    return true;
  }

  void scalar(std::string_view value) {
    if (depth_ != 1) return;
    if (key_ == "function_no") {
      if (function_no) return note(value, kOnce);
      if (!read_integer(value, function_no.emplace())) note(value, kForm);
      return;
    }
    const Field* const field = kFieldIndex.find(key_);
    if (field == nullptr) return;
    auto present = present_[static_cast<std::size_t>(field - kFields.data())];
    if (present) return note(value, kOnce);
    present = true;
    if (std::visit(Store{message, *field, value}, field->target)) return;
    const bool is_string = std::holds_alternative<std::string Message::*>(field->target) ||
                           std::holds_alternative<std::string LegFields::*>(field->target);
    if (!is_string) return note(value, kForm);
    note(value, field->is_text ? fmt::format("{} bytes at most", kLongestText) : identifier_form());
  }

  void note(std::string_view value, std::string_view expected) {
    constexpr std::size_t kShown = 64;  // whole characters: the reason is written as JSON
    if (wrong.empty())
      wrong = fmt::format("'{}' is '{}': expected {}", key_, utf8_prefix(value, kShown), expected);
  }

  std::bitset<kFields.size()> present_;
  int depth_ = 0;
  std::string key_;
  std::string text_;
};

std::string derived_id(const Message& m) {
  std::string id = fmt::format("~{}-{}-{}-{}-", m.function->number, m.date.value(),
                               m.market.value(), m.order_number());
  if (!m.deal_no.empty()) return id + m.deal_no;
  const Quantity amount = m.cancel_quantity != 0 ? m.cancel_quantity : m.quantity;
  return id + fmt::format("{}-{}-{}-{}", m.batch_no, m.state == 0 ? '-' : m.state, amount, m.time);
}

bool is_limit(const json::error_code& error) {
  return error == json::error::string_too_large || error == json::error::key_too_large ||
         error == json::error::array_too_large || error == json::error::object_too_large ||
         error == json::error::too_deep;
}

constexpr std::size_t kTopicShown = 100;

Refusal bad(std::string message) { return {"BAD_BODY", std::move(message)}; }

}  // namespace

Result<Message> unpack(std::string_view topic, std::string_view body) {
  const auto shown = [topic] { return one_line(topic, kTopicShown); };
  json::parse_options limits;
  limits.max_depth = kDeepest;
  json::basic_parser<Handler> parser{limits};
  json::error_code error;
  const std::size_t read = parser.write_some(false, body.data(), body.size(), error);
  Handler& handler = parser.handler();
  if (!error && parser.done() && read != body.size()) error = json::error::extra_data;
  if (is_limit(error))
    return bad(
        fmt::format("the body on {} is over a limit: a string may have {} bytes, a name {}, "
                    "an array {} elements, an object {} members, all of it {} levels",
                    shown(), Handler::max_string_size, Handler::max_key_size,
                    Handler::max_array_size, Handler::max_object_size, kDeepest));
  if (error)
    return bad(
        fmt::format("the body on {} is no JSON: {}", shown(),
                    error == json::error::incomplete ? "it ends too early" : error.message()));
  if (!handler.is_object) return bad(fmt::format("the body on {} is JSON, but no object", shown()));
  if (!handler.wrong.empty()) return bad(fmt::format("on {}, {}", shown(), handler.wrong));
  Message& message = handler.message;
  if (!handler.function_no)
    return bad(fmt::format("on {}, function_no is absent: it is required", shown()));
  message.function = find_function(*handler.function_no);
  if (message.function == nullptr)
    return bad(fmt::format("on {}, function_no is {}: expected a known function", shown(),
                           *handler.function_no));
  const Function& function = *message.function;
  if (!topic.empty() && topic != function.topic_in && topic != function.topic_in2)
    return bad(fmt::format("function {} ({}) came on {}: expected {}", function.number,
                           function.name, shown(), function.topic_in));
  if (auto wrong = ill_formed(message, handler.present())) return bad(std::move(*wrong));
  message.id_is_derived = message.message_id.empty();
  if (message.id_is_derived) message.message_id = derived_id(message);
  message.body = body;
  return std::move(message);
}

}  // namespace systask::trading
