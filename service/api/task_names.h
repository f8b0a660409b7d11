// TaskNames finds tasks by name, number or pattern, and names those of runs: the registered ones,
// and those that left the configuration, as they were called last.
//
// A value of one thread, as of the moment it was made. Making one may read the database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/ports/run_history.h"
#include "service/api/api.h"

namespace systask::service {

class TaskNames {
 public:
  explicit TaskNames(const ApiParts& parts);

  // The name of a task; its number where nobody knows a name.
  [[nodiscard]] std::string name_of(scheduler::TaskId task) const;
  // It has left the configuration; what it was last, where that is known.
  [[nodiscard]] bool is_gone(scheduler::TaskId task) const;
  [[nodiscard]] const scheduler::TaskDefinition* gone(scheduler::TaskId task) const;
  // The tasks of that name, of that number, or those whose names fit a pattern of '*' and '?', in
  // order of id. UNKNOWN_TASK where there are none.
  [[nodiscard]] Result<std::vector<scheduler::TaskId>> find(const std::string& text) const;

  // Registered tasks that have an occurrence each minute or more often; and the others. A task
  // that is gone is among the frequent ones: who asks for it by name sees all its runs.
  [[nodiscard]] std::vector<scheduler::TaskId> frequent(TimePoint now) const;
  [[nodiscard]] std::vector<scheduler::TaskId> rare(TimePoint now) const;

 private:
  [[nodiscard]] const scheduler::TaskSpec* registered(scheduler::TaskId task) const;

  std::vector<std::shared_ptr<const scheduler::TaskSpec>> specs_;  // in order of id
  std::vector<scheduler::TaskDefinition> gone_;                    // likewise
};

// Whether the name fits the pattern: '*' any characters, '?' one, everything else itself.
[[nodiscard]] bool fits(std::string_view name, std::string_view pattern);

// The number that the whole text is, or nothing.
[[nodiscard]] std::optional<std::int64_t> number_in(std::string_view text);

}  // namespace systask::service
