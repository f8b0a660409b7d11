// `systask next`: when tasks, or cron expressions, fire next. No service is needed. A
// command runs while the app is parsed and puts its exit status into `status`, which must
// outlive the parsing: 0 answered, 1 refused, 2 mistakes in the configuration.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "scheduler/when/dst.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_next(CLI::App& app, int& status);

// What was asked: tasks of a configuration, or one cron expression.
struct NextQuestion {
  std::string config = "tasks.yaml";
  std::string task;  // empty: all tasks
  std::string cron;  // not empty: this, and no configuration
  std::string zone = "UTC";
  std::int64_t count = 0;  // 0: one time of each of all tasks, else five
  TimePoint from;
  scheduler::DstPolicy dst;
};

int answer_next(const NextQuestion& question, std::ostream& out, std::ostream& err);

// Answers each line `expr<TAB>zone<TAB>from<TAB>count` with one line: times separated by a
// space, or `never`, or `error: ...`. Flushes whenever `in` has nothing more at hand, so that
// who asks line by line gets each answer at once.
void answer_batch(std::istream& in, std::ostream& out, scheduler::DstPolicy dst);

// The answer to one line, without its end.
[[nodiscard]] std::string answer_line(std::string_view line, scheduler::DstPolicy dst);

}  // namespace systask::service
