// Groups, lanes and holds; pausing, resuming, holding and cancelling on a task, a group or a
// lane alike.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "scheduler/engine/due.h"
#include "scheduler/engine/engine.h"
#include "service/api/audited.h"
#include "service/api/page.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/task_json.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::Asked;
using scheduler::Hold;
using scheduler::Target;
using scheduler::TaskStatus;

struct Noun {
  const char* plural;
  Target::Kind kind;
};
constexpr Noun kNouns[]{{"tasks", Target::Kind::kTask},
                        {"groups", Target::Kind::kGroup},
                        {"lanes", Target::Kind::kLane}};

Target target_of(const Asking& asking, Target::Kind kind) {
  const std::string& name = asking.request.at("name");
  return {kind, kind == Target::Kind::kTask ? task_named(asking.parts, name) : name};
}

Work prepare_pause(const Asking& asking, Target::Kind kind, bool pause) {
  return [&parts = asking.parts, target = target_of(asking, kind), pause](const Asked& asked) {
    const json::object before = target_state(parts, target);
    const auto done =
        pause ? parts.engine.pause(target, asked) : parts.engine.resume(target, asked);
    if (done.has_error()) return problem(done.error());
    audit(parts, {.actor = asked.actor,
                  .action = fmt::format("{} {}", kind_of(target), pause ? "pause" : "resume"),
                  .object = object_of(target),
                  .reason = asked.reason,
                  .before = before,
                  .after = target_state(parts, target)});
    return json_response(200, json::object{{kind_of(target), target.name}, {"paused", pause}});
  };
}

net::HttpResponse hold(const ApiParts& parts, const Target& target, const std::string& from_text,
                       const std::string& to_text, const Asked& asked) {
  const TimePoint now = parts.clock.now();
  const auto from = parse_time(from_text, parts.zone, now);
  if (from.has_error()) return problem(from.error());
  const auto to = parse_time(to_text, parts.zone, *from);
  if (to.has_error()) return problem(to.error());
  const json::object before = target_state(parts, target);
  const auto held = parts.engine.hold(target, *from, *to, asked);
  if (held.has_error()) return problem(held.error());
  audit(parts, {.actor = asked.actor,
                .action = fmt::format("{} hold", kind_of(target)),
                .object = object_of(target),
                .reason = asked.reason,
                .before = before,
                .after = target_state(parts, target)});
  return json_response(200, json::object{{"hold", held->value()},
                                         {kind_of(target), target.name},
                                         {"from", parts.zone.to_rfc3339(*from)},
                                         {"to", parts.zone.to_rfc3339(*to)}});
}

Work prepare_hold(const Asking& asking, Target::Kind kind) {
  return [&parts = asking.parts, target = target_of(asking, kind),
          from = asking.body.text_or("from", "now"), to = asking.body.text("to")](
             const Asked& asked) { return hold(parts, target, from, to, asked); };
}

Work prepare_target_cancel(const Asking& asking, Target::Kind kind) {
  return [&parts = asking.parts, target = target_of(asking, kind)](const Asked& asked) {
    return cancel_open_runs(parts, target, asked);
  };
}

Work prepare_lift(const Asking& asking) {
  return [&parts = asking.parts, text = asking.request.at("id")](const Asked& asked) {
    const std::vector<Hold> holds = parts.engine.holds();
    const auto hold = std::ranges::find_if(
        holds, [&](const Hold& one) { return fmt::format("{}", one.id.value()) == text; });
    if (hold == holds.end())
      return problem(404, "UNKNOWN_HOLD",
                     fmt::format("there is no hold {}: it is over, or never was; `systask holds` "
                                 "lists those there are",
                                 text));
    const auto done = parts.engine.lift(hold->id, asked);
    if (done.has_error()) return problem(done.error());
    audit(parts, {.actor = asked.actor,
                  .action = "hold lift",
                  .object = object_of(hold->target),
                  .reason = asked.reason,
                  .before = hold_json(*hold, parts.zone),
                  .after = target_state(parts, hold->target)});
    return json_response(200, json::object{{"hold", hold->id.value()}, {"lifted", true}});
  };
}

