#include "scheduler/when/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  Micros length;
};
// Largest first; the order in which a compound duration names them.
constexpr std::array kUnits{Unit{"w", 24h * 7}, Unit{"d", 24h},  Unit{"h", 1h},  Unit{"m", 1min},
                            Unit{"s", 1s},      Unit{"ms", 1ms}, Unit{"us", 1us}};

Refusal bad(std::string_view text) {
  return {"BAD_DURATION",
          fmt::format("'{}' is not a duration: expected whole numbers with units w, d, h, m, s, ms "
                      "or us, largest first, such as 250ms, 1s, 5m or 1h30m",
                      text)};
}

}  // namespace

Result<Micros> parse_duration(std::string_view text) {
  if (text.empty()) return bad(text);
  Micros total{0};
  std::size_t next_unit = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || rest.front() == '-') return bad(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, rest.find_first_not_of("wdhmsu"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name)
      ++next_unit;
    if (next_unit == kUnits.size()) return bad(text);
    const Micros unit = kUnits[next_unit++].length;
    if (number > (Micros::max() - total) / unit) return bad(text);
    total += number * unit;
    rest.remove_prefix(name.size());
  }
  return total;
}

std::string format_duration(Micros length) {
  if (length == 0us) return "0s";
  std::string text = length < 0us ? "-" : "";
  Micros rest = length < 0us ? -length : length;
  for (const Unit& unit : std::span{kUnits}.subspan<1>()) {  // days are the largest: 14d, not 2w
    if (rest >= unit.length) text += fmt::format("{}{}", rest / unit.length, unit.name);
    rest %= unit.length;
  }
  return text;
}

}  // namespace systask::scheduler
