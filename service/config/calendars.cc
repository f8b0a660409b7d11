#include "service/config/calendars.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "service/config/fields.h"
#include "service/config/file_text.h"
#include "service/config/yaml_repair.h"

namespace systask::service {
namespace {

using Kind = YamlNode::Kind;

const std::vector<std::string_view> kFileKeys{"file"};

std::optional<YamlNode> child(YamlNode map, std::string_view key) {
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; map.kind() == Kind::kMap && i + 1 < parts.size(); i += 2)
    if (parts[i].text() == key) return parts[i + 1];
  return std::nullopt;
}

bool is_calendar_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_of(" \t,[]{}") == std::string_view::npos;
}

CalendarsResult load_at(const std::string& file, int depth);

// `{file: calendars/xshg.yaml}`: the calendar of that file, or of several the one of the name.
void read_named_file(YamlNode map, const std::string& name, const std::string& path,
                     const CalendarSurroundings& around, Calendars& into) {
  Fields fields{map, path, kFileKeys, around.mistakes};
  std::string file;
  fields.text("file", "the name of a file", file);
  if (file.empty()) return;
  const auto relative = std::filesystem::path{file};
  const std::string whole =
      relative.is_absolute() ? file : (std::filesystem::path{around.directory} / file).string();
  constexpr int kDeepest = 4;
  if (around.depth >= kDeepest)
    return fields.complain("file", file, "a file that does not name others in a circle");
  CalendarsResult read = load_at(whole, around.depth + 1);
  if (!read) return around.mistakes.add_from(whole, read.error().all);
  around.warnings.add_from(whole, read->warnings);
  Calendars& found = read->calendars;
  const auto named = found.size() == 1 ? found.begin() : found.find(name);
  if (named == found.end())
    return fields.complain("file", file,
                           fmt::format("a file with one calendar, or with one named '{}'", name));
  // It goes by the name that this configuration gives it.
  CalendarRules rules = named->second.calendar->edition()->rules();
  rules.name = name;
  rules.source = whole;
  const auto renamed = Calendar::make(std::move(rules));
  into.emplace(
      name, NamedCalendar{std::make_shared<LiveCalendar>(renamed.value()), named->second.markets});
}

// What a file is, beside a configuration with calendars in it: one calendar.
void read_single(YamlNode root, const std::string& file, const CalendarSurroundings& around,
                 Calendars& into) {
  std::string name = std::filesystem::path{file}.stem().string();
  if (const auto given = child(root, "name"); given && given->kind() == Kind::kScalar)
    name = given->text();
  if (!is_calendar_name(name))
    return around.mistakes.add(root.place(), "name", name,
                               "a name without spaces, commas and brackets");
  if (auto found = read_calendar(root, name, "", file, around)) into.emplace(name, *found);
}

// The zone of the service, where the file is a whole configuration.
std::optional<std::string> service_zone(YamlNode root) {
  const auto service = child(root, "service");
  if (!service) return std::nullopt;
  const auto zone = child(*service, "time_zone");
  return zone ? std::string{zone->text()} : std::string{"Asia/Shanghai"};
}

}  // namespace

void read_calendar_section(YamlNode map, const CalendarSurroundings& around, Calendars& into) {
  if (map.kind() == Kind::kNull) return;
  if (map.kind() != Kind::kMap)
    return around.mistakes.add(map.place(), "calendars", map.described(),
                               "a map of calendars, such as {xshg: {file: calendars/xshg.yaml}}");
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const std::string name{parts[i].text()};
    const std::string path = fmt::format("calendars.{}", parts[i].described());
    if (!is_calendar_name(name))
      around.mistakes.add(parts[i].place(), path, parts[i].described(),
                          "a name without spaces, commas and brackets");
    else if (into.contains(name))
      around.mistakes.add(parts[i].place(), path, name, "each calendar once");
    else if (child(parts[i + 1], "file"))
      read_named_file(parts[i + 1], name, path, around, into);
    else if (auto found =
                 read_calendar(parts[i + 1], name, path,
                               fmt::format("calendars.{} in the configuration", name), around))
      into.emplace(name, *std::move(found));
    // A wrong one is known by its name, so that tasks that name it are not wrong as well.
    if (is_calendar_name(name)) into.try_emplace(name);
  }
}

namespace {

CalendarsResult read_at(const std::string& text, const std::string& file, int depth) {
  Complaints mistakes;
  Complaints warnings;
  ReadCalendars found;
  const ReadYaml yaml = read_yaml(text, mistakes);
  const auto root = yaml.document.root();
  CalendarSurroundings around{std::filesystem::path{file}.parent_path().string(), std::nullopt,
                              mistakes, warnings, depth};
  if (!root) {
    if (yaml.left_out.empty()) mistakes.add({}, "", "an empty file", "a calendar");
  } else if (const auto section = child(*root, "calendars")) {
    around.zone = service_zone(*root);
    read_calendar_section(*section, around, found.calendars);
  } else if (!child(*root, "tasks") && !child(*root, "service")) {
    read_single(*root, file, around, found.calendars);
  }
  if (!mistakes.none()) return Mistakes{file, mistakes.take()};
  found.warnings = warnings.take();
  return found;
}

CalendarsResult load_at(const std::string& file, int depth) {
  const auto unreadable = [&](const std::string& why) {
    return Mistakes{file,
                    {{{}, "", "the calendar cannot be read: " + why + "; name another file", {}}}};
  };
  const auto text = text_of_file(file);
  if (!text) return unreadable(text.error().message);
  return read_at(*text, file, depth);
}

}  // namespace

CalendarsResult read_calendars(const std::string& text, const std::string& file) {
  return read_at(text, file, 0);
}

CalendarsResult load_calendars(const std::string& file) { return load_at(file, 0); }

}  // namespace systask::service
