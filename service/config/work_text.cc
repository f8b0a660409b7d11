#include "service/config/work_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scheduler/when/duration.h"

namespace systask::service {
namespace {

std::string text_of(const tasks::Exec& exec) {
  std::string text = "exec";
  for (const tasks::Template& argument : exec.arguments)
    text += " " + argument.text();
  for (const auto& [name, value] : exec.environment)
    text += fmt::format(", {}={}", name, value.text());
  if (!exec.directory.empty()) text += ", directory " + exec.directory;
  return text + fmt::format(", output {} bytes, expected {}", exec.output_bytes,
                            fmt::join(exec.expected, " "));
}

std::string text_of(const tasks::Sql& sql) {
  return fmt::format(
      "sql {}{}{}{}, at most {}", sql.text,
      sql.database.empty() ? "" : ", database " + sql.database, sql.read_only ? ", read only" : "",
      sql.may_write.empty() ? "" : fmt::format(", may write {}", fmt::join(sql.may_write, " ")),
      scheduler::format_duration(sql.longest));
}

std::string text_of(const tasks::Http& http) {
  std::string text = fmt::format("http {} {}", http.method, http.url.text());
  for (const auto& [name, value] : http.headers)
    text += fmt::format(", {}: {}", name, value.text());
  if (!http.body.empty()) text += ", body " + http.body.text();
  for (const tasks::StatusRange& range : http.expected)
    text += fmt::format(", expected {}-{}", range.low, range.high);
  return text + fmt::format(", timeout {}", scheduler::format_duration(http.timeout));
}

std::string text_of(const tasks::Publish& publish) {
  return fmt::format("publish {}, body {}", publish.topic.text(), publish.body.text());
}

}  // namespace

std::string work_text(const tasks::Work& work) {
  return std::visit([](const auto& one) { return text_of(one); }, work);
}

WorkTexts::WorkTexts(std::span<const scheduler::TaskSpec> tasks,
                     const std::map<std::string, tasks::Work>& works) {
  by_task_.reserve(works.size());
  for (const scheduler::TaskSpec& task : tasks)
    if (const auto work = works.find(task.name); work != works.end())
      by_task_.emplace(task.id, &*texts_.insert(work_text(work->second)).first);
}

std::string WorkTexts::of(scheduler::TaskId task) const {
  const auto found = by_task_.find(task);
  return found == by_task_.end() ? std::string{} : *found->second;
}

}  // namespace systask::service
