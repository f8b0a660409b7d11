#include "db/text_codec.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string_view>

namespace systask::db {
namespace {

namespace json = boost::json;

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

[[noreturn]] void refuse(const std::string& text, const char* expected) {
  throw std::runtime_error("the database holds \"" + text + "\" where " + expected +
                           " is kept: correct the row");
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string{std::string_view{value.get_string()}};
  return json::serialize(value);
}

}  // namespace

std::string to_text(const std::map<std::string, std::string>& values) {
  std::string out = "{";
  for (const auto& [key, value] : values) {
    if (out.size() > 1) out += ',';
    append_quoted(out, key);
    out += ':';
    append_quoted(out, value);
  }
  return out += '}';
}

std::string to_text(const std::set<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ',';
    append_quoted(out, value);
  }
  return out += ']';
}

std::map<std::string, std::string> map_from_text(const std::string& text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) refuse(text, "a JSON object");
  std::map<std::string, std::string> values;
  for (const auto& member : parsed.get_object()) {
    values.emplace(member.key(), text_of(member.value()));
  }
  return values;
}

std::set<std::string> set_from_text(const std::string& text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_array()) refuse(text, "a JSON array");
  std::set<std::string> values;
  for (const json::value& value : parsed.get_array())
    values.insert(text_of(value));
  return values;
}

}  // namespace systask::db
