// The commands that only look: a table of rows, one plan.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

// One command that lists rows. Without columns: all that the service gives, as with -o wide.
struct Listing {
  const char* name;
  const char* description;
  const char* examples;
  bool of_plan = false;
  std::size_t limit = 0;  // 0: all rows there are
  std::vector<std::string> columns;
};

struct ListArguments {
  ClientOptions client;
  std::size_t limit = 0;
  std::int64_t plan = 0;
  std::string object;  // of the audit log
  std::string since;
};

const std::vector<Listing>& listings() {
  static const std::vector<Listing> all{
      {.name = "tasks",
       .description = "The scheduled tasks, with their next time and last outcome",
       .examples = "  systask tasks\n  systask tasks --json",
       .columns = {"id", "name", "priority", "schedule", "state", "next", "last_outcome", "last_at",
                   "last_detail"}},
      {.name = "lanes",
       .description = "Lanes, with what runs and waits in them",
       .examples = "  systask lanes",
       .columns = {"lane", "state", "threads", "configured", "running", "queued", "abandoned",
                   "held"}},
      {.name = "holds",
       .description = "Pauses and windows in which nothing starts, with who made them and why",
       .examples = "  systask holds",
       .columns = {"hold", "on", "name", "kind", "from", "to", "actor", "reason"}},
      {.name = "alarms",
       .description = "What should have happened by now, and has not",
       .examples = "  systask alarms",
       .columns = {"task", "alarm", "business_date", "since", "says"}},
      {.name = "sites",
       .description = "Strategy sites, with state and load",
       .examples = "  systask sites\n  systask sites -o wide",
       .columns = {"name", "state", "plans", "capacity", "strategies", "environment",
                   "logged_in_at", "lost_at"}},
      {.name = "orders",
       .description = "Child orders",
       .examples = "  systask orders --plan 31\n  systask orders --limit 500 --json",
       .of_plan = true,
       .limit = 100,
       .columns = {"order", "plan", "market", "security", "side", "price", "quantity", "filled",
                   "cancelled", "state", "order_number", "algo_ordid", "cause"}},
      {.name = "cache",
       .description = "Messages that wait while no site runs their plan",
       .examples = "  systask cache\n  systask cache --plan 31",
       .of_plan = true,
       .limit = 100},
      {.name = "audit",
       .description = "Who changed what, newest first",
       .examples = "  systask audit --limit 20\n"
                   "  systask audit --object 'task nightly-report' --since 'yesterday 08:00'",
       .limit = 50,
       .columns = {"at", "actor", "action", "object", "reason", "before", "after"}},
  };
  return all;
}

int list(const Listing& listing, const ListArguments& given) {
  std::map<std::string, std::string> query;
  if (given.plan != 0) query["plan"] = fmt::format("{}", given.plan);
  if (!given.object.empty()) query["object"] = given.object;
  if (!given.since.empty()) query["since"] = given.since;
  if (given.limit != 0) query["limit"] = fmt::format("{}", given.limit);
  json::value rows =
      given.client.client().get(target_of(fmt::format("/api/{}", listing.name), query));
  if (given.client.json)
    print_json(rows);
  else
    print_rows(given.client, rows.as_array(), listing.columns);
  return 0;
}

void add_listing(CLI::App& app, int& status, const Listing& listing) {
  const auto given = std::make_shared<ListArguments>();
  given->limit = listing.limit;
  auto* const command =
      add_command(app, listing.name, listing.description, listing.examples, given->client);
  if (listing.limit != 0)
    command->add_option("--limit", given->limit, "Show so many rows at most")
        ->check(whole<CLI::Validator>(1, kMostRows))
        ->capture_default_str();
  if (listing.of_plan)
    command->add_option("--plan", given->plan, "Of this plan only, by number")
        ->check(whole<CLI::Validator>(1));
  if (std::string_view{listing.name} == "audit") {
    command->add_option("--object", given->object, "Of this object only: 'task X', 'lane 1'");
    command->add_option("--since", given->since,
                        "Not older: RFC 3339, or 08:00 in the service's zone");
  }
  on_command(*command, status, [given, &listing] { return list(listing, *given); });
}

// Of all plans; -o wide has the rest.
const std::vector<std::string> kPlanColumns{
    "plan",     "name",    "strategy", "status",    "site",
    "quantity", "ordered", "filled",   "status_at", "quarantine_reason"};
const std::vector<std::string> kTrailColumns{"at", "action", "site", "actor", "detail"};

int show(const ClientOptions& client, const std::string& target,
         const std::vector<std::string>& columns = {}) {
  json::value answer = client.client().get(target);
  if (client.json)
    print_json(answer);
  else if (answer.is_array())
    print_rows(client, answer.get_array(), columns);
  else
    print_object(client, answer.as_object());
  return 0;
}

int explain(const ClientOptions& client, std::int64_t plan) {
  const json::value answer = client.client().get(fmt::format("/api/plans/{}/explain", plan));
  if (client.json) {
    print_json(answer);
    return 0;
  }
  print(fmt::format("plan {}: {}\n", plan, std::string_view{answer.at("state").as_string()}));
  print(render_table(table_of(answer.at("sites").as_array(), {"site", "answer"}), client.screen()));
  return 0;
}

}  // namespace

void add_list_commands(CLI::App& app, int& status) {
  for (const Listing& listing : listings())
    add_listing(app, status, listing);

  const auto plans = std::make_shared<std::pair<ClientOptions, std::int64_t>>();
  auto* const command =
      add_command(app, "plans", "All plans, or one in full",
                  "  systask plans\n  systask plans 31\n  systask plans --quarantined\n"
                  "  systask plans --explain 31\n  systask plans --trail 31",
                  plans->first);
  auto* const one = command->add_option("plan", plans->second, "Number of one plan")
                        ->check(whole<CLI::Validator>(1));
  const auto explained = std::make_shared<std::int64_t>(0);
  const auto followed = std::make_shared<std::int64_t>(0);
  command
      ->add_option("--trail", *followed,
                   "What happened to it, from its creation through every site that ran it")
      ->check(whole<CLI::Validator>(1))
      ->excludes(one);
  command
      ->add_option("--explain", *explained,
                   "For each site why it would, or would not, get this plan")
      ->check(whole<CLI::Validator>(1))
      ->excludes(one);
  const auto quarantined = std::make_shared<bool>(false);
  command
      ->add_flag("--quarantined", *quarantined,
                 "Only plans that wait until an operator has decided")
      ->excludes(one);
  on_command(*command, status, [plans, explained, followed, quarantined] {
    if (*followed != 0)
      return show(plans->first, fmt::format("/api/plans/{}/trail", *followed), kTrailColumns);
    if (*explained != 0) return explain(plans->first, *explained);
    return show(plans->first,
                plans->second != 0 ? fmt::format("/api/plans/{}", plans->second)
                : *quarantined     ? std::string{"/api/plans?quarantined=true"}
                                   : std::string{"/api/plans"},
                kPlanColumns);
  });
}

}  // namespace systask::service
