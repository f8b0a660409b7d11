#include "service/config/config.h"

#include <filesystem>
#include <future>
#include <stdexcept>

#include "service/config/fields.h"
#include "service/config/file_text.h"
#include "service/config/sections.h"
#include "service/config/yaml_repair.h"

namespace systask::service {
namespace {

const std::vector<std::string_view> kKeys{"service", "lanes", "tasks", "calendars"};

std::map<int, LaneConfig> default_lanes() { return {{1, {.threads = 8}}, {2, {.threads = 2}}}; }

// The scalars below a node, by their paths; a list as one text.
void add_settings(YamlNode node, const std::string& path,
                  std::map<std::string, std::string>& into) {
  const std::vector<YamlNode> parts = node.children();
  if (node.kind() == YamlNode::Kind::kMap) {
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
      add_settings(parts[i + 1], path + "." + std::string{parts[i].text()}, into);
    return;
  }
  std::string text{node.text()};
  for (const YamlNode& part : parts) {
    if (!text.empty()) text += ", ";
    text += part.text();
  }
  into[path] = std::move(text);
}

void read_parts(YamlNode root, const std::string& left_out, const std::vector<std::string>& bodies,
                Config& config, TaskComplaints complaints) {
  const std::string directory = std::filesystem::path{config.file}.parent_path().string();
  Fields parts{root, "", kKeys, complaints.mistakes};
  const bool whole = left_out.empty();
  // A part that lost its content to a syntax error has been complained about.
  const auto part = [&](std::string_view key) {
    const auto found = parts.find(key);
    return found && found->kind() == YamlNode::Kind::kNull && !whole ? std::nullopt : found;
  };
  if (const auto service = part("service"))
    read_service(*service, config.service, complaints.mistakes);
  resolve_paths(directory, config.service);
  for (const char* const key : {"service", "lanes"})
    if (const auto settings = part(key)) add_settings(*settings, key, config.settings);
  config.lanes = default_lanes();
  if (const auto lanes = part("lanes")) read_lanes(*lanes, config.lanes, complaints.mistakes);
  // Before the tasks, wherever they stand: tasks name them.
  if (const auto calendars = part("calendars"))
    read_calendar_section(
        *calendars,
        {directory, config.service.platform.time_zone, complaints.mistakes, complaints.warnings},
        config.calendars);
  if (const auto service = part("service"))
    check_market_calendars(*service, config.calendars, complaints.mistakes);
  std::map<std::string, std::shared_ptr<const scheduler::Schedule>> schedules;
  const TaskSurroundings around{config.service.platform.time_zone,
                                config.lanes,
                                bodies,
                                left_out,
                                directory,
                                config.works,
                                config.calendars,
                                schedules,
                                config.dated,
                                config.sql_places};
  if (const auto tasks = part("tasks"))
    read_tasks(*tasks, around, config.tasks, complaints);
  else if (whole && root.kind() == YamlNode::Kind::kMap)
    parts.complain("tasks", "nothing", "a list of tasks");
}

}  // namespace

void throw_exception_from_error(const Mistakes& mistakes, const boost::source_location&) {
  throw std::runtime_error("the configuration has mistakes; mend them and start again:\n" +
                           to_text(mistakes));
}

ConfigResult read_config(const std::string& text, const std::string& file,
                         const std::vector<std::string>& bodies) {
  Complaints mistakes;
  Complaints warnings;
  Config config;
  config.file = file;
  const ReadYaml yaml = read_yaml(text, mistakes);
  if (const auto root = yaml.document.root())
    read_parts(*root, yaml.left_out, bodies, config, {mistakes, warnings});
  else if (yaml.left_out.empty())
    mistakes.add({}, "", "an empty file", "service, lanes and tasks");
  if (!mistakes.none()) return Mistakes{file, mistakes.take()};
  config.warnings = warnings.take();
  return config;
}

ConfigResult load_config(const std::string& file, const std::vector<std::string>& bodies) {
  const auto unreadable = [&](const std::string& why) {
    return Mistakes{
        file,
        {{{},
          "",
          "the configuration cannot be read: " + why + "; name another file, or put one there"}}};
  };
  const auto text = text_of_file(file);
  if (!text) return unreadable(text.error().message);
  return read_config(*text, file, bodies);
}

ConfigResult load_config_aside(const std::string& file, const std::vector<std::string>& bodies) {
  return std::async(std::launch::async, load_config, file, bodies).get();
}

}  // namespace systask::service
