// `systask site drain`: takes the plans of a site away from it, in good order.
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

}  // namespace

void add_site_commands(CLI::App& app, int& status) {
  // `systask site --name A` may be there already, as the command that is a site.
  const auto there =
      app.get_subcommands([](CLI::App* command) { return command->get_name() == "site"; });
  CLI::App* site = there.empty() ? nullptr : there.front();
  if (site == nullptr) {
    site = app.add_subcommand("site", "Operate a strategy site");
    site->require_subcommand(1);
  }
  const auto given = std::make_shared<DrainArguments>();
  auto* const command =
      add_command(*site, "drain", "No new plans for a site; those it has move to others",
                  "  systask site drain A --reason \"maintenance\"", given->client);
  command->add_option("site", given->site, "Name of the site")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  // With `drain`, what the outer command needs and does is out of place.
  command->preparse_callback([site](std::size_t) {
    for (CLI::Option* const option : site->get_options())
      option->required(false);
    site->callback({});
  });
  on_command(*command, status, [given] { return drain(*given); });
}

}  // namespace systask::service
