// The parameters of C++ tasks: what is wrong is said when the file is read, and not by the run.
#include <fmt/format.h>

#include <algorithm>

#include "service/config/task_parts.h"
#include "tasks/parameters.h"

namespace systask::service {
namespace {

std::string expected_of_name(std::string_view name, const tasks::ParameterRules& rules) {
  std::vector<std::string_view> names;
  for (const tasks::Parameter& parameter : rules)
    names.push_back(parameter.name);
  const std::string_view meant = nearest(name, names);
  return tasks::expected_names(rules) +
         (meant.empty() ? std::string{} : fmt::format(": did you mean '{}'?", meant));
}

}  // namespace

void check_parameters(const Fields& fields, const scheduler::TaskSpec& spec, Complaints& mistakes) {
  const auto map = fields.find("parameters");
  const auto rules = tasks::parameters_of(spec.body.empty() ? spec.name : spec.body);
  if (!map || !rules || map->kind() != YamlNode::Kind::kMap || fields.find("run")) return;
  const std::vector<YamlNode> parts = map->children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const YamlNode name = parts[i];
    const YamlNode value = parts[i + 1];
    if (name.kind() != YamlNode::Kind::kScalar || value.kind() != YamlNode::Kind::kScalar)
      continue;  // complained about
    const std::string path = fmt::format("{}.{}", fields.name_of("parameters"), name.text());
    const auto rule = std::ranges::find(*rules, name.text(), &tasks::Parameter::name);
    if (rule == rules->end())
      mistakes.add(name.place(), path, name.text(), expected_of_name(name.text(), *rules));
    else if (const auto expected = tasks::expected_instead(*rule, value.text()))
      mistakes.add(value.place(), path, value.text(), *expected);
  }
}

}  // namespace systask::service
