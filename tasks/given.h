// Given reads the parameters of one run: each by name, with what it is when it is not
// given. A wrong or unknown parameter fails the run, as std::invalid_argument that names
// the task and the parameter and says what was expected. Lives during the body's call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "scheduler/run.h"

namespace systask::tasks {

class Given {
 public:
  // `known`: the parameters of the task; none: it takes none.
  explicit Given(const scheduler::RunContext& run,
                 std::initializer_list<std::string_view> known = {});

  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                                    std::int64_t high) const;
  [[nodiscard]] Micros duration(std::string_view name, Micros otherwise, Micros low) const;
  // One of the words.
  [[nodiscard]] std::string word(std::string_view name, std::string_view otherwise,
                                 std::initializer_list<std::string_view> words) const;

 private:
  const scheduler::RunContext& run_;
};

}  // namespace systask::tasks
