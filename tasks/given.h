// Given reads the parameters of one run by the rules of its task: each by name, with what it is
// when it is not given. A wrong or unknown parameter fails the run, as std::invalid_argument that
// names the task and the parameter and says what was expected. Lives during the body's call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scheduler/run.h"
#include "tasks/parameters.h"

namespace systask::tasks {

class Given {
 public:
  // All that was given is checked at once. `rules`: none, where the task takes no parameters.
  explicit Given(const scheduler::RunContext& run, ParameterRules rules = {});

  // Each is one of the rules, and of that kind.
  [[nodiscard]] std::int64_t number(std::string_view name) const;
  [[nodiscard]] Micros duration(std::string_view name) const;
  [[nodiscard]] std::string word(std::string_view name) const;

 private:
  [[nodiscard]] const Parameter& rule(std::string_view name, Parameter::Kind kind) const;
  [[nodiscard]] const std::string* text(std::string_view name) const;

  const scheduler::RunContext& run_;
  ParameterRules rules_;
};

}  // namespace systask::tasks
