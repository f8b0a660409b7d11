// Writes the metrics to a file, for collectors that read files and for the time after a
// crash. The file is replaced as a whole: no one reads half of it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/new_file.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body metrics_snapshot(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    const std::string text = parts.metrics_text();
    const std::string unfinished = parts.metrics_file + ".new";
    std::filesystem::remove(unfinished);
    make_file(unfinished);
    std::ofstream out{unfinished, std::ios::binary | std::ios::trunc};
    out << text << std::flush;
    if (!out)
      throw std::runtime_error("the metrics could not be written to " + unfinished +
                               ": check the directory, its rights and the room on its disk");
    out.close();
    std::filesystem::rename(unfinished, parts.metrics_file);
    return fmt::format("{} lines of metrics written to {}", std::ranges::count(text, '\n'),
                       parts.metrics_file);
  };
}

}  // namespace systask::tasks
