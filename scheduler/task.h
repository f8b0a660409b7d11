// A TaskSpec is one task as its configuration defines it: a plain value, never changed
// once the engine has it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/named.h"
#include "scheduler/when/timetable.h"

namespace systask::scheduler {

using TaskId = Named<std::int64_t, struct TaskIdTag>;
using RunId = Named<std::int64_t, struct RunIdTag>;

using Parameters = std::map<std::string, std::string>;

// The work of a task: called on a lane's thread, it returns one short sentence, its outcome in
// the ledger, and throws on failure. What it captures must outlive the engine's lanes.
struct RunContext;
using Body = std::function<std::string(const RunContext&)>;

// What becomes of an occurrence or an event that finds the task running. kRunOnceMore:
// it runs again as soon as it ends, once, however many came meanwhile.
enum class Overlap { kSkip, kRunOnceMore };

// What becomes, at the next start, of a run that the service died with.
enum class OnLost { kRerun, kRecord };

// An occurrence found later than `within` is skipped, or run all the same. Of several
// occurrences found at once that may run, the latest runs and the others are coalesced.
struct LatePolicy {
  enum class Otherwise { kSkip, kRun };
  Micros within = std::chrono::seconds{30};
  Otherwise otherwise = Otherwise::kSkip;

  friend bool operator==(const LatePolicy&, const LatePolicy&) = default;
};

struct TaskSpec {
  TaskId id;
  std::string name;  // also the name of its body in the Registry, unless `body` says
  std::string body;  // empty: the same as `name`
  std::shared_ptr<const Body> own_body;  // comes with its configuration (exec, sql, http,
                                         // publish); else the one of the Registry
  int priority = 1;                      // the lane it runs in; 1 is the most urgent
  Timetable timetable;                   // on demand: run now, events, and `after` only
  std::string schedule_text;             // as written, with zone: "cron 0 0 8 * * ? Asia/Shanghai".
                                         // Two specs whose texts differ have different schedules
  std::string zone = "UTC";              // for display
  bool enabled = true;                   // false: has no occurrences and refuses to be run
  Parameters parameters;
  Overlap overlap = Overlap::kSkip;
  LatePolicy late;
  OnLost on_lost = OnLost::kRecord;
  Micros timeout{0};                               // 0: none
  Micros timeout_grace = std::chrono::seconds{5};  // after it, the run is abandoned
  std::string group;
  // Names of tasks that must have succeeded for the same business date. A task with a
  // schedule waits for them at its occurrence; one without starts when they succeed.
  std::vector<std::string> after;
};

}  // namespace systask::scheduler
