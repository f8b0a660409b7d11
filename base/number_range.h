// Ranges of numbers that people write: what is wrong with a text, said with the range. A command
// line's validator is made of them without knowing its library:
//
//   option->check(whole<CLI::Validator>(1, 1'000));   // "--limit: 0: expected 1 to 1000"
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace systask {

inline constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

// 0.05, not 0.050000.
[[nodiscard]] inline std::string number_text(double number) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  return {digits, end};
}

// "1 to 1000", "1 or more".
[[nodiscard]] inline std::string range_text(std::int64_t from, std::int64_t to) {
  const std::string least = std::to_string(from);
  return to == kNoEnd ? least + " or more" : least + " to " + std::to_string(to);
}
[[nodiscard]] inline std::string range_text(double from, double to) {
  return number_text(from) + " to " + number_text(to);
}

// Empty where the text is a number of the range, else "0: expected 1 to 1000".
template <class Number>
[[nodiscard]] std::string outside(std::string_view text, Number from, Number to) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && stop == end && value >= from && value <= to) return {};
  const bool number = stop == end && !text.empty() && error != std::errc::invalid_argument;
  const std::string what = number                                 ? ": expected "
                           : std::is_same_v<Number, std::int64_t> ? " is no whole number: expected "
                                                                  : " is no number: expected ";
  return std::string{text} + what + range_text(from, to);
}

template <class Validator>
[[nodiscard]] Validator whole(std::int64_t from, std::int64_t to = kNoEnd) {
  return Validator{[from, to](const std::string& text) { return outside(text, from, to); },
                   range_text(from, to)};
}
template <class Validator>
[[nodiscard]] Validator real(double from, double to) {
  return Validator{[from, to](const std::string& text) { return outside(text, from, to); },
                   range_text(from, to)};
}

}  // namespace systask
