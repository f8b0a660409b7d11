// `systask rerun RUN`: one ended run, made once more.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "service/cli/asked_run.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr double kLongestRerunSeconds = 24 * 3600;

struct RerunArguments {
  ClientOptions client;
  std::string run;
  std::string reason;
  bool wait = false;
  bool no_wait = false;
};

RunOrder order_of(const RerunArguments& given) {
  json::object body{{"actor", actor()}};
  if (!given.reason.empty()) body["reason"] = given.reason;
  return {.command = "rerun",
          .task = {},
          .path = fmt::format("/api/runs/{}/rerun", encoded(given.run)),
          .body = std::move(body),
          .waits = !given.no_wait};
}

}  // namespace

void add_rerun(CLI::App& app, int& status) {
  const auto given = std::make_shared<RerunArguments>();
  given->client.timeout_seconds = kLongestRerunSeconds;
  auto* const command = add_command(
      app, "rerun",
      "Make one ended run once more, with its nominal time, business date and parameters",
      "  systask rerun 1709 --reason 'the feed is back'\n"
      "  systask rerun 1709 --no-wait\n"
      "What comes after the task starts, where the run is of today's business date. Exit status "
      "as\n"
      "of `systask run`: 0 it succeeded (with --no-wait: it was asked for), 1 it did not, 3 it "
      "had\n"
      "not ended when --timeout was over, and goes on.",
      given->client);
  command->add_option("run", given->run, "Its number, as `systask runs` has it")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  add_waiting(*command, given->wait, given->no_wait);
  on_command(*command, status, [given] { return ask_for_run(given->client, order_of(*given)); });
}

}  // namespace systask::service
