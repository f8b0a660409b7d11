#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <fstream>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>

#include "base/number_range.h"
#include "base/text.h"
#include "net/address.h"
#include "peers/commands.h"
#include "peers/flow/api.h"
#include "peers/flow/flow.h"
#include "peers/flow/input_file.h"
#include "peers/flow/recording_options.h"
#include "peers/link/secrets.h"

namespace systask::peers {
namespace {

using flow::FlowOptions;
using flow::Pace;

constexpr std::size_t kWindow = 8192;
constexpr std::int64_t kMostRuns = 9'000'000'000;
constexpr std::int64_t kNumbersPerRun = 1'000'000'000;  // order numbers, a run of the flow

// What the command line said, as it said it.
struct Arguments {
  std::string name = "flow";
  std::string connect = "127.0.0.1:8787";
  std::string secrets = "service.secrets";
  std::uint64_t seed = 1;
  double reject = 0;
  double partial = 0.3;
  double no_fill = 0;
  std::string latency_ms = "1..5";
  std::string fill_ms = "5..50";
  std::int32_t business_date = 0;
  std::int64_t run = 0;
  flow::RecordingOptions recording;
  std::int64_t plans = 0;
  std::vector<std::int64_t> plan_ids;
  std::string plan_ids_file;
  std::string speed = "full";
  double duplicate = 0;
  double swap = 0;
  int hold = 0;
  std::int64_t limit = 0;
  std::string trace;
  std::string fold;
  bool progress = false;
  bool survey = false;
};

flow::Range parse_range(const std::string& option, const std::string& text) {
  const auto dots = text.find("..");
  const std::string from = text.substr(0, dots);
  const std::string to = dots == std::string::npos ? from : text.substr(dots + 2);
  const auto number = [&](const std::string& digits) {
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stop != end || value < 0)
      throw std::runtime_error(option + " " + text + ": expected FROM..TO in milliseconds");
    return std::chrono::milliseconds{value};
  };
  return {number(from), number(to)};
}

Pace parse_speed(const std::string& text) {
  if (text == "full") return {};
  if (text == "recorded") return {Pace::Kind::kRecorded, 0};
  double rate = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, rate);
  if (error != std::errc{} || stop != end || rate <= 0)
    throw std::runtime_error("--speed " + text + ": expected recorded, full or messages a second");
  return {Pace::Kind::kRate, rate};
}

std::vector<std::int64_t> read_plan_ids(const std::string& path) {
  std::ifstream file{path};
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 0; file >> id;)
    ids.push_back(id);
  if (!file.eof() || ids.empty())
    throw std::runtime_error("--plan-ids-file " + path + ": expected plan numbers, one a line");
  return ids;
}

// A plan that is not there would take none of its reports, and nobody would see why.
void expect_plans(const std::vector<std::int64_t>& ids, const flow::Api& api) {
  constexpr std::size_t kMostNamed = 10;
  std::string missing;
  std::size_t count = 0;
  for (const std::int64_t id : std::set<std::int64_t>{ids.begin(), ids.end()}) {
    const auto plan = api.find_plan(id);
    if (plan.has_value()) continue;
    const std::string& code = plan.error().code;
    if (code == "UNAUTHORIZED" || code == "FORBIDDEN") return;  // of a service with tokens
    if (code != "NO_SUCH_PLAN" && code != "HTTP_404")
      throw std::runtime_error(plan.error().message);
    if (++count <= kMostNamed) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", id);
  }
  if (count == 0) return;
  throw std::runtime_error(fmt::format(
      "--plan-ids: the platform has no plan {}{}; `systask plans` lists those that "
      "there are",
      missing, count > kMostNamed ? fmt::format(" and {} more", count - kMostNamed) : ""));
}

