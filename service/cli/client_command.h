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

#include "service/cli/service_client.h"

namespace systask::service {

struct ClientOptions {
  std::string connect = "127.0.0.1:8787";
  std::string token_file;
  bool json = false;
  double timeout_seconds = 30;

  [[nodiscard]] ServiceClient client() const;
  // One that waits so long for an answer.
  [[nodiscard]] ServiceClient client(std::chrono::duration<double> timeout) const;
};

// A subcommand with --connect, --token-file, --timeout and --json, and examples below its help.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, ClientOptions& options);

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

}  // namespace systask::service
