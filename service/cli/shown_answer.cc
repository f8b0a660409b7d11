#include "service/cli/shown_answer.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kNamed{"status", "saved_status", "state", "side"};

std::string code_text(const json::value& code) {
  return code.is_string() ? std::string{code.get_string()} : json::serialize(code);
}

}  // namespace

void merge_names(json::object& row) {
  for (const std::string_view member : kNamed) {
    const std::string name_member = fmt::format("{}_name", member);
    const auto* const name = row.if_contains(name_member);
    if (name == nullptr) continue;
    auto* const code = row.if_contains(member);
    if (code != nullptr && !code->is_null() && name->is_string())
      *code = json::string{
          fmt::format("{} ({})", std::string_view{name->get_string()}, code_text(*code))};
    row.erase(name_member);
  }
}

void merge_names(json::array& rows) {
  for (json::value& row : rows)
    if (auto* const object = row.if_object()) merge_names(*object);
}

}  // namespace systask::service
