// `systask groups`: each step of each group, how it stands today, and what to do.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

struct GroupArguments {
  ClientOptions client;
  std::string group;  // empty: all
};

// One row a step, below one another, and what there is to do, below the table.
std::string text_of(const json::array& groups) {
  json::array rows;
  std::string notes;
  for (const json::value& group : groups) {
    const std::string name = plain(group.at("group"));
    if (const json::value& held = group.at("held"); !held.is_null())
      notes += fmt::format("group {}: {}\n", name, plain(held));
    std::string told;
    for (const json::value& step : group.at("steps").as_array()) {
      json::object row = step.as_object();
      row["group"] = name;
      // Steps that wait for one another have the same to do.
      const std::string to_do = plain(row.at("to_do"));
      if (!to_do.empty() && to_do != told)
        notes += fmt::format("group {}: {}\n", name, told = to_do);
      rows.push_back(std::move(row));
    }
  }
  return render_table(table_of(rows, {"group", "task", "state", "says"})) +
         (notes.empty() ? "" : "\n" + notes);
}

int show(const GroupArguments& given) {
  json::value groups = given.client.client().get("/api/groups");
  if (!given.group.empty()) {
    json::array one;
    for (const json::value& group : groups.as_array())
      if (plain(group.at("group")) == given.group) one.push_back(group);
    if (one.empty())
      throw CliError(fmt::format("there is no group '{}': `systask groups` lists those there are",
                                 given.group));
    groups = std::move(one);
  }
  if (given.client.json)
    print_json(groups);
  else
    print(text_of(groups.as_array()));
  return 0;
}

}  // namespace

void add_groups(CLI::App& app, int& status) {
  const auto given = std::make_shared<GroupArguments>();
  auto* const command = add_command(
      app, "groups", "Groups of tasks: how each of their steps stands today",
      "  systask groups\n  systask groups start-of-day\n  systask groups --json", given->client);
  command->add_option("group", given->group, "Only this one");
  on_command(*command, status, [given] { return show(*given); });
}

}  // namespace systask::service