// The plans named, or as many new ones as were asked for.
std::vector<std::int64_t> choose_plans(const Arguments& given, const flow::ReplayOptions& replay,
                                       const flow::Api& api) {
  auto ids = given.plan_ids_file.empty() ? given.plan_ids : read_plan_ids(given.plan_ids_file);
  const auto wanted = static_cast<std::size_t>(given.plans);
  if (!ids.empty() && wanted > ids.size())
    throw std::runtime_error(
        fmt::format("--plans {}: only {} plan numbers were given", wanted, ids.size()));
  if (!ids.empty() && wanted > 0) ids.resize(wanted);
  if (!ids.empty()) {
    expect_plans(ids, api);
    return ids;
  }
  const auto security = flow::first_security(replay);
  if (security.empty())
    throw std::runtime_error(replay.shown + " has no order to replay; --survey says what is in it");
  for (std::size_t i = 0; i < std::max<std::size_t>(wanted, 1); ++i)
    ids.push_back(
        api.create_follow_plan(fmt::format("{} {}", given.name, i + 1), security).value());
  return ids;
}

// Two that start in the same second, on whatever machines, do not meet.
std::int64_t random_run() {
  std::random_device device;
  return std::uniform_int_distribution<std::int64_t>{1, kMostRuns}(device);
}

FlowOptions to_options(const Arguments& given, const flow::InputFile& input) {
  FlowOptions options;
  const auto address = net::parse_address(given.connect).value();
  options.link = {.address = address,
                  .role = "order_system",
                  .name = given.name,
                  .secret = read_secret(given.secrets, "order_system", given.name).value(),
                  .seed = given.seed,
                  .window = kWindow};
  // Ids and numbers of one run never meet those of another on the same day.
  const auto run = given.run > 0 ? given.run : random_run();
  const auto first_number = run * kNumbersPerRun + 1;
  options.market = {.reject = given.reject,
                    .partial = given.partial,
                    .no_fill = given.no_fill,
                    .latency = parse_range("--latency-ms", given.latency_ms),
                    .fill = parse_range("--fill-ms", given.fill_ms),
                    .first_number = first_number + kNumbersPerRun / 2,
                    .seed = given.seed};
  options.courier = {.origin = fmt::format("{}-{}", given.name, run),
                     .duplicate = given.duplicate,
                     .trace_path = given.trace,
                     .seed = given.seed};
  if (given.hold != 0) options.courier.hold = static_cast<flow::Function>(given.hold);
  options.pace = parse_speed(given.speed);
  options.fold_path = given.fold;
  options.progress = given.progress;
  if (given.recording.from.empty()) return options;
  const flow::Api api{address};
  auto& replay = options.replay.emplace(given.recording.of(input.name()));
  replay.business_date =
      given.business_date > 0 ? given.business_date : api.business_date().value();
  replay.plans = choose_plans(given, replay, api);
  replay.first_number = first_number;
  if (given.limit > 0) replay.limit = given.limit;
  replay.swap = given.swap;
  replay.seed = given.seed;
  return options;
}

void add_market_options(CLI::App& command, Arguments& given) {
  command.add_option("--reject", given.reject, "Chance that an order is rejected")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command.add_option("--partial", given.partial, "Chance that an order is filled in parts")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command.add_option("--no-fill", given.no_fill, "Chance that an order rests until cancelled")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command.add_option("--latency-ms", given.latency_ms, "Time to each answer, FROM..TO");
  command.add_option("--fill-ms", given.fill_ms, "Time between fills, FROM..TO");
}

// What is no date would be quarantined, message by message.
std::string no_date(const std::string& text) {
  std::int32_t date = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, date);
  const std::chrono::year_month_day day{std::chrono::year{date / 10000},
                                        std::chrono::month(static_cast<unsigned>(date / 100 % 100)),
                                        std::chrono::day(static_cast<unsigned>(date % 100))};
  if (error == std::errc{} && stop == end && text.size() == 8 && day.ok()) return {};
  return "found " + text + ", expected a date, YYYYMMDD";
}

