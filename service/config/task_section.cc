#include <fmt/format.h>

#include <algorithm>

#include "service/config/fields.h"
#include "service/config/sections.h"
#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using scheduler::TaskSpec;

const std::vector<std::string_view> kTaskKeys{
    "id",        "name",          "body",       "priority",     "every",  "cron",     "at",
    "enabled",   "time_zone",     "parameters", "overlap",      "late",   "after",    "on_lost",
    "timeout",   "timeout_grace", "group",      "dst",          "run",    "calendar", "delay",
    "once",      "during",        "roll",       "on",           "jitter", "coalesce", "not_after",
    "exclusive", "retry",         "alarms",     "stop_timeout", "from"};

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kNameExpected =
    "a name of letters, digits, '-', '_' and '.', at most 64";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789-_.") == std::string_view::npos;
}

// What mistakes of the task are filed under: its name or, without one, its place.
std::string path_of(YamlNode map, std::size_t index) {
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    if (parts[i].text() == "name" && is_name(parts[i + 1].text()))
      return fmt::format("tasks.{}", parts[i + 1].text());
  return fmt::format("tasks[{}]", index);
}

class IdentityReader {
 public:
  IdentityReader(Fields& fields, const TaskSurroundings& around, TaskSpec& spec)
      : fields_(fields), around_(around), spec_(spec) {}

  void read() {
    require("id", "a number of its own for the task");
    require("name", kNameExpected);
    std::int64_t id = 0;
    fields_.integer("id", std::int64_t{1}, std::int64_t{999'999'999'999}, id);
    spec_.id = scheduler::TaskId{id};
    fields_.text("name", kNameExpected, spec_.name);
    if (!spec_.name.empty() && !is_name(spec_.name))
      fields_.complain("name", spec_.name, kNameExpected);
    fields_.text("body", "the name of a C++ task", spec_.body);
    const std::string_view key = spec_.body.empty() ? "name" : "body";
    const std::string& body = spec_.body.empty() ? spec_.name : spec_.body;
    if (body.empty() || fields_.find("run") || std::ranges::count(around_.bodies, body)) return;
    const std::string_view meant = nearest(body, {around_.bodies.begin(), around_.bodies.end()});
    fields_.complain(
        key, body,
        "the name of a registered C++ task (or body: with one)" +
            (meant.empty() ? std::string{} : fmt::format(": did you mean '{}'?", meant)));
  }

 private:
  void require(std::string_view key, std::string_view expected) {
    if (!fields_.find(key)) fields_.complain(key, "nothing", expected);
  }

  Fields& fields_;
  const TaskSurroundings& around_;
  TaskSpec& spec_;
};

}  // namespace

TaskSpec read_task(YamlNode map, std::size_t index, const TaskSurroundings& around,
                   TaskComplaints complaints) {
  Fields fields{map, path_of(map, index), kTaskKeys, complaints.mistakes};
  if (map.kind() != YamlNode::Kind::kMap) return {};
  TaskSpec spec;
  IdentityReader{fields, around, spec}.read();
  read_schedule(fields, around, complaints, spec);
  read_policies(fields, around, complaints, spec);
  check_parameters(fields, spec, complaints.mistakes);
  read_run(fields, around, complaints, spec);  // last: it may use the parameters
  return spec;
}

}  // namespace systask::service
