// `systask plan create|pause|resume|cancel|modify`: what clients do with plans.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"

namespace systask::service {
namespace {

namespace json = boost::json;

struct NewPlanArguments {
  ClientOptions client;
  std::string name;
  std::string strategy;
  std::string environment = "prod";
  std::vector<std::string> parameters;
  std::vector<std::string> details;
  std::int64_t market = 1;
  std::string security;
  std::string side = "buy";
  std::int64_t quantity = 0;
  std::int64_t tolerance_percent = 0;
  std::int64_t last_date = 0;
  bool no_wait = false;
};

struct ChangeArguments {
  ClientOptions client;
  std::int64_t plan = 0;
  std::vector<std::string> parameters;
  std::string reason;
};

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

json::object detail_json(std::int64_t market, std::string_view security, bool buy,
                         std::int64_t quantity) {
  return {{"market_no", market},
          {"stock_code", security},
          {"entrust_direction", buy ? 1 : 2},
          {"quantity", quantity}};
}

// "1:600570:buy:10000", or nothing.
std::optional<json::object> parse_detail(const std::string& text) {
  std::vector<std::string> parts = CLI::detail::split(text, ':');
  if (parts.size() != 4 || parts[1].empty()) return std::nullopt;
  const auto market = number_of(parts[0]);
  const auto quantity = number_of(parts[3]);
  if (!market || !quantity || (parts[2] != "buy" && parts[2] != "sell")) return std::nullopt;
  return detail_json(*market, parts[1], parts[2] == "buy", *quantity);
}

CLI::Validator detail_form() {
  return {[](std::string& text) {
            if (parse_detail(text)) return std::string{};
            return "'" + text +
                   "' is no MARKET:SECURITY:buy|sell:QUANTITY, such as "
                   "1:600570:buy:10000";
          },
          "MARKET:SECURITY:SIDE:QUANTITY"};
}

json::object parameters_json(const std::vector<std::string>& texts) {
  json::object object;
  for (const auto& [key, value] : pairs_of(texts))
    object[key] = value;
  return object;
}

json::object body_of(const NewPlanArguments& given) {
  json::array details;
  if (!given.security.empty())
    details.push_back(
        detail_json(given.market, given.security, given.side == "buy", given.quantity));
  for (const auto& text : given.details)
    details.push_back(*parse_detail(text));
  if (details.empty())
    throw CLI::ValidationError("plan create",
                               "say what to trade: --security 600570 --side buy "
                               "--quantity 10000, or --detail 1:600570:buy:10000");
  json::object body{{"name", given.name},
                    {"strategy", given.strategy},
                    {"environment", given.environment},
                    {"parameters", parameters_json(given.parameters)},
                    {"details", details},
                    {"actor", actor()}};
  if (given.name.empty())
    body["name"] = fmt::format("{} {}", given.strategy,
                               std::string_view{details.front().at("stock_code").as_string()});
  if (given.tolerance_percent != 0) body["tolerance_percent"] = given.tolerance_percent;
  if (given.last_date != 0) body["last_date"] = given.last_date;
  return body;
}

constexpr std::string_view kSubmitting = "1";
constexpr std::string_view kFailed = "c";

std::string status_of(const json::value& seen) {
  const json::value* const status =
      seen.is_object() ? seen.as_object().if_contains("status") : nullptr;
  return status != nullptr && status->is_string() ? std::string{status->as_string()} : "";
}

// Looks at the plan until its site has begun it or refused it, for five seconds at most. One that
// fails does so at once, but perhaps behind its start: so it is looked at once more.
json::value followed(const ServiceClient& client, std::int64_t plan) {
  constexpr int kMostLooks = 100;
  boost::asio::io_context io;
  boost::asio::steady_timer pause{io};
  json::value seen;
  for (int looks = 0, begun = 0; looks < kMostLooks && begun < 4; ++looks) {
    pause.expires_after(std::chrono::milliseconds{50});
    pause.wait();
    seen = client.get(fmt::format("/api/plans/{}", plan));
    if (status_of(seen) == kFailed) break;
    if (status_of(seen) != kSubmitting) ++begun;
  }
  return seen;
}

std::string text_of_reason(const json::value& seen) {
  const json::value* const reason = seen.as_object().if_contains("reason");
  return reason != nullptr && reason->is_string() ? std::string{reason->as_string()}
                                                  : "no reason is known";
}

// What became of it by now; empty where nobody looked.
std::string fate_of(std::string_view site, const json::value& seen) {
  if (seen.is_null()) return fmt::format("was created and given to site {}", site);
  if (status_of(seen) == kFailed)
    return fmt::format("was created and failed on site {}: {}", site, text_of_reason(seen));
  if (status_of(seen) == kSubmitting)
    return fmt::format("was created and given to site {}, which has not begun it within 5 s", site);
  return fmt::format("was created and runs on site {}", site);
}

int create(const NewPlanArguments& given) {
  const json::object body = body_of(given);
  const ServiceClient client = given.client.client();
  json::value made = client.post("/api/plans", body);
  const auto number = made.at("plan").to_number<std::int64_t>();
  const std::string site{made.at("site").as_string()};
  json::value seen;
  try {
    if (!site.empty() && !given.no_wait) seen = followed(client, number);
  } catch (const CliError& error) {
    throw CliError{fmt::format("plan {} was created on site {} and could not be looked at: {}",
                               number, site, error.what())};
  }
  const bool failed = status_of(seen) == kFailed;
  if (given.client.json) {
    if (!seen.is_null()) {
      made.as_object()["status"] = status_of(seen);
      made.as_object()["reason"] =
          failed ? json::value(text_of_reason(seen)) : json::value(nullptr);
    }
    print_json(made);
    return failed ? 1 : 0;
  }
  const std::string fate =
      site.empty() ? fmt::format(
                         "was created and waits for business date {}: today's last trading session "
                         "is over, or its market is closed today",
                         made.at("business_date").to_number<std::int64_t>())
                   : fate_of(site, seen);
  const std::string text =
      fmt::format("plan {} {}; look at it with `systask plans {}`\n", number, fate, number);
  if (failed) throw CliError{text.substr(0, text.size() - 1)};
  print(text);
  return 0;
}

void add_create(CLI::App& plan, int& status) {
  const auto given = std::make_shared<NewPlanArguments>();
  auto* const command = add_command(
      plan, "create", "A new plan, given to a strategy site at once",
      "  systask plan create --strategy twap --security 600570 --side buy --quantity 10000 \\\n"
      "      --parameter window_seconds=60 --parameter slices=6 --parameter price=48.00\n"
      "  systask plan create --strategy follow --name pair --detail 1:600570:buy:100 \\\n"
      "      --detail 1:600571:sell:100",
      given->client);
  command->add_option("--strategy", given->strategy, "What runs it, such as twap")->required();
  command->add_option("--name", given->name, "For people; default: strategy and security");
  command->add_option("--environment", given->environment, "Of the sites that may run it")
      ->capture_default_str();
  command->add_option("--parameter", given->parameters, "Of the strategy; repeat it")
      ->check(key_value())
      ->take_all();
  command->add_option("--detail", given->details, "What to trade; repeat it")
      ->check(detail_form())
      ->take_all();
  auto* const security = command->add_option("--security", given->security, "What to trade");
  command->add_option("--market", given->market, "Number of its market")
      ->needs(security)
      ->capture_default_str();
  command->add_option("--side", given->side)
      ->check(CLI::IsMember({"buy", "sell"}))
      ->needs(security)
      ->capture_default_str();
  command->add_option("--quantity", given->quantity, "0: no target")
      ->check(whole<CLI::Validator>(0))
      ->needs(security);
  command
      ->add_option("--tolerance-percent", given->tolerance_percent,
                   "So far its site's orders may go beyond each quantity")
      ->check(whole<CLI::Validator>(0, 100))
      ->capture_default_str();
  command->add_option("--last-date", given->last_date, "YYYYMMDD: it is opened again until then");
  command->add_flag("--no-wait", given->no_wait,
                    "Do not look whether its site begins it; else up to 5 s, and status 1 where it "
                    "fails");
  on_command(*command, status, [given] { return create(*given); });
}

int change(const ChangeArguments& given, const std::string& verb) {
  json::object body{{"actor", actor()}};
  if (!given.parameters.empty()) body["parameters"] = parameters_json(given.parameters);
  if (!given.reason.empty()) body["reason"] = given.reason;
  const json::value done =
      given.client.client().post(fmt::format("/api/plans/{}/{}", given.plan, verb), body);
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("plan {}: {} was accepted as number {} of its line\n", given.plan, verb,
                      done.at("seq").to_number<std::int64_t>()));
  return 0;
}

void add_change(CLI::App& plan, int& status, const std::string& verb,
                const std::string& description) {
  const auto given = std::make_shared<ChangeArguments>();
  const bool modify = verb == "modify";
  const std::string more =
      modify ? " --parameter price=48.50" : " --reason 'the desk asked for it'";
  auto* const command =
      add_command(plan, verb, description, "  systask plan " + verb + " 31" + more, given->client);
  command->add_option("plan", given->plan, "Number of the plan")
      ->check(whole<CLI::Validator>(1))
      ->required();
  command->add_option("--reason", given->reason, "Why, for the audit log");
  if (modify)
    command->add_option("--parameter", given->parameters, "KEY=VALUE to change; repeat it")
        ->check(key_value())
        ->take_all()
        ->required();
  on_command(*command, status, [given, verb] { return change(*given, verb); });
}

}  // namespace

void add_plan_commands(CLI::App& app, int& status) {
  auto* const plan = add_noun(app, "plan", "Create a plan, or change one",
                              "  systask plan create --strategy twap --security 600570 --side buy "
                              "\\\n      --quantity 10000 --parameter price=48.00\n"
                              "  systask plan pause 31\n"
                              "  systask plan modify 31 --parameter price=48.50");
  add_create(*plan, status);
  add_change(*plan, status, "pause", "Ask its site to pause the plan");
  add_change(*plan, status, "resume", "Ask its site to go on with the plan");
  add_change(*plan, status, "cancel", "End the plan: its site cancels the open orders first");
  add_change(*plan, status, "modify", "Change parameters of the plan");
}

}  // namespace systask::service
