#include "tasks/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "scheduler/when/duration.h"

namespace systask::tasks {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::optional<std::int64_t> value_of(const Parameter& parameter, std::string_view text) {
  if (parameter.kind == Parameter::Kind::kNumber) return whole_number(text);
  const auto length = scheduler::parse_duration(text);
  return length ? std::optional{length->count()} : std::nullopt;
}

std::string allowed(const Parameter& parameter) {
  switch (parameter.kind) {
    case Parameter::Kind::kNumber:
      return fmt::format("a whole number from {} to {}", parameter.low, parameter.high);
    case Parameter::Kind::kDuration:
      return fmt::format("a duration such as 250ms, 10s or 1h30m, at least {}",
                         scheduler::format_duration(Micros{parameter.low}));
    case Parameter::Kind::kWord: break;
  }
  return fmt::format("{}", fmt::join(parameter.words, " or "));
}

}  // namespace

Parameter number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                 std::int64_t high) {
  return {.name = name,
          .kind = Parameter::Kind::kNumber,
          .otherwise = otherwise,
          .low = low,
          .high = high};
}

Parameter duration(std::string_view name, Micros otherwise, Micros low) {
  return {.name = name,
          .kind = Parameter::Kind::kDuration,
          .otherwise = otherwise.count(),
          .low = low.count(),
          .high = std::numeric_limits<std::int64_t>::max()};
}

Parameter word(std::string_view name, std::vector<std::string_view> words) {
  return {.name = name, .kind = Parameter::Kind::kWord, .words = std::move(words)};
}

std::optional<std::string> expected_instead(const Parameter& parameter, std::string_view text) {
  if (parameter.kind == Parameter::Kind::kWord) {
    if (std::ranges::count(parameter.words, text) > 0) return std::nullopt;
    return allowed(parameter);
  }
  const auto value = value_of(parameter, text);
  if (value && *value >= parameter.low && *value <= parameter.high) return std::nullopt;
  return allowed(parameter);
}

std::string expected_names(const ParameterRules& rules) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : rules)
    names.push_back(parameter.name);
  if (names.empty()) return "no parameters";
  return fmt::format("only {}", fmt::join(names, ", "));
}

}  // namespace systask::tasks
