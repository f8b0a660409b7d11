#include "service/api/times_in_zone.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string_view>

#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> kOfOthers{"body", "output"};

}  // namespace

void write_times_in(json::value& value, const Zone& zone) {
  if (auto* const text = value.if_string()) {
    *text = in_zone(*text, zone);
  } else if (auto* const array = value.if_array()) {
    for (json::value& one : *array)
      write_times_in(one, zone);
  } else if (auto* const object = value.if_object()) {
    for (auto& member : *object)
      if (std::ranges::find(kOfOthers, std::string_view{member.key()}) == kOfOthers.end())
        write_times_in(member.value(), zone);
  }
}

}  // namespace systask::service
