#include "service/cli/service_notes.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/zone.h"
#include "net/address.h"
#include "scheduler/when/schedule.h"
#include "service/cli/service_client.h"
#include "service/cli/text_table.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

namespace json = boost::json;

std::string address_of(const ServiceConfig& service) {
  return net::text_of(
      net::address_to_ask({service.listen_host, std::to_string(service.listen_port)}));
}

TimePoint time_or_never(const json::value& text) {
  if (!text.is_string()) return scheduler::kNever;
  return from_rfc3339(std::string{text.as_string()}).value_or(scheduler::kNever);
}

TaskHold hold_of(const json::object& hold) {
  const bool pause = hold.at("kind") == "pause";
  const std::string on = hold.at("on") == "task" ? ""
                                                 : fmt::format(" with {} {}", plain(hold.at("on")),
                                                               plain(hold.at("name")));
  return {.from = time_or_never(hold.at("from")),
          .to = time_or_never(hold.at("to")),
          .why = fmt::format("{}{} by {}: {}", pause ? "paused" : "held", on,
                             plain(hold.at("actor")), plain(hold.at("reason")))};
}

void add_holds(const json::array& tasks, ServiceNotes& notes) {
  for (const json::value& task : tasks)
    for (const json::value& hold : task.at("holds").as_array())
      notes.holds[plain(task.at("name"))].push_back(hold_of(hold.as_object()));
}

}  // namespace

ServiceNotes ask_service(const ServiceQuestion& question) {
  ServiceNotes notes;
  const ConfigResult config = load_config(question.config, tasks::task_names());
  if (!config) return notes;
  bool answers = false;
  try {
    const ServiceClient client{
        question.connect.empty() ? address_of(config->service) : question.connect,
        question.token_file, std::chrono::milliseconds{500}};
    const json::value ready = client.get("/readyz");
    answers = true;
    if (const auto* clock = ready.as_object().if_contains("clock"); clock != nullptr)
      notes.lines.emplace_back(clock->as_string());
    add_holds(client.get("/api/tasks").as_array(), notes);
  } catch (const std::exception& error) {
    if (answers)
      notes.lines.push_back(fmt::format("whether tasks are paused is not known: {}", error.what()));
  }
  return notes;
}

}  // namespace systask::service
