// `systask run`: one task, now. It waits for the outcome unless it is told not to; how long it
// waits never changes what becomes of the run.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <utility>

#include "base/clock.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using Seconds = std::chrono::duration<double>;

constexpr double kLongestRunSeconds = 3600;
constexpr int kGoesOn = 3;  // exit status: the wait is over, and the run is not
// The service is asked so often how a run is; the first time, soon.
constexpr Seconds kFirstLook{1};
constexpr Seconds kLook{5};
constexpr Seconds kForAnAnswer{15};
constexpr std::size_t kLinesOfOutput = 20;

struct RunArguments {
  ClientOptions client;
  std::string task;
  std::vector<std::string> parameters;
  std::string reason;
  bool wait = false;
  bool no_wait = false;
  bool standalone = false;
  std::string config = "tasks.yaml";
};

// A task may be run without a reason; the audit log says then who sat where.
std::string reason_of(const RunArguments& given) {
  if (!given.reason.empty()) return given.reason;
  const char* const terminal = ::ttyname(STDIN_FILENO);
  return fmt::format("no reason given (by {}, {})", actor(),
                     terminal == nullptr ? "not at a terminal" : terminal);
}

std::int64_t millis(Seconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

// The run that was asked for, and how far it is known to be.
class AskedRun {
 public:
  explicit AskedRun(const RunArguments& given)
      : given_(given), deadline_(now() + Seconds{given.client.timeout_seconds}) {}

  void ask() {
    json::object parameters;
    for (const auto& [key, value] : pairs_of(given_.parameters))
      parameters[key] = value;
    const Seconds wait = given_.no_wait ? Seconds{0} : std::min(kFirstLook, left());
    state_ = given_.client.client(wait + kForAnAnswer)
                 .post(fmt::format("/api/tasks/{}/run", encoded(given_.task)),
                       {{"actor", actor()},
                        {"reason", reason_of(given_)},
                        {"parameters", parameters},
                        {"wait_ms", millis(wait)}});
  }
  // False: the time is over, and the run has not ended.
  bool wait_for_end() {
    while (!ended()) {
      tell_progress();
      const Seconds wait = std::min(kLook, left());
      if (wait <= Seconds{0}) return false;
      look(wait);
    }
    return true;
  }

  [[nodiscard]] bool ended() const { return state_.at("state") == "ended"; }
  [[nodiscard]] const json::value& state() const { return state_; }
  [[nodiscard]] std::string number() const { return plain(state_.at("run")); }
  // "waits for lane 2, which is paused by bob (disk)".
  [[nodiscard]] std::string where() const {
    return fmt::format("{} {}", plain(state_.at("outcome")), plain(state_.at("detail")));
  }
  // With what it printed.
  [[nodiscard]] json::object whole() const {
    return given_.client.client(kForAnAnswer)
        .get(fmt::format("/api/runs/{}", number()))
        .as_object();
  }

 private:
  static std::chrono::steady_clock::time_point now() { return SystemClock{}.monotonic(); }
  [[nodiscard]] Seconds left() const { return std::max(Seconds{deadline_ - now()}, Seconds{0}); }

  void look(Seconds wait) try {
    state_ = given_.client.client(wait + kForAnAnswer)
                 .get(fmt::format("/api/runs/{}?wait_ms={}", number(), millis(wait)));
  } catch (const CliError& error) {
    throw CliError(
        fmt::format("run {} of {} was asked for, and {} when it was last seen; {}; "
                    "`systask runs {}` shows what became of it",
                    number(), given_.task, where(), error.what(), number()));
  }
  void tell_progress() {
    if (given_.client.json || where() == told_) return;
    told_ = where();
    std::cerr << fmt::format("{}: run {} {}\n", given_.task, number(), told_) << std::flush;
  }

  const RunArguments& given_;
  const std::chrono::time_point<std::chrono::steady_clock, Seconds> deadline_;
  json::value state_;
  std::string told_;
};

int tell_end(const RunArguments& given, const AskedRun& run) {
  const bool succeeded = run.state().at("outcome") == "succeeded";
  if (given.client.json) {
    print_json(run.whole());
    return succeeded ? 0 : 1;
  }
  print(fmt::format("{}: {}: {} (run {})\n", given.task, plain(run.state().at("outcome")),
                    plain(run.state().at("detail")), run.number()));
  if (succeeded) return 0;
  const json::object whole = run.whole();
  if (const json::array& output = whole.at("output").as_array(); !output.empty())
    std::cerr << output_end(plain(output.back().at("text")));
  return 1;
}

int run(const RunArguments& given) {
  AskedRun run{given};
  run.ask();
  if (given.no_wait && !run.ended()) {
    if (given.client.json)
      print_json(run.state());
    else
      print(fmt::format("{}: run {} {}; `systask runs {}` shows what becomes of it\n", given.task,
                        run.number(), run.where(), run.number()));
    return 0;
  }
  if (run.wait_for_end()) return tell_end(given, run);
  if (given.client.json) print_json(run.state());
  std::cerr << fmt::format(
      "systask run: run {} of {} has not ended after {} s: it {}. It goes on all the same: "
      "`systask runs {}` shows what becomes of it, `systask task cancel {}` ends it\n",
      run.number(), given.task, given.client.timeout_seconds, run.where(), run.number(),
      given.task);
  return kGoesOn;
}

}  // namespace

