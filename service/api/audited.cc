#include "service/api/audited.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <utility>

#include "base/log.h"
#include "service/api/problem.h"
#include "service/api/task_json.h"

namespace systask::service {

namespace json = boost::json;
using scheduler::Target;

void audit(const ApiParts& parts, const Change& change) try {
  if (!parts.audit) return;
  const auto text = [](const json::object& state) {
    return state.empty() ? std::string{} : json::serialize(state);
  };
  parts.audit({.at = parts.clock.now(),
               .actor = change.actor,
               .action = change.action,
               .object = change.object,
               .before = text(change.before),
               .after = text(change.after),
               .reason = change.reason});
} catch (const std::exception& error) {
  log::error("a change is missing in the audit log", {{"object", change.object},
                                                      {"action", change.action},
                                                      {"actor", change.actor},
                                                      {"reason", error.what()}});
}

Handler changing(const ApiParts& parts, Prepare prepare) {
  return [&parts, prepare = std::move(prepare)](const ApiRequest& request,
                                                const net::HttpAnswer& answer) {
    auto body = Body::parse(request.http.body);
    if (body.has_error()) return answer(problem(body.error()));
    scheduler::Asked asked{actor_of(request, *body), body->text("reason")};
    Work work = prepare({parts, request, *body});
    if (body->wrong()) return answer(problem(body->refusal()));
    answer_later(parts, request.http.method + " " + request.http.path, answer,
                 [asked = std::move(asked), work = std::move(work)] { return work(asked); });
  };
}

std::string object_of(const Target& target) {
  return fmt::format("{} {}", kind_of(target), target.name);
}

json::object target_state(const ApiParts& parts, const Target& target) {
  json::object state = holds_on(target, parts.engine.holds(), parts.zone);
  const TimePoint now = parts.clock.now();
  if (target.kind == Target::Kind::kTask) {
    if (const auto task = parts.engine.task(target.name)) state["state"] = state_of(*task, now);
  } else if (target.kind == Target::Kind::kGroup) {
    json::object steps;
    for (const scheduler::TaskStatus& task : parts.engine.tasks())
      if (task.spec->group == target.name) steps[task.spec->name] = state_of(task, now);
    state["tasks"] = steps;
  } else {
    for (const scheduler::Lanes::Depth& lane : parts.lanes.depths())
      if (Target::lane(lane.priority) == target) state["threads"] = lane.threads;
  }
  return state;
}

}  // namespace systask::service
