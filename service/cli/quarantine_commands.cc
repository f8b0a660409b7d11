// `systask quarantine [list|show|apply|skip|edit|release]`: what waits for an operator, and
// what he decides.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"
#include "service/config/file_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;

struct Arguments {
  ClientOptions client;
  std::size_t limit = 50;
  std::int64_t number = 0;
  std::string reason;
  std::string body;
  std::string file;
};

// Messages, and beneath them the plans that wait; as JSON messages only.
int list(const Arguments& given) {
  json::value plans = json::array{};
  if (!given.client.json)
    plans =
        given.client.client().get(fmt::format("/api/plans?quarantined=true&limit={}", given.limit));
  json::value rows =
      given.client.client().get(fmt::format("/api/quarantine?limit={}", given.limit));
  if (given.client.json) {
    print_json(rows);
    return 0;
  }
  const bool no_plan = plans.as_array().empty();
  if (no_plan || !rows.as_array().empty())
    print_rows(given.client, rows.as_array(),
               {"no", "received_at", "function", "business_date", "plan", "number", "market",
                "order_number", "reason"});
  if (no_plan) return 0;
  print(fmt::format(
      "{}Plans that wait, with what is cached for them, until their messages are decided "
      "about, or `systask quarantine release PLAN`:\n",
      rows.as_array().empty() ? "" : "\n"));
  print_rows(given.client, plans.as_array(), {"plan", "name", "status_at", "quarantine_reason"});
  return 0;
}

int show(const Arguments& given) {
  json::value message = given.client.client().get(fmt::format("/api/quarantine/{}", given.number));
  if (given.client.json)
    print_json(message);
  else
    print_object(given.client, message.as_object());
  return 0;
}

json::object edited(const Arguments& given) {
  std::string text = given.body;
  if (!given.file.empty()) {
    const auto file = text_of_file(given.file);
    if (file.has_error())
      throw CliError{fmt::format("{} cannot be read: {}", given.file, file.error().message)};
    text = *file;
  }
  boost::system::error_code error;
  json::value body = json::parse(text, error);
  if (error || !body.is_object())
    throw CliError{"--body or --file must hold the whole message, a JSON object"};
  return std::move(body.as_object());
}

int decide(const Arguments& given, const std::string& verb) {
  json::object asked{{"actor", actor()}, {"reason", given.reason}};
  if (verb == "edit") asked["body"] = edited(given);
  const json::value done =
      given.client.client().post(fmt::format("/api/quarantine/{}/{}", given.number, verb), asked);
  if (given.client.json) {
    print_json(done);
    return 0;
  }
  const auto plan = done.at("plan").to_number<std::int64_t>();
  const std::string_view outcome{done.at("outcome").as_string()};
  std::string text = fmt::format("message {} was {}", given.number, outcome);
  if (plan != 0) text += fmt::format(", of plan {}", plan);
  if (done.at("released").as_bool()) text += "; the plan goes on";
  print(text + "\n");
  return 0;
}

int release(const Arguments& given) {
  const json::value done =
      given.client.client().post(fmt::format("/api/plans/{}/release", given.number),
                                 {{"actor", actor()}, {"reason", given.reason}});
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("plan {} goes on: it is given to a site that can run it\n", given.number));
  return 0;
}

std::shared_ptr<Arguments> add(CLI::App& parent, int& status, const std::string& verb,
                               const std::string& description, const std::string& example,
                               std::function<int(const Arguments&)> work) {
  auto given = std::make_shared<Arguments>();
  auto* const command = add_command(parent, verb, description,
                                    "  systask quarantine " + verb + example, given->client);
  if (verb == "list") {
    command->add_option("--limit", given->limit, "Show so many rows at most")
        ->check(whole<CLI::Validator>(1, kMostRows))
        ->capture_default_str();
  } else {
    command
        ->add_option(verb == "release" ? "plan" : "message", given->number,
                     verb == "release" ? "Number of the plan" : "Its `no` in the list")
        ->check(whole<CLI::Validator>(1))
        ->required();
  }
  if (verb != "list" && verb != "show")
    command->add_option("--reason", given->reason, "Why, for the audit log")->required();
  if (verb == "edit") {
    auto* const body = command->add_option("--body", given->body, "The whole message as JSON");
    command->add_option("--file", given->file, "A file that holds it")->excludes(body);
  }
  on_command(*command, status, [given, work = std::move(work)] { return work(*given); });
  return given;
}

}  // namespace

void add_quarantine_commands(CLI::App& app, int& status) {
  const auto given = std::make_shared<Arguments>();
  auto* const quarantine =
      add_command(app, "quarantine", "Messages and plans that an operator must look at",
                  "  systask quarantine --limit 10\n  systask quarantine show 118\n"
                  "  systask quarantine skip 118 --reason \"the feed repeated yesterday\"",
                  given->client);
  quarantine->add_option("--limit", given->limit, "Show so many rows at most")
      ->check(whole<CLI::Validator>(1, kMostRows))
      ->capture_default_str();
  add(*quarantine, status, "list", "All messages that wait, and then the plans", " --limit 10",
      list);
  add(*quarantine, status, "show", "One message in full", " 118", show);
  add(*quarantine, status, "apply", "Apply it anyway: what contradicts it gives way",
      " 118 --reason \"the exchange confirmed it\"",
      [](const Arguments& asked) { return decide(asked, "apply"); });
  add(*quarantine, status, "skip", "It has no effect, and its plan goes on",
      " 118 --reason \"not ours\"", [](const Arguments& asked) { return decide(asked, "skip"); });
  add(*quarantine, status, "edit", "Set it right, and apply it",
      " 118 --file right.json --reason \"amount was in lots\"",
      [](const Arguments& asked) { return decide(asked, "edit"); });
  add(*quarantine, status, "release", "Let a plan go on that no message holds up",
      " 31 --reason \"site B was mended\"", release);
  on_command(*quarantine, status, [quarantine, given, &status] {
    return quarantine->get_subcommands().empty() ? list(*given) : status;
  });
}

}  // namespace systask::service