void add_replay_options(CLI::App& command, Arguments& given) {
  flow::add_recording_options(command, given.recording);
  command.add_flag("--survey", given.survey,
                   "Only read the recording and say what is in it; no platform is needed");
  command
      .add_option("--plans", given.plans,
                  "Spread the orders over so many plans; without "
                  "--plan-ids, new follow plans are created")
      ->check(whole<CLI::Validator>(1));
  command.add_option("--plan-ids", given.plan_ids, "The plans, by number")->delimiter(',');
  command.add_option("--plan-ids-file", given.plan_ids_file, "The plans, one number a line");
  command.add_option("--speed", given.speed, "recorded, full, or messages a second");
  command.add_option("--swap", given.swap, "Chance that neighbours of different plans swap")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command.add_option("--limit", given.limit, "Stop after so many messages");
  command
      .add_option(
          "--business-date", given.business_date,
          "YYYYMMDD; default: the platform's open one, and it takes no other but the night's")
      ->check(CLI::Validator{no_date, ""});
}

void add_common_options(CLI::App& command, Arguments& given) {
  command.add_option("--name", given.name, "Name in service.secrets");
  command.add_option("--connect", given.connect, "The platform, HOST:PORT")
      ->envname("SYSTASK_CONNECT")
      ->capture_default_str();
  command.add_option("--secrets", given.secrets, "File of lines `role name secret`, mode 0600");
  command.add_option("--seed", given.seed, "Of everything left to chance");
  command
      .add_option("--run", given.run,
                  "Number of this run, part of message ids and order numbers; default: a "
                  "random one")
      ->check(whole<CLI::Validator>(1, kMostRuns));
  command.add_option("--duplicate", given.duplicate, "Chance that a message is sent twice")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command
      .add_option("--hold", given.hold,
                  "Hold back this function until SIGUSR2 or a line `release` on stdin")
      ->check(CLI::IsMember({402206, 402207, 402208, 402210, 402211, 402212, 402213}));
  command.add_option("--trace", given.trace, "Write a line for every message first sent");
  command.add_option("--fold", given.fold, "Write the own account of all plans at the end");
  command.add_flag("--progress", given.progress, "JSON lines on stdout, ten a second");
}

void print_survey(const Arguments& given, const flow::InputFile& input) {
  if (given.recording.from.empty())
    throw std::runtime_error("--survey needs a recording: give --from FILE");
  const auto all = flow::survey(given.recording.of(input.name()));
  fmt::print("{}{}: {} reports to replay, over {:.3f} s\n", clean_text(all.account),
             clean_text(input.name().shown), all.reports, static_cast<double>(all.last_us) / 1e6);
}

}  // namespace

void add_flow_command(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand("flow", "The order system at the other end");
  command->footer(
      "Examples:\n"
      "  systask flow --reject 0.05 --fill-ms 10..200\n"
      "  systask flow --from docs/session.log --plans 20 --speed 500 --progress\n"
      "  systask flow --from docs/session.log --format fix --survey\n"
      "  zcat session.log.gz | systask flow --from - --survey\n"
      "docs/session.log in the source tree is a small sample; order lives may also come as CSV.");
  const auto given = std::make_shared<Arguments>();
  add_common_options(*command, *given);
  add_market_options(*command, *given);
  add_replay_options(*command, *given);
  command->callback([given, &exit_status] {
    try {
      if (given->hold != 0 && given->recording.from == "-")
        throw std::runtime_error(
            "--hold listens to standard input, which --from - reads: give a file or a named pipe");
      const flow::InputFile input{given->recording.from};
      if (given->survey) return print_survey(*given, input);
      const SystemClock clock;
      flow::Flow flow{clock, to_options(*given, input)};
      exit_status = flow.run();
    } catch (const std::exception& error) {
      fmt::print(stderr, "systask flow: {}\n", clean_text(error.what()));
      exit_status = 1;
    }
  });
}

}  // namespace systask::peers
