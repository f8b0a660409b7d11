// What a task with `run:` does, as one text: two that do the same have the same one.
#pragma once

#include <string>

#include "tasks/kinds/kinds.h"

namespace systask::service {

[[nodiscard]] std::string work_text(const tasks::Work& work);

}  // namespace systask::service
