// `systask rerun RUN`: one ended run, made once more.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr double kLongestRerunSeconds = 24 * 3600;

struct RerunArguments {
  ClientOptions client;
  std::string run;
  std::string reason;
};

int rerun(const RerunArguments& given) {
  json::object body{{"actor", actor()}};
  if (!given.reason.empty()) body["reason"] = given.reason;
  const json::value done =
      given.client.client().post(fmt::format("/api/runs/{}/rerun", encoded(given.run)), body);
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("{} of {}: {}: {} (run {})\n", plain(done.at("task")),
                      plain(done.at("business_date")), plain(done.at("outcome")),
                      plain(done.at("detail")), plain(done.at("run"))));
  return done.at("outcome") == "succeeded" ? 0 : 1;
}

}  // namespace

void add_rerun(CLI::App& app, int& status) {
  const auto given = std::make_shared<RerunArguments>();
  given->client.timeout_seconds = kLongestRerunSeconds;
  auto* const command = add_command(
      app, "rerun",
      "Make one ended run once more, with its nominal time, business date and parameters",
      "  systask rerun 1709 --reason 'the feed is back'\n"
      "Waits for the outcome; exit status 0 only if it succeeded. What comes after the task\n"
      "starts, where the run is of today's business date.",
      given->client);
  command->add_option("run", given->run, "Its number, as `systask runs` has it")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  on_command(*command, status, [given] { return rerun(*given); });
}

}  // namespace systask::service
