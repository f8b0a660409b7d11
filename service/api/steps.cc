// Steps of groups: skipping one, going on from the one that failed, and running past dates again.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>
#include <ranges>
#include <utility>

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
using scheduler::BackfillId;
using scheduler::Target;

net::HttpResponse skip(const ApiParts& parts, const std::string& task, const std::string& date_text,
                       const Asked& asked) {
  const auto date = date_text.empty() ? Result<int>{civil_date(parts.zone, parts.clock.now())}
                                      : parse_date(date_text);
  if (date.has_error()) return problem(date.error());
  const json::object before = target_state(parts, Target::task(task));
  const auto run = parts.engine.skip_step(task, *date, asked);
  if (run.has_error()) return problem(run.error());
  audit(parts, {.actor = asked.actor,
                .action = "task skip",
                .object = "task " + task,
                .reason = asked.reason,
                .before = before,
                .after = {{"run", run->value()}, {"business_date", *date}, {"done", true}}});
  return json_response(
      200, json::object{{"task", task}, {"business_date", *date}, {"run", run->value()}});
}

Work prepare_skip(const Asking& asking) {
  return [&parts = asking.parts, task = task_named(asking.parts, asking.request.at("name")),
          date = asking.body.text_or("business_date", "")](const Asked& asked) {
    return skip(parts, task, date, asked);
  };
}

Work prepare_continue(const Asking& asking) {
  return [&parts = asking.parts, group = asking.request.at("name")](const Asked& asked) {
    const Target target = Target::group(group);
    const json::object before = target_state(parts, target);
    const auto started = parts.engine.resume_group(group, asked);
    if (started.has_error()) return problem(started.error());
    audit(parts, {.actor = asked.actor,
                  .action = "group continue",
                  .object = object_of(target),
                  .reason = asked.reason,
                  .before = before,
                  .after = target_state(parts, target)});
    return json_response(200, json::object{{"group", group}, {"steps", *started}});
  };
}

struct WantedDates {
  std::string from;  // empty, both: today, and before its time too
  std::string to;
  int concurrency = 1;
};

net::HttpResponse backfill(const ApiParts& parts, const Target& target, const WantedDates& wanted,
                           const std::string& verb, const Asked& asked) {
  const int today = civil_date(parts.zone, parts.clock.now());
  const auto from = wanted.from.empty() ? Result<int>{today} : parse_date(wanted.from);
  if (from.has_error()) return problem(from.error());
  const auto to = wanted.to.empty() ? from : parse_date(wanted.to);
  if (to.has_error()) return problem(to.error());
  const json::object before = target_state(parts, target);
  const auto id = parts.engine.backfill({.target = target,
                                         .from = *from,
                                         .to = *to,
                                         .concurrency = wanted.concurrency,
                                         .early = wanted.from.empty()},
                                        asked);
  if (id.has_error()) return problem(id.error());
  audit(parts, {.actor = asked.actor,
                .action = fmt::format("{} {}", kind_of(target), verb),
                .object = object_of(target),
                .reason = asked.reason,
                .before = before,
                .after = {{"backfill", id->value()}, {"from", *from}, {"to", *to}}});
  return json_response(
      200,
      json::object{
          {"backfill", id->value()}, {kind_of(target), target.name}, {"from", *from}, {"to", *to}});
}

Work prepare_backfill(const Asking& asking, Target::Kind kind) {
  constexpr std::int64_t kMostAtOnce = 100;
  WantedDates wanted{.from = asking.body.text("from"), .to = asking.body.text_or("to", "")};
  wanted.concurrency =
      static_cast<int>(asking.body.optional_integer("concurrency", 1, kMostAtOnce).value_or(1));
  const std::string& name = asking.request.at("name");
  const bool task = kind == Target::Kind::kTask;
  return
      [&parts = asking.parts, target = Target{kind, task ? task_named(asking.parts, name) : name},
       wanted = std::move(wanted)](const Asked& asked) {
        return backfill(parts, target, wanted, "backfill", asked);
      };
}

