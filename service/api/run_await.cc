#include "service/api/run_await.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "scheduler/engine/engine.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/task_json.h"
#include "service/api/task_names.h"

namespace systask::service {
namespace {

namespace json = boost::json;

// A run that has not ended: 202, and what it waits for.
net::HttpResponse not_ended(const ApiParts& parts, scheduler::RunId id, const std::string& task) {
  const auto open = parts.engine.open_run(id);
  if (open) return json_response(202, run_json(open->row, task, parts.zone, &*open));
  const auto row = parts.ledger.find(id);
  if (!row) return json_response(202, json::object{{"run", id.value()}, {"task", task}});
  return json_response(is_open(row->state) ? 202 : 200, run_json(*row, task, parts.zone));
}

net::HttpAnswer once_only(const net::HttpAnswer& answer) {
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  return [answered, answer](net::HttpResponse response) {
    if (!answered->exchange(true)) answer(std::move(response));
  };
}

}  // namespace

RunAnswer::RunAnswer(const ApiParts& parts, std::string what,
                     std::optional<std::chrono::milliseconds> wait, const net::HttpAnswer& answer)
    : parts_(parts), what_(std::move(what)), wait_(wait), first_(once_only(answer)) {}

std::function<void(const scheduler::RunRow&)> RunAnswer::when_ended(std::string task) const {
  return [&parts = parts_, first = first_, task = std::move(task)](const scheduler::RunRow& run) {
    first(json_response(200, run_json(run, task, parts.zone)));
  };
}

void RunAnswer::begin(scheduler::RunId run, const std::string& task) const {
  if (!wait_) return;
  const auto give_up = [&parts = parts_, what = what_, first = first_, run, task] {
    answer_later(parts, what, first, [&parts, run, task] { return not_ended(parts, run, task); });
  };
  if (wait_->count() == 0) return give_up();
  parts_.after(*wait_, give_up);
}

std::function<void()> once(std::function<void()> work) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  return [done, work = std::move(work)] {
    if (!done->exchange(true)) work();
  };
}

Result<std::chrono::milliseconds> wait_of(const ApiRequest& request) {
  const std::string text = request.query("wait_ms");
  if (text.empty()) return std::chrono::milliseconds{0};
  const auto number = number_in(text);
  if (!number || *number < 0 || *number > kLongestWait.count())
    return Refusal{"BAD_REQUEST", fmt::format("'wait_ms' is '{}', expected a number from 0 to {}",
                                              text, kLongestWait.count())};
  return std::chrono::milliseconds{*number};
}

void await_run(const ApiParts& parts, scheduler::RunId run, std::chrono::milliseconds wait,
               std::function<void()> then) {
  // Its outcome has been decided, and is being written.
  constexpr std::chrono::milliseconds kSoon{50};
  const std::function<void()> told = once(std::move(then));
  if (wait.count() == 0) return told();
  if (parts.engine.when_done(run, [told](const scheduler::RunRow&) { told(); }))
    return parts.after(wait, told);
  const auto row = parts.ledger.find(run);
  if (!row || !is_open(row->state)) return told();
  parts.after(std::min(wait, kSoon), told);
}

}  // namespace systask::service
