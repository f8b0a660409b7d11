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
#include "scheduler/policies.h"
#include "scheduler/when/timetable.h"

namespace systask::scheduler {

using TaskId = Named<std::int64_t, struct TaskIdTag>;
using RunId = Named<std::int64_t, struct RunIdTag>;

using Parameters = std::map<std::string, std::string>;

// The work of a task: called on a lane's thread, it returns one short sentence, its outcome in
// the ledger, and throws on failure. What it captures must outlive the engine's lanes.
struct RunContext;
using Body = std::function<std::string(const RunContext&)>;

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
  Coalesce coalesce = Coalesce::kLatest;
  OnLost on_lost = OnLost::kRecord;
  std::uint16_t at_once = 1;         // runs side by side that overlap `allow` allows
  std::uint16_t coalesce_cap = 100;  // occurrences that coalesce `all` runs
  LatePolicy late;
  Micros timeout{0};                               // 0: none
  Micros timeout_grace = std::chrono::seconds{5};  // after it, the run is abandoned
  std::string group;
  // What must have ended well enough for the same business date. A task with a schedule
  // waits for them at its occurrence; one without starts when they have.
  std::vector<Predecessor> after;
  std::shared_ptr<const SpecialPolicies> special_policies;  // may be empty: see special()

  [[nodiscard]] const SpecialPolicies& special() const {
    static const SpecialPolicies kNone;
    return special_policies ? *special_policies : kNone;
  }
};

}  // namespace systask::scheduler