// All of it, in order, for today: what is done already too.
Work prepare_group_run(const Asking& asking) {
  return [&parts = asking.parts, target = Target::group(asking.request.at("name"))](
             const Asked& asked) { return backfill(parts, target, {}, "run", asked); };
}

std::optional<scheduler::BackfillStatus> find_backfill(const ApiParts& parts,
                                                       const std::string& text) {
  for (scheduler::BackfillStatus& one : parts.engine.backfills())
    if (fmt::format("{}", one.backfill.id.value()) == text) return std::move(one);
  return std::nullopt;
}

net::HttpResponse unknown_backfill(const std::string& text) {
  return problem(
      404, "UNKNOWN_BACKFILL",
      fmt::format("there is no backfill {}: `systask backfills` lists those there are", text));
}

Work prepare_cancel_backfill(const Asking& asking) {
  return [&parts = asking.parts, text = asking.request.at("id")](const Asked& asked) {
    const auto found = find_backfill(parts, text);
    if (!found) return unknown_backfill(text);
    const BackfillId id = found->backfill.id;
    const auto done = parts.engine.cancel_backfill(id, asked.actor);
    if (done.has_error()) return problem(done.error());
    audit(parts, {.actor = asked.actor,
                  .action = "backfill cancel",
                  .object = fmt::format("backfill {}", text),
                  .reason = asked.reason,
                  .before = backfill_json(*found, parts.zone),
                  .after = {{"cancelled", true}}});
    return json_response(200, json::object{{"backfill", id.value()}, {"cancelled", true}});
  };
}

net::HttpResponse whole_backfill(const ApiParts& parts, const scheduler::BackfillStatus& status) {
  json::object answer = backfill_json(status, parts.zone);
  answer["outcomes"] = backfill_dates_json(status);
  return json_response(200, answer);
}

// With ?wait=true the answer comes when it is over, or the service stops.
void answer_backfill(const ApiParts& parts, const std::string& text, bool wait,
                     const net::HttpAnswer& answer) {
  const auto found = find_backfill(parts, text);
  if (!found) return answer(unknown_backfill(text));
  if (!wait) return answer(whole_backfill(parts, *found));
  const auto waits = parts.engine.await_backfill(
      found->backfill.id, [&parts, answer](const scheduler::BackfillStatus& status) {
        answer(whole_backfill(parts, status));
      });
  if (waits.has_error()) answer(problem(waits.error()));
}

void add_backfill_routes(Router& router, const ApiParts& parts) {
  add_list(router, parts, "/api/backfills", [&parts] {
    json::array rows;
    for (const scheduler::BackfillStatus& one : parts.engine.backfills() | std::views::reverse)
      rows.push_back(backfill_json(one, parts.zone));
    return rows;
  });
  router.add("GET", "/api/backfills/{id}",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const bool wait = request.query("wait") == "true";
               const bool taken = parts.post([&parts, id = request.at("id"), wait, answer] {
                 answer_backfill(parts, id, wait, answer);
               });
               if (!taken)
                 answer(problem(503, "BUSY", "the service is stopping, or too busy: try again"));
             });
  router.add("POST", "/api/backfills/{id}/cancel", changing(parts, prepare_cancel_backfill));
}

}  // namespace

void add_step_routes(Router& router, const ApiParts& parts) {
  add_backfill_routes(router, parts);
  router.add("POST", "/api/tasks/{name}/skip", changing(parts, prepare_skip));
  router.add("POST", "/api/tasks/{name}/backfill", changing(parts, [](const Asking& asking) {
               return prepare_backfill(asking, Target::Kind::kTask);
             }));
  router.add("POST", "/api/groups/{name}/backfill", changing(parts, [](const Asking& asking) {
               return prepare_backfill(asking, Target::Kind::kGroup);
             }));
  router.add("POST", "/api/groups/{name}/run", changing(parts, prepare_group_run));
  router.add("POST", "/api/groups/{name}/continue", changing(parts, prepare_continue));
}

}  // namespace systask::service
