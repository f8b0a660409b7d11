#include "service/cli/client_command.h"

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "service/cli/clean_output.h"
#include "service/cli/commands.h"
#include "service/cli/shown_answer.h"
#include "service/cli/suggestion.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

constexpr int kWrongCommandLine = 2;

// "plan create": the words that were typed after the program's name.
std::string words_of(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  if (parent == nullptr || parent->get_parent() == nullptr) return command.get_name();
  return words_of(*parent) + " " + command.get_name();
}

}  // namespace

ServiceClient ClientOptions::client() const {
  return client(std::chrono::duration<double>{timeout_seconds});
}

ServiceClient ClientOptions::client(std::chrono::duration<double> timeout) const {
  return {connect, token_file, std::chrono::duration_cast<std::chrono::milliseconds>(timeout), utc};
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, ClientOptions& options) {
  CLI::App* const command = parent.add_subcommand(name, description);
  command->footer("Examples:\n" + examples);
  command->add_option("--connect", options.connect, "The service, HOST:PORT")
      ->envname("SYSTASK_CONNECT")
      ->capture_default_str();
  command->add_option("--token-file", options.token_file, "File whose first line is the token")
      ->envname("SYSTASK_TOKEN_FILE");
  command->add_option("--timeout", options.timeout_seconds, "Seconds to wait for the answer")
      ->check(real<CLI::Validator>(0.001, 1e6))
      ->capture_default_str();
  auto* const json =
      command->add_flag("--json", options.json, "Print the service's answer as JSON");
  command
      ->add_option("-o,--output", options.output,
                   "table: cut to the terminal's width; wide: all columns in full; json")
      ->check(CLI::IsMember({"table", "wide", "json"}))
      ->excludes(json)
      ->each([&options](const std::string& form) { options.json = form == "json"; })
      ->capture_default_str();
  command->add_flag("--utc", options.utc, "Times in UTC; default: in the service's zone");
  return command;
}

void on_command(CLI::App& command, int& status, std::function<int()> work) {
  command.callback([name = words_of(command), &status, work = std::move(work)] {
    try {
      status = work();
    } catch (const CLI::Error&) {
      throw;
    } catch (const std::exception& error) {
      std::cerr << "systask " << name << ": " << error.what() << "\n";
      status = 1;
    }
  });
}

std::map<std::string, std::string> pairs_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    pairs.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

CLI::App* add_noun(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& examples) {
  CLI::App* const noun = app.add_subcommand(name, description);
  noun->require_subcommand(1);
  noun->footer("Examples:\n" + examples);
  return noun;
}

CLI::Validator key_value() {
  return {[](std::string& text) {
            const auto equals = text.find('=');
            if (equals != std::string::npos && equals > 0) return std::string{};
            return "'" + text + "' is no KEY=VALUE, such as slices=6";
          },
          "KEY=VALUE"};
}

std::string actor() {
  const char* const user = std::getenv("USER");
  return user == nullptr || *user == '\0' ? "cli" : std::string{"cli "} + user;
}

void print(const std::string& text) { std::cout << text << std::flush; }

void print_json(const boost::json::value& value) {
  std::cout << json_text(value) << "\n" << std::flush;
}

void print_rows(const ClientOptions& client, boost::json::array& rows,
                const std::vector<std::string>& columns) {
  merge_names(rows);
  const std::vector<std::string> all;
  print(render_table(table_of(rows, client.wide() ? all : columns), client.screen()));
}

void print_object(const ClientOptions& client, boost::json::object& object) {
  merge_names(object);
  for (auto& member : object)
    if (auto* const rows = member.value().if_array()) merge_names(*rows);
  print(render_object(object, client.screen()));
}

void add_client_commands(CLI::App& app, int& status, const StandaloneCommands& standalone) {
  add_list_commands(app, status);
  add_runs_command(app, status);
  add_groups(app, status);
  add_backfills(app, status);
  add_rerun(app, status);
  add_recoveries(app, status);
  add_status(app, status);
  add_plan_commands(app, status);
  add_task_commands(app, status, standalone);
  add_change_commands(app, status);
  add_quarantine_commands(app, status);
  add_site_commands(app, status);
}

namespace {

int parse_app(CLI::App& app, int argc, const char* const* argv, const int& status) {
  if (const auto unknown = unknown_word(app, argc, argv)) {
    std::cerr << *unknown << "\n";
    return kWrongCommandLine;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    const auto unknown = unknown_option(app);
    if (!unknown) app.exit(error);
    if (unknown) std::cerr << *unknown << "\n";
    return kWrongCommandLine;
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" of status 0.
    return app.exit(error) == 0 ? 0 : kWrongCommandLine;
  }
  return status;
}

// Whether all that was shown has arrived: a disk may be full.
bool is_shown_in_full() {
  std::cout.flush();
  return std::cout.good() && std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace

int run_app(CLI::App& app, int argc, const char* const* argv, const int& status) {
  const CleanOutput cleaned;
  const int code = parse_app(app, argc, argv, status);
  if (is_shown_in_full()) return code;
  std::cerr << "systask: standard output could not be written in full: is its disk full?\n";
  return code == 0 ? 1 : code;
}

}  // namespace systask::service
