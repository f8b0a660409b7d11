#include "service/cli/diff.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "base/number_range.h"
#include "base/zone.h"
#include "service/api/times_in_zone.h"
#include "service/cli/clean_output.h"
#include "service/config/config.h"
#include "service/config/setting_changes.h"
#include "service/config/task_changes.h"
#include "service/config/time_text.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

constexpr int kTrouble = 2;

}  // namespace

int answer_diff(const DiffQuestion& question, TimePoint now, std::ostream& out, std::ostream& err) {
  const ConfigResult before = load_config(question.before, tasks::task_names());
  const ConfigResult after = load_config(question.after, tasks::task_names());
  for (const ConfigResult* config : {&before, &after})
    if (config->has_error()) err << to_text(config->error());
  if (before.has_error() || after.has_error()) return kTrouble;
  const Zone zone = Zone::find(after->service.platform.time_zone).value();
  const auto from = question.from.empty() ? now : parse_time(question.from, zone, now);
  if (from.has_error()) {
    err << "systask diff: --from " << from.error().message << '\n';
    return kTrouble;
  }
  const Zone shown = question.utc ? Zone::utc() : zone;
  const WorkTexts works_before{before->tasks, before->works};
  const WorkTexts works_after{after->tasks, after->works};
  const TaskChanges changes = task_changes({before->tasks, works_before},
                                           {after->tasks, works_after}, *from, question.hours);
  const std::vector<SettingChange> settings = setting_changes(*before, *after);
  if (question.json) {
    boost::json::value answer = change_json(changes);
    boost::json::array& array = (answer.as_object()["settings"] = boost::json::array{}).get_array();
    for (const SettingChange& change : settings)
      array.push_back(boost::json::object{
          {"key", change.key}, {"before", change.before}, {"after", change.after}});
    write_times_in(answer, shown);
    out << json_text(answer) << '\n';
    return changes.changes.empty() && settings.empty() ? 0 : 1;
  }
  for (const SettingChange& change : settings)
    out << text_of(change) << '\n';
  for (const auto& change : changes.changes)
    for (const std::string& line : change_lines(change))
      out << in_zone(line, shown) << '\n';
  const bool same = changes.changes.empty() && settings.empty();
  out << fmt::format("{}\n({} hours from {})\n", same ? "nothing changed" : change_summary(changes),
                     question.hours, shown.to_rfc3339(*from));
  return same ? 0 : 1;
}

void add_diff(CLI::App& app, int& status) {
  const auto given = std::make_shared<DiffQuestion>();
  auto* const command = app.add_subcommand(
      "diff",
      "What a changed configuration changes: settings, tasks, and the next day's occurrences");
  command->add_option("old", given->before, "A configuration")->required();
  command->add_option("new", given->after, "The one that is to replace it")->required();
  command->add_option("--from", given->from,
                      "Occurrences from then on: RFC 3339, or 09:30 in the service's zone. "
                      "Default: now");
  command->add_option("--hours", given->hours, "And for so long")
      ->check(whole<CLI::Validator>(1, 24 * 366))
      ->capture_default_str();
  command->add_flag("--json", given->json, "As JSON");
  command->add_flag("--utc", given->utc, "Times in UTC; default: in the service's zone");
  command->footer(
      "A task is the same task by its id. One with more than 200 occurrences is counted.\n"
      "Exit status: 0 nothing differs, 1 something does, 2 trouble.\n"
      "Examples:\n"
      "  systask diff tasks.yaml tasks.new.yaml\n"
      "  systask diff tasks.yaml tasks.new.yaml --from 2026-05-25T00:00:00+08:00 --hours 72");
  command->callback([given, &status] {
    status = answer_diff(*given, SystemClock{}.now(), std::cout, std::cerr);
  });
}

}  // namespace systask::service
