#include "tasks/given.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "scheduler/when/duration.h"

namespace systask::tasks {
namespace {

[[noreturn]] void refuse(const scheduler::RunContext& run, std::string_view name,
                         std::string_view found, std::string_view expected) {
  throw std::invalid_argument(fmt::format("parameter {} of {}: found '{}', expected {}", name,
                                          run.task.name, found, expected));
}

}  // namespace

Given::Given(const scheduler::RunContext& run, ParameterRules rules)
    : run_(run), rules_(std::move(rules)) {
  for (const auto& [name, value] : run.parameters) {
    const auto rule = std::ranges::find(rules_, std::string_view{name}, &Parameter::name);
    if (rule == rules_.end()) refuse(run, name, value, expected_names(rules_));
    if (const auto expected = expected_instead(*rule, value)) refuse(run, name, value, *expected);
  }
}

const Parameter& Given::rule(std::string_view name, Parameter::Kind kind) const {
  const auto found = std::ranges::find(rules_, name, &Parameter::name);
  const bool known = found != rules_.end() && found->kind == kind;
  CHECK(known, "a body reads the parameters that its task declares");
  return *found;
}

const std::string* Given::text(std::string_view name) const {
  const auto given = run_.parameters.find(std::string{name});
  return given == run_.parameters.end() ? nullptr : &given->second;
}

std::int64_t Given::number(std::string_view name) const {
  const Parameter& of = rule(name, Parameter::Kind::kNumber);
  const std::string* const given = text(name);
  return given == nullptr ? of.otherwise : std::stoll(*given);
}

Micros Given::duration(std::string_view name) const {
  const Parameter& of = rule(name, Parameter::Kind::kDuration);
  const std::string* const given = text(name);
  return given == nullptr ? Micros{of.otherwise} : scheduler::parse_duration(*given).value();
}

std::string Given::word(std::string_view name) const {
  const Parameter& of = rule(name, Parameter::Kind::kWord);
  const std::string* const given = text(name);
  return given == nullptr ? std::string{of.words.front()} : *given;
}

}  // namespace systask::tasks
