#include "service/api/troubles.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <string>

#include "service/api/task_json.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::Trouble;

// As a shell takes it for one word.
std::string word(std::string_view name) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (plain) return std::string{name};
  std::string quoted = "'";
  for (const char c : name)
    quoted += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return quoted + "'";
}

json::value until_json(const Trouble& trouble, const Zone& zone) {
  if (trouble.until == scheduler::kNever) return nullptr;
  return time_json(zone, std::chrono::ceil<std::chrono::seconds>(trouble.until));
}

// The command to type next.
std::string next_of(const Trouble& trouble) {
  const std::string name = word(trouble.on.name);
  switch (trouble.kind) {
    case Trouble::Kind::kAlarm:
      if (name == scheduler::kClockAlarm) return "systask alarms";
      return fmt::format("systask runs --task {}", name);
    case Trouble::Kind::kWaitsLane: return "systask lanes";
    case Trouble::Kind::kPaused:
      return fmt::format("systask {} resume {} --reason WHY", kind_of(trouble.on), name);
    case Trouble::Kind::kInWindow: return "systask holds";
    default: break;
  }
  return trouble.run ? fmt::format("systask runs {}", trouble.run->value())
                     : fmt::format("systask runs --task {}", name);
}

}  // namespace

json::array troubles_json(const scheduler::Troubles& troubles, const Zone& zone) {
  json::array rows;
  for (const Trouble& trouble : troubles.list)
    rows.push_back(json::object{
        {"state", name_of(concern_of(trouble.kind))},
        {"on", kind_of(trouble.on)},
        {"name", trouble.on.name},
        {"run", trouble.run ? json::value(trouble.run->value()) : json::value{}},
        {"since", time_json(zone, std::chrono::floor<std::chrono::seconds>(trouble.since))},
        {"until", until_json(trouble, zone)},
        {"says", trouble.says},
        {"next", next_of(trouble)}});
  return rows;
}

}  // namespace systask::service
