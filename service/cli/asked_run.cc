#include "service/cli/asked_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "base/clock.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using Seconds = std::chrono::duration<double>;

constexpr int kGoesOn = 3;  // exit status: the wait is over, and the run is not
// The service is asked so often how a run is; the first time, soon.
constexpr Seconds kFirstLook{1};
constexpr Seconds kLook{5};
constexpr Seconds kForAnAnswer{15};
constexpr std::size_t kLinesOfOutput = 20;

std::int64_t millis(Seconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

// The run that was asked for, and how far it is known to be.
class AskedRun {
 public:
  AskedRun(const ClientOptions& client, const RunOrder& order)
      : client_(client), order_(order), deadline_(now() + Seconds{client.timeout_seconds}) {}

  void ask() {
    const Seconds wait = order_.waits ? std::min(kFirstLook, left()) : Seconds{0};
    json::object body = order_.body;
    body["wait_ms"] = millis(wait);
    state_ = client_.client(wait + kForAnAnswer).post(order_.path, body);
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
  [[nodiscard]] std::string task() const {
    return order_.task.empty() ? plain(state_.at("task")) : order_.task;
  }
  // "waits for lane 2, which is paused by bob (disk)".
  [[nodiscard]] std::string where() const {
    return fmt::format("{} {}", plain(state_.at("outcome")), plain(state_.at("detail")));
  }
  // With what it printed.
  [[nodiscard]] json::object whole() const {
    return client_.client(kForAnAnswer).get(fmt::format("/api/runs/{}", number())).as_object();
  }

 private:
  static std::chrono::steady_clock::time_point now() { return SystemClock{}.monotonic(); }
  [[nodiscard]] Seconds left() const { return std::max(Seconds{deadline_ - now()}, Seconds{0}); }

  void look(Seconds wait) try {
    state_ = client_.client(wait + kForAnAnswer)
                 .get(fmt::format("/api/runs/{}?wait_ms={}", number(), millis(wait)));
  } catch (const CliError& error) {
    throw CliError(
        fmt::format("run {} of {} was asked for, and {} when it was last seen; {}; "
                    "`systask runs {}` shows what became of it",
                    number(), task(), where(), error.what(), number()));
  }
  void tell_progress() {
    if (client_.json || where() == told_) return;
    told_ = where();
    std::cerr << fmt::format("{}: run {} {}\n", task(), number(), told_) << std::flush;
  }

  const ClientOptions& client_;
  const RunOrder& order_;
  const std::chrono::time_point<std::chrono::steady_clock, Seconds> deadline_;
  json::value state_;
  std::string told_;
};

int tell_end(const ClientOptions& client, const AskedRun& run) {
  const bool succeeded = run.state().at("outcome") == "succeeded";
  if (client.json) {
    print_json(run.whole());
    return succeeded ? 0 : 1;
  }
  print(fmt::format("{}: {}: {} (run {})\n", run.task(), plain(run.state().at("outcome")),
                    plain(run.state().at("detail")), run.number()));
  if (succeeded) return 0;
  const json::object whole = run.whole();
  if (const json::array& output = whole.at("output").as_array(); !output.empty())
    std::cerr << output_end(plain(output.back().at("text")));
  return 1;
}

}  // namespace

void add_waiting(CLI::App& command, bool& wait, bool& no_wait) {
  auto* const waits = command.add_flag(
      "--wait", wait, "Wait for its outcome, --timeout seconds at most (this is the default)");
  command.add_flag("--no-wait", no_wait, "Only ask for it, and say where it is")->excludes(waits);
}

int ask_for_run(const ClientOptions& client, const RunOrder& order) {
  AskedRun run{client, order};
  run.ask();
  if (!order.waits && !run.ended()) {
    if (client.json)
      print_json(run.state());
    else
      print(fmt::format("{}: run {} {}; `systask runs {}` shows what becomes of it\n", run.task(),
                        run.number(), run.where(), run.number()));
    return 0;
  }
  if (run.wait_for_end()) return tell_end(client, run);
  if (client.json) print_json(run.state());
  std::cerr << fmt::format(
      "systask {}: run {} of {} has not ended after {} s: it {}. It goes on all the same: "
      "`systask runs {}` shows what becomes of it, `systask task cancel {}` ends it\n",
      order.command, run.number(), run.task(), client.timeout_seconds, run.where(), run.number(),
      run.task());
  return kGoesOn;
}

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

}  // namespace systask::service
