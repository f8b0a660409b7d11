#include "service/cli/backfills.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr double kLongestWaitSeconds = 24 * 3600;

struct BackfillArguments {
  ClientOptions client;
  std::int64_t number = 0;  // 0: the list
};

void print_whole(const json::object& backfill) {
  std::string text = fmt::format("backfill {}: {} {}, {}: {} of {} runs succeeded ({}, {})\n",
                                 plain(backfill.at("backfill")), plain(backfill.at("on")),
                                 plain(backfill.at("name")), plain(backfill.at("state")),
                                 plain(backfill.at("succeeded")), plain(backfill.at("runs")),
                                 plain(backfill.at("actor")), plain(backfill.at("reason")));
  text += render_table(
      table_of(backfill.at("outcomes").as_array(),
               {"business_date", "outcome", "done", "steps", "run", "task", "detail"}));
  print(text);
}

int show(const BackfillArguments& given) {
  const json::value answer = given.client.client().get(
      given.number == 0 ? "/api/backfills" : fmt::format("/api/backfills/{}", given.number));
  if (given.client.json)
    print_json(answer);
  else if (answer.is_object())
    print_whole(answer.as_object());
  else
    print(render_table(table_of(answer.as_array(),
                                {"backfill", "on", "name", "state", "from", "to", "runs", "done",
                                 "succeeded", "begun_at", "ended_at", "actor", "reason"})));
  return 0;
}

}  // namespace

int wait_for_backfill(const ClientOptions& client, std::int64_t backfill) {
  ClientOptions patient = client;
  patient.timeout_seconds = kLongestWaitSeconds;
  const json::value answer =
      patient.client().get(fmt::format("/api/backfills/{}?wait=true", backfill));
  if (client.json)
    print_json(answer);
  else
    print_whole(answer.as_object());
  return answer.at("state") == "succeeded" ? 0 : 1;
}

void add_backfills(CLI::App& app, int& status) {
  const auto given = std::make_shared<BackfillArguments>();
  auto* const command = add_command(
      app, "backfills", "Past dates that are or were run again: the latest 50, or one in full",
      "  systask backfills\n  systask backfills 3", given->client);
  command->add_option("backfill", given->number, "Its number: what came of each date")
      ->check(CLI::PositiveNumber);
  on_command(*command, status, [given] { return show(*given); });
}

}  // namespace systask::service
