// What a task with `run:` does, as one text: two that do the same have the same one.
#pragma once

#include <boost/container/flat_map.hpp>
#include <map>
#include <string>

#include "tasks/kinds/kinds.h"

namespace systask::service {

[[nodiscard]] std::string work_text(const tasks::Work& work);

// By the names of the tasks. What a service keeps of its works, of which it may have many.
using WorkTexts = boost::container::flat_map<std::string, std::string>;
[[nodiscard]] WorkTexts work_texts(const std::map<std::string, tasks::Work>& works);

}  // namespace systask::service
