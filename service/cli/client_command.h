// What the client commands share: their common options, and how a failure is told. Only
// service/cli includes this; it costs the compile time of CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/number_range.h"
#include "service/cli/screen.h"
#include "service/cli/service_client.h"

namespace systask::service {

struct ClientOptions {
  std::string connect = "127.0.0.1:8787";
  std::string token_file;
  bool json = false;
  bool utc = false;              // times in UTC, not in the service's zone
  std::string output = "table";  // or wide, or json
  double timeout_seconds = 30;

  [[nodiscard]] bool wide() const { return output == "wide"; }
  // Of tables: with -o wide nothing is cut.
  [[nodiscard]] Screen screen() const { return wide() ? Screen{} : standard_output(); }

  [[nodiscard]] ServiceClient client() const;
  // One that waits so long for an answer.
  [[nodiscard]] ServiceClient client(std::chrono::duration<double> timeout) const;
};

// So many rows an answer has at most.
inline constexpr std::int64_t kMostRows = 10'000;

// A subcommand with --connect, --token-file, --timeout, --json, -o and --utc, and examples below
// its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, ClientOptions& options);

// A noun that has verbs below it, with examples of its own.
CLI::App* add_noun(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& examples);

// Calls `work` when the command is given; a CliError or any other failure is printed to
// standard error and makes the status 1.
void on_command(CLI::App& command, int& status, std::function<int()> work);

// "key=value" texts, as checked by key_value().
[[nodiscard]] std::map<std::string, std::string> pairs_of(const std::vector<std::string>& texts);
[[nodiscard]] CLI::Validator key_value();

// Who asks, for the audit log: "cli USER".
[[nodiscard]] std::string actor();

// To standard output.
void print(const std::string& text);
void print_json(const boost::json::value& value);
// As a table for the screen, of these columns, or of all with -o wide or where none are named;
// states with their names.
void print_rows(const ClientOptions& client, boost::json::array& rows,
                const std::vector<std::string>& columns);
void print_object(const ClientOptions& client, boost::json::object& object);

}  // namespace systask::service
