#include "base/clock.h"

#include <fmt/format.h>

#include <charconv>

namespace systask {
namespace {

using std::chrono::floor;

// Reads exactly `width` digits at `at` and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  int value = 0;
  const char* const first = text.data() + at;
  const auto [end, error] = std::from_chars(first, first + width, value);
  if (error != std::errc{} || end != first + width || *first == '-') return std::nullopt;
  at += width;
  return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

std::optional<Micros> fraction(std::string_view text, std::size_t& at) {
  if (!skip(text, at, ".")) return Micros{0};
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  const std::size_t begin = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
    micros += unit * (text[at] - '0');
  if (at == begin) return std::nullopt;
  return Micros{micros};
}

std::optional<std::chrono::minutes> offset_of(std::string_view text, std::size_t& at) {
  if (skip(text, at, "Zz")) return std::chrono::minutes{0};
  const bool west = at < text.size() && text[at] == '-';
  if (!skip(text, at, "+-")) return std::nullopt;
  const auto hours = digits(text, at, 2);
  if (!hours || !skip(text, at, ":")) return std::nullopt;
  const auto minutes = digits(text, at, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
  return west ? -offset : offset;
}

}  // namespace

// A thread that loses its processor between the two tries again.
ClockReading read_both(const Clock& clock) {
  constexpr int kTries = 5;
  constexpr Micros kNear{200};
  ClockReading best{};
  auto nearest = MonotonicPoint::duration::max();
  for (int i = 0; i < kTries && nearest > kNear; ++i) {
    const MonotonicPoint before = clock.monotonic();
    const TimePoint wall = clock.now();
    const auto apart = clock.monotonic() - before;
    if (apart >= nearest) continue;
    nearest = apart;
    best = {wall, before};
  }
  return best;
}

TimePoint SystemClock::now() const { return floor<Micros>(std::chrono::system_clock::now()); }

MonotonicPoint SystemClock::monotonic() const { return std::chrono::steady_clock::now(); }

std::string to_rfc3339(TimePoint at, std::chrono::seconds offset) {
  const TimePoint local = at + offset;
  const auto day = floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{local - day};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  const auto micros = time.subseconds().count();
  if (micros % 1000 != 0)
    text += fmt::format(".{:06}", micros);
  else if (micros != 0)
    text += fmt::format(".{:03}", micros / 1000);
  if (offset.count() == 0) return text + "Z";
  const auto minutes = std::chrono::abs(floor<std::chrono::minutes>(offset)).count();
  return text +
         fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::optional<TimePoint> from_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto year = digits(text, at, 4);
  if (!year || !skip(text, at, "-")) return std::nullopt;
  const auto month = digits(text, at, 2);
  if (!month || !skip(text, at, "-")) return std::nullopt;
  const auto day = digits(text, at, 2);
  if (!day || !skip(text, at, "Tt ")) return std::nullopt;
  const auto hour = digits(text, at, 2);
  if (!hour || !skip(text, at, ":")) return std::nullopt;
  const auto minute = digits(text, at, 2);
  if (!minute || !skip(text, at, ":")) return std::nullopt;
  const auto second = digits(text, at, 2);
  if (!second) return std::nullopt;
  const auto micros = fraction(text, at);
  if (!micros) return std::nullopt;
  const auto offset = offset_of(text, at);
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!offset || at != text.size() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + *micros - *offset;
}

}  // namespace systask
