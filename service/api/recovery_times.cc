#include "service/api/recovery_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 7> kPhases{"notice", "choose", "rebuild", "claim",
                                                  "replay", "finish", "all"};

// The smallest value that `percent` of all are not above.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  return sorted[(sorted.size() * percent + 99) / 100 - 1];
}

json::object times_of(std::string_view phase, std::vector<std::int64_t> us) {
  std::ranges::sort(us);
  json::object times{{"phase", phase}, {"count", us.size()}};
  for (const auto& [name, percent] :
       {std::pair{"p50_us", 50U}, {"p90_us", 90U}, {"p99_us", 99U}, {"max_us", 100U}})
    times[name] = us.empty() ? json::value(nullptr) : json::value(percentile(us, percent));
  return times;
}

}  // namespace

json::object recovery_times(const json::array& recoveries) {
  std::int64_t recovered = 0;
  std::int64_t failed = 0;
  std::array<std::vector<std::int64_t>, kPhases.size()> us;
  for (const json::value& row : recoveries) {
    const std::string_view phase{row.at("phase").as_string()};
    if (phase == "failed") ++failed;
    if (phase != "recovered") continue;
    ++recovered;
    for (std::size_t i = 0; i < kPhases.size(); ++i)
      if (const json::value& took = row.at(fmt::format("{}_us", kPhases[i])); took.is_int64())
        us[i].push_back(took.get_int64());
  }
  json::array phases;
  for (std::size_t i = 0; i < kPhases.size(); ++i)
    phases.push_back(times_of(kPhases[i], std::move(us[i])));
  const auto all = static_cast<std::int64_t>(recoveries.size());
  return {{"recovered", recovered},
          {"failed", failed},
          {"open", all - recovered - failed},
          {"phases", std::move(phases)}};
}

}  // namespace systask::service
