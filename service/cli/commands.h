// The commands that are clients of a running service, over its HTTP API: they print a
// readable table or, with --json, what the service answered. One thread.
//
// A command runs while the app is parsed and puts its exit status into `status`, which
// must outlive the parsing: 0 done, 1 refused or nobody answers (standard error says what
// to do), and 2, by run_app(), where the command line is wrong. `status --check` has its own.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <map>
#include <string>

namespace CLI {
class App;
}

namespace systask::service {

// `systask run TASK --standalone`: the task on the database alone, without a service.
struct StandaloneRun {
  std::string task;
  std::map<std::string, std::string> parameters;
  std::string config;
  bool json = false;
};

// `systask why TASK --at TIME --standalone`: out of the database alone.
struct StandaloneWhy {
  std::string task;
  std::string at;
  std::string config;
  bool json = false;
  bool utc = false;
};

// What some commands do without a service; one that is empty has no --standalone.
struct StandaloneCommands {
  std::function<int(const StandaloneRun&)> run;
  std::function<int(const StandaloneWhy&)> why;
};

// Add them after the peers' commands: `site drain` goes below the `site` that is there.
void add_client_commands(CLI::App& app, int& status, const StandaloneCommands& standalone = {});

// `systask version`, and --version.
void add_version(CLI::App& app, int& status);

void add_list_commands(CLI::App& app, int& status);
void add_groups(CLI::App& app, int& status);
void add_backfills(CLI::App& app, int& status);
void add_rerun(CLI::App& app, int& status);
void add_recoveries(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);
void add_plan_commands(CLI::App& app, int& status);
void add_run_command(CLI::App& app, int& status, std::function<int(const StandaloneRun&)> alone);
void add_runs_command(CLI::App& app, int& status);
void add_task_commands(CLI::App& app, int& status, const StandaloneCommands& standalone);
void add_change_commands(CLI::App& app, int& status);
void add_quarantine_commands(CLI::App& app, int& status);
void add_site_commands(CLI::App& app, int& status);

// The end of what a run printed, below its outcome; empty where it printed nothing.
[[nodiscard]] std::string output_end(std::string text);
// The answer to GET /api/runs/ID, for a terminal.
[[nodiscard]] std::string run_lines(const boost::json::object& run);

// The answer to `why` as the API gives it, for a terminal.
[[nodiscard]] std::string why_lines(const boost::json::object& found);

// Parses the command line and so runs its command. Prints help, or what is wrong with the
// line to standard error; the exit status of the program.
int run_app(CLI::App& app, int argc, const char* const* argv, const int& status);

}  // namespace systask::service
