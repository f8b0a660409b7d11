#include "service/api/repeated_member.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>
#include <vector>

#include "base/text.h"

namespace systask::service {
namespace {

constexpr std::size_t kNameShown = 60;

// The string that begins the text, with its quotes.
std::string_view string_of(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"')
    end += text[end] == '\\' ? 2 : 1;
  return text.substr(0, end + 1);
}

bool is_name(std::string_view behind) {
  const auto next = behind.find_first_not_of(" \t\r\n");
  return next != std::string_view::npos && behind[next] == ':';
}

// "\u0061" is "a".
std::string unescaped(std::string_view string) {
  if (string.find('\\') == std::string_view::npos)
    return std::string{string.substr(1, string.size() - 2)};
  boost::system::error_code error;
  const auto value = boost::json::parse({string.data(), string.size()}, error);
  return error || !value.is_string() ? std::string{string} : std::string{value.get_string()};
}

}  // namespace

std::optional<std::string> repeated_member(std::string_view json) {
  std::vector<std::set<std::string>> objects;  // that are open, with the names of each
  while (!json.empty()) {
    const char c = json.front();
    if (c != '"') {
      if (c == '{') objects.emplace_back();
      if (c == '}' && !objects.empty()) objects.pop_back();
      json.remove_prefix(1);
      continue;
    }
    const std::string_view string = string_of(json);
    json.remove_prefix(string.size());
    if (objects.empty() || !is_name(json)) continue;
    const auto [name, is_new] = objects.back().insert(unescaped(string));
    if (!is_new)
      return fmt::format("the body has '{}' twice in one object: give it once",
                         one_line(*name, kNameShown));
  }
  return std::nullopt;
}

}  // namespace systask::service