Work prepare_resize(const Asking& asking) {
  constexpr std::int64_t kMostThreads = 1'000;
  const std::int64_t threads = asking.body.integer("threads", 1, kMostThreads);
  return [&parts = asking.parts, target = target_of(asking, Target::Kind::kLane),
          threads](const Asked& asked) {
    for (const scheduler::Lanes::Depth& lane : parts.lanes.depths()) {
      if (Target::lane(lane.priority) != target) continue;
      const json::object before = target_state(parts, target);
      const auto done = parts.engine.resize_lane(lane.priority, static_cast<std::size_t>(threads));
      if (done.has_error()) return problem(done.error());
      const json::object after = target_state(parts, target);
      audit(parts, {.actor = asked.actor,
                    .action = "lane resize",
                    .object = object_of(target),
                    .reason = asked.reason,
                    .before = before,
                    .after = after});
      return json_response(200,
                           json::object{{"lane", target.name}, {"threads", after.at("threads")}});
    }
    return problem(
        404, "UNKNOWN_LANE",
        fmt::format("there is no lane {}: `systask lanes` lists those there are", target.name));
  };
}

// What keeps it from starting now, in words.
json::value held_text(const ApiParts& parts, const Target& target, const std::vector<Hold>& holds) {
  const TimePoint now = parts.clock.now();
  for (const Hold& hold : holds)
    if (hold.target == target && hold.covers(now))
      return json::string{in_zone(why_held(hold), parts.zone)};
  return nullptr;
}

json::array lanes_json(const ApiParts& parts) {
  json::array rows;
  const std::vector<Hold> holds = parts.engine.holds();
  for (const scheduler::Lanes::Depth& lane : parts.lanes.depths()) {
    json::object row = lane_json(lane);
    row["held"] = held_text(parts, Target::lane(lane.priority), holds);
    row["state"] = lane_state(lane, row.at("held").is_string());
    row["holds"] = holds_on(Target::lane(lane.priority), holds, parts.zone);
    rows.push_back(std::move(row));
  }
  return rows;
}

json::array groups_json(const ApiParts& parts) {
  std::map<std::string, json::array> tasks;
  std::map<std::string, std::int64_t> running;
  const TimePoint now = parts.clock.now();
  for (const TaskStatus& task : parts.engine.tasks()) {
    if (task.spec->group.empty()) continue;
    running[task.spec->group] += task.running ? 1 : 0;
    tasks[task.spec->group].push_back(json::object{
        {"task", task.spec->name},
        {"state", task.today ? std::string_view{task.today->state} : state_of(task, now)},
        {"says", task.today ? task.today->says : ""},
        {"to_do", task.today ? task.today->to_do : ""},
        {"last_outcome", task.last ? json::value(name_of(task.last->state)) : json::value{}},
        {"last_date", task.last ? task.last->business_date : 0}});
  }
  json::array rows;
  const std::vector<Hold> holds = parts.engine.holds();
  for (auto& [group, steps] : tasks) {
    const json::object held = holds_on(Target::group(group), holds, parts.zone);
    rows.push_back(json::object{{"group", group},
                                {"tasks", steps.size()},
                                {"running", running[group]},
                                {"held", held_text(parts, Target::group(group), holds)},
                                {"paused", held.at("paused")},
                                {"windows", held.at("windows")},
                                {"steps", std::move(steps)}});
  }
  return rows;
}

json::array holds_json(const ApiParts& parts) {
  json::array rows;
  for (const Hold& hold : parts.engine.holds())
    rows.push_back(hold_json(hold, parts.zone));
  return rows;
}

json::array alarms_json(const ApiParts& parts) {
  json::array rows;
  for (const scheduler::Alarm& alarm : parts.engine.alarms())
    rows.push_back(alarm_json(alarm, parts.zone));
  return rows;
}

}  // namespace

void add_hold_routes(Router& router, const ApiParts& parts) {
  add_list(router, parts, "/api/lanes", [&parts] { return lanes_json(parts); });
  add_list(router, parts, "/api/groups", [&parts] { return groups_json(parts); });
  add_list(router, parts, "/api/holds", [&parts] { return holds_json(parts); });
  add_list(router, parts, "/api/alarms", [&parts] { return alarms_json(parts); });
  for (const Noun& noun : kNouns) {
    const std::string one = fmt::format("/api/{}/{{name}}/", noun.plural);
    const Target::Kind kind = noun.kind;
    for (const bool pause : {true, false})
      router.add("POST", one + (pause ? "pause" : "resume"),
                 changing(parts, [kind, pause](const Asking& asking) {
                   return prepare_pause(asking, kind, pause);
                 }));
    router.add("POST", one + "hold", changing(parts, [kind](const Asking& asking) {
                 return prepare_hold(asking, kind);
               }));
    router.add("POST", one + "cancel", changing(parts, [kind](const Asking& asking) {
                 return prepare_target_cancel(asking, kind);
               }));
  }
  router.add("POST", "/api/holds/{id}/lift", changing(parts, prepare_lift));
  router.add("POST", "/api/lanes/{name}/resize", changing(parts, prepare_resize));
}

}  // namespace systask::service
