#include "peers/drill/pace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace systask::peers::drill {
namespace {

constexpr double kLeastSeconds = 6;
constexpr double kSecondsPerKill = 1;
constexpr double kLongSeconds = 600;
constexpr double kFastest = 5'000;  // messages a second, where something is killed
constexpr double kMicros = 1e6;

// Messages a second; full speed has no end.
double rate_of(const std::string& speed) {
  double rate = std::numeric_limits<double>::infinity();
  std::from_chars(speed.data(), speed.data() + speed.size(), rate);
  return rate;
}

}  // namespace

Result<Pace> pace_of(const DrillOptions& options, std::int64_t messages, std::int64_t lasted_us) {
  if (!options.disturbs() && options.speed != "recorded")
    return Pace{options.speed.empty() ? "full" : options.speed, {}};
  const int kills = options.kills + options.service_kills;
  const std::int64_t least = std::int64_t{2} * (kills + 1);
  const auto too_short = [&](const std::string& why) {
    return Refusal{"TOO_SHORT", fmt::format("{} is too short for {} kill{}: {}",
                                            options.shown.empty() ? options.from : options.shown,
                                            kills, kills == 1 ? "" : "s", why)};
  };
  if (messages < least && kills > 0)
    return too_short(
        fmt::format("it gives {} messages, and {} are needed; ask for fewer kills, or "
                    "take a longer recording",
                    messages, least));
  const double seconds = std::max(kLeastSeconds, kSecondsPerKill * (kills + 1));
  if (options.speed == "recorded") {
    const double lasted = static_cast<double>(lasted_us) / kMicros;
    if (lasted < seconds && kills > 0)
      return too_short(
          fmt::format("at recorded speed it lasts {:.1f} s{}, and {:.0f} s are needed; "
                      "without --speed it is replayed as slowly as that takes",
                      lasted, options.longest_gap_ms > 0 ? " with its gaps cut" : "", seconds));
    return Pace{options.speed,
                lasted < kLongSeconds || options.longest_gap_ms > 0
                    ? std::string{}
                    : fmt::format("at recorded speed it lasts {:.0f} minutes; "
                                  "--longest-gap 10s would cut what nobody traded in",
                                  lasted / 60)};
  }
  const double fitting = std::min(static_cast<double>(messages) / seconds, kFastest);
  if (options.speed.empty()) return Pace{fmt::format("{:.3f}", fitting), {}};
  const double slowest = static_cast<double>(messages) / seconds;
  if (rate_of(options.speed) <= slowest || kills == 0) return Pace{options.speed, {}};
  return Pace{
      fmt::format("{:.3f}", slowest),
      fmt::format("replayed at {:.1f} messages a second instead of --speed {}, so that {} "
                  "kill{} fall{} into it",
                  slowest, options.speed, kills, kills == 1 ? "" : "s", kills == 1 ? "s" : "")};
}

}  // namespace systask::peers::drill
