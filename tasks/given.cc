#include "tasks/given.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "scheduler/when/duration.h"

namespace systask::tasks {
namespace {

[[noreturn]] void refuse(const scheduler::RunContext& run, std::string_view name,
                         std::string_view found, std::string_view expected) {
  throw std::invalid_argument(fmt::format("parameter {} of {}: found '{}', expected {}", name,
                                          run.task.name, found, expected));
}

}  // namespace

Given::Given(const scheduler::RunContext& run, std::initializer_list<std::string_view> known)
    : run_(run) {
  for (const auto& [name, value] : run.parameters) {
    if (std::ranges::count(known, name) > 0) continue;
    const std::string names =
        known.size() == 0 ? "no parameters" : fmt::format("only {}", fmt::join(known, ", "));
    refuse(run, name, value, names);
  }
}

std::int64_t Given::number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                           std::int64_t high) const {
  const auto given = run_.parameters.find(std::string{name});
  if (given == run_.parameters.end()) return otherwise;
  const std::string& text = given->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    refuse(run_, name, text, fmt::format("a whole number from {} to {}", low, high));
  return value;
}

Micros Given::duration(std::string_view name, Micros otherwise, Micros low) const {
  const auto given = run_.parameters.find(std::string{name});
  if (given == run_.parameters.end()) return otherwise;
  const auto length = scheduler::parse_duration(given->second);
  if (!length || *length < low)
    refuse(run_, name, given->second,
           fmt::format("a duration such as 250ms, 10s or 1h30m, at least {}",
                       scheduler::format_duration(low)));
  return *length;
}

std::string Given::word(std::string_view name, std::string_view otherwise,
                        std::initializer_list<std::string_view> words) const {
  const auto given = run_.parameters.find(std::string{name});
  if (given == run_.parameters.end()) return std::string{otherwise};
  if (std::ranges::count(words, given->second) == 0)
    refuse(run_, name, given->second, fmt::format("{}", fmt::join(words, " or ")));
  return given->second;
}

}  // namespace systask::tasks
