#include "peers/site/body.h"

#include <boost/json.hpp>
#include <charconv>

#include "peers/site/amount.h"

namespace systask::peers {

namespace json = boost::json;

std::int64_t integer_at(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  if (value == nullptr) return 0;
  if (const auto* number = value->if_int64()) return *number;
  std::int64_t number = 0;
  if (const auto* text = value->if_string())
    std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string text_at(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  if (const auto* number = value->if_int64()) return std::to_string(*number);
  return {};
}

std::int64_t price_at(const json::object& body, std::string_view key) {
  return parse_price(text_at(body, key)).value_or(0);
}

const json::object& object_at(const json::object& body, std::string_view key) {
  static const json::object kEmpty;
  const auto* value = body.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

const json::array& array_at(const json::object& body, std::string_view key) {
  static const json::array kEmpty;
  const auto* value = body.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

bool flag_at(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace systask::peers
