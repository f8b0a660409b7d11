// `systask site drain` and `site move`: take plans away from a site, in good order.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"

namespace systask::service {
namespace {

struct DrainArguments {
  ClientOptions client;
  std::string site;
  std::string reason;
};

int drain(const DrainArguments& given) {
  const auto done =
      given.client.client().post(fmt::format("/api/sites/{}/drain", encoded(given.site)),
                                 {{"actor", actor()}, {"reason", given.reason}});
  if (given.client.json)
    print_json(done);
  else
    print(
        fmt::format("site {} gets no new plans, and those it has move to others; watch it with "
                    "`systask sites`\n",
                    given.site));
  return 0;
}

struct MoveArguments {
  ClientOptions client;
  std::int64_t plan = 0;
  std::string to;
  std::string reason;
};

int move(const MoveArguments& given) {
  const auto done =
      given.client.client().post(fmt::format("/api/plans/{}/move", given.plan),
                                 {{"actor", actor()}, {"to", given.to}, {"reason", given.reason}});
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("plan {} moves to site {}; watch it with `systask recoveries`\n", given.plan,
                      given.to));
  return 0;
}

// Below `site`, what the outer command needs and does is out of place.
void stand_alone(CLI::App& command, CLI::App* site) {
  command.preparse_callback([site](std::size_t) {
    for (CLI::Option* const option : site->get_options())
      option->required(false);
    site->callback({});
  });
}

void add_move(CLI::App& site, int& status) {
  const auto given = std::make_shared<MoveArguments>();
  auto* const command =
      add_command(site, "move", "Take one plan to a site, in good order",
                  "  systask site move 31 --to B --reason \"A is slow\"", given->client);
  command->add_option("plan", given->plan, "Number of the plan")
      ->check(whole<CLI::Validator>(1))
      ->required();
  command->add_option("--to", given->to, "Name of the site that gets it")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  stand_alone(*command, &site);
  on_command(*command, status, [given] { return move(*given); });
}

}  // namespace

void add_site_commands(CLI::App& app, int& status) {
  // `systask site --name A` may be there already, as the command that is a site.
  const auto there =
      app.get_subcommands([](CLI::App* command) { return command->get_name() == "site"; });
  CLI::App* site = there.empty() ? nullptr : there.front();
  if (site == nullptr) {
    site = add_noun(app, "site", "Operate a strategy site",
                    "  systask site drain A --reason 'maintenance'");
  }
  const auto given = std::make_shared<DrainArguments>();
  auto* const command =
      add_command(*site, "drain", "No new plans for a site; those it has move to others",
                  "  systask site drain A --reason \"maintenance\"", given->client);
  command->add_option("site", given->site, "Name of the site")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  stand_alone(*command, site);
  on_command(*command, status, [given] { return drain(*given); });
  add_move(*site, status);
}

}  // namespace systask::service
