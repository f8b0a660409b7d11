// Whatever text the cron parser is given, it answers; and whatever it accepts fires in order,
// ahead and back. The last bytes of the input choose the zone, the clock change policy and
// the instant; what is before them is the expression.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "scheduler/when/schedule.h"

namespace {

using namespace std::chrono_literals;
using namespace systask;
using namespace systask::scheduler;

constexpr std::array kZones{"UTC",
                            "Asia/Shanghai",
                            "America/New_York",
                            "Australia/Lord_Howe",
                            "America/Santiago",
                            "Pacific/Apia",
                            "Africa/Casablanca",
                            "Asia/Beirut",
                            "America/Anchorage"};
constexpr std::array kGaps{Gap::kTransition, Gap::kShift, Gap::kSkip};
constexpr std::array kOverlaps{DstOverlap::kAuto, DstOverlap::kFirst, DstOverlap::kBoth};
constexpr std::size_t kSettings = 6;
constexpr int kSteps = 8;

// From 1960 on, every other second to 2232.
TimePoint instant_of(const std::uint8_t* bytes) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i)
    number = number << 8 | bytes[i];
  return std::chrono::sys_days{std::chrono::year{1960} / 1 / 1} + 2s * number;
}

void check_walk(const Schedule& schedule, TimePoint from) {
  std::vector<TimePoint> ahead;
  TimePoint at = from;
  for (int i = 0; i < kSteps; ++i) {
    const TimePoint next = next_due(schedule, at);
    CHECK(next > at, "next stands still or goes back");
    if (next == kNever) break;
    CHECK(next_due(schedule, next - 1us) == next, "next is not there from just before it");
    CHECK(previous_due(schedule, next + 1us) == next, "it is not there from just after it");
    CHECK(previous_due(schedule, next) <= at, "next left one out");
    ahead.push_back(next);
    at = next;
  }
  for (std::size_t i = ahead.size(); i-- > 1;)
    CHECK(previous_due(schedule, ahead[i]) == ahead[i - 1], "previous walks another way");
  const TimePoint last = previous_due(schedule, from);
  CHECK(last < from || last == kNeverBefore, "previous stands still or goes ahead");
  CHECK(next_due(schedule, last) >= from, "previous left one out");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kSettings) return 0;
  const std::uint8_t* const settings = data + size - kSettings;
  const std::string text{data, settings};
  const Zone zone = Zone::find(kZones[settings[0] % kZones.size()]).value();
  const DstPolicy dst{kGaps[settings[1] % kGaps.size()],
                      kOverlaps[settings[1] / kGaps.size() % kOverlaps.size()]};
  const auto schedule = parse_cron_schedule(text, zone, dst, "fuzz");
  if (!schedule) {
    const std::string& code = schedule.error().code;
    CHECK(code == "BAD_CRON" || code == "NEVER_FIRES", "a refusal without its code");
    CHECK(schedule.error().message.find(text) != std::string::npos, "it must quote what it got");
    return 0;
  }
  check_walk(*schedule, instant_of(settings + 2));
  return 0;
}