std::string output_end(std::string text) {
  while (text.ends_with('\n'))
    text.pop_back();
  if (text.empty()) return {};
  std::size_t begin = text.size();
  for (std::size_t lines = 0; begin != std::string::npos && begin != 0 && lines < kLinesOfOutput;
       ++lines)
    begin = begin == 0 ? 0 : text.rfind('\n', begin - 1);
  if (begin == std::string::npos) begin = 0;
  if (begin != 0) ++begin;
  std::string shown = begin == 0 ? "it printed:\n" : "it printed, at its end:\n";
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    shown += "  " + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return shown;
}

void add_run_command(CLI::App& app, int& status, std::function<int(const StandaloneRun&)> alone) {
  const auto given = std::make_shared<RunArguments>();
  given->client.timeout_seconds = kLongestRunSeconds;
  auto* const command = add_command(
      app, "run", "Run a task once, now, and wait for its outcome",
      "  systask run clear-message-cache\n"
      "  systask run backup-database --parameter keep=3\n"
      "  systask run nightly-report --timeout 60\n"
      "  systask run nightly-report --no-wait\n"
      "Exit status: 0 it succeeded (with --no-wait: it was asked for), 1 it did not succeed, was\n"
      "refused, or no service answers, 2 the command line is wrong, 3 it had not ended when\n"
      "--timeout was over: it goes on, and `systask runs RUN` shows it.",
      given->client);
  command->add_option("task", given->task, "Its name or number; `systask tasks` shows them")
      ->required();
  command->add_option("--parameter", given->parameters, "For this run only; repeat it")
      ->check(key_value())
      ->take_all();
  command->add_option("--reason", given->reason,
                      "Why, for the audit log; default: who ran it, and where");
  auto* const wait =
      command->add_flag("--wait", given->wait,
                        "Wait for its outcome, --timeout seconds at most (this is the default)");
  command->add_flag("--no-wait", given->no_wait, "Only ask for it, and say where it is")
      ->excludes(wait);
  if (alone) {
    command->add_flag("--standalone", given->standalone, "On the database, without a service");
    command->add_option("--config", given->config, "The configuration, for --standalone")
        ->capture_default_str();
  }
  on_command(*command, status, [given, alone = std::move(alone)] {
    if (!given->standalone) return run(*given);
    return alone({given->task, pairs_of(given->parameters), given->config, given->client.json});
  });
}

}  // namespace systask::service
