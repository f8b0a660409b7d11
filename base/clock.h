// Time, as the whole project sees it: an instant is microseconds since 1970 in UTC, and
// nothing but base/clock.cc reads the machine's clocks. Logic takes the time as an
// argument, or a Clock from whoever built it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systask {

using Micros = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Micros>;               // wall clock, UTC
using MonotonicPoint = std::chrono::steady_clock::time_point;  // never goes back

// The two clocks of a machine, or of a test. now() and monotonic() may be called from
// any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual MonotonicPoint monotonic() const = 0;
};

// Both clocks at one instant, as nearly as a thread can read them.
struct ClockReading {
  TimePoint wall;
  MonotonicPoint monotonic;
};
[[nodiscard]] ClockReading read_both(const Clock& clock);

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] MonotonicPoint monotonic() const override;
};

[[nodiscard]] constexpr std::int64_t to_micros(TimePoint at) {
  return at.time_since_epoch().count();
}
[[nodiscard]] constexpr TimePoint from_micros(std::int64_t micros) {
  return TimePoint{Micros{micros}};
}

// RFC 3339 with the given offset from UTC: "2026-05-22T09:30:00+08:00", with a fraction
// of 3 or 6 digits only where the instant has one.
[[nodiscard]] std::string to_rfc3339(TimePoint at, std::chrono::seconds offset = {});

// The instant an RFC 3339 text names ("2026-05-22T09:30:00.25+08:00", "...Z"), or nothing
// where the text is not one. Fractions beyond microseconds are cut off.
[[nodiscard]] std::optional<TimePoint> from_rfc3339(std::string_view text);

}  // namespace systask
