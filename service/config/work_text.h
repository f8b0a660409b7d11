// What a task with `run:` does, as one text: two that do the same have the same one.
#pragma once

#include <boost/container/flat_map.hpp>
#include <map>
#include <set>
#include <span>
#include <string>

#include "scheduler/task.h"
#include "tasks/kinds/kinds.h"

namespace systask::service {

[[nodiscard]] std::string work_text(const tasks::Work& work);

// The texts of a configuration's works, those that are alike once: what a service keeps of them,
// of which it may have a hundred thousand. A value that moves.
class WorkTexts {
 public:
  WorkTexts() = default;
  WorkTexts(std::span<const scheduler::TaskSpec> tasks,
            const std::map<std::string, tasks::Work>& works);
  WorkTexts(WorkTexts&&) = default;
  WorkTexts& operator=(WorkTexts&&) = default;
  ~WorkTexts() = default;

  // Empty for a C++ task.
  [[nodiscard]] std::string of(scheduler::TaskId task) const;

 private:
  std::set<std::string> texts_;
  boost::container::flat_map<scheduler::TaskId, const std::string*> by_task_;
};

}  // namespace systask::service
