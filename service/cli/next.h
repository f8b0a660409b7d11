// `systask next`: when tasks, or cron expressions, fire next, or fired last. No service is
// needed; one that runs is asked for its pauses. A command runs while the app is parsed and puts
// its exit status into `status`, which must outlive the parsing: 0 answered, 1 refused, 2 mistakes
// in the configuration.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scheduler/when/dst.h"
#include "service/cli/service_notes.h"

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
  std::string seed;        // of `cron`: the name of the task that H stands for
  std::int64_t count = 0;  // strictly after `from`; 0, without `back`: one of each of all
                           // tasks, else five
  std::int64_t back = 0;   // strictly before `from`
  TimePoint from;
  scheduler::DstPolicy dst;
  bool json = false;
  bool utc = false;  // else in the service's zone, of `cron` in its own
  std::map<std::string, std::vector<TaskHold>> holds;  // of a running service, by task
  bool skipped = false;  // also the days that a task's calendar leaves out, and why
};

int answer_next(const NextQuestion& question, std::ostream& out, std::ostream& err);

// Answers each line `expr<TAB>zone<TAB>from<TAB>count` with one line: times separated by a
// space, or `never`, or `error: ...`. Flushes whenever `in` has nothing more at hand, so that
// who asks line by line gets each answer at once. `seed` is the task's name for H.
void answer_batch(std::istream& in, std::ostream& out, scheduler::DstPolicy dst,
                  std::string_view seed = {});

// The answer to one line, without its end. The columns are counted from the right, so that an
// expression may have tabs between its fields.
[[nodiscard]] std::string answer_line(std::string_view line, scheduler::DstPolicy dst,
                                      std::string_view seed = {});

}  // namespace systask::service
