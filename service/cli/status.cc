// `systask status`: what fails, is late or is stopped, and then how the service is.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <iostream>

#include "base/text.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr int kTrouble = 1;
constexpr int kNotReached = 2;
constexpr std::size_t kSaysBytes = 2'000;
constexpr std::string_view kRed = "\x1B[1;31m";
constexpr std::string_view kYellow = "\x1B[33m";
constexpr std::string_view kPlain = "\x1B[0m";

bool colours() {
  const char* const none = std::getenv("NO_COLOR");
  return (none == nullptr || *none == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

std::string text_at(const json::object& object, const char* key) {
  const auto* const value = object.if_contains(key);
  return value == nullptr || value->is_null() ? "" : one_line(plain(*value), kSaysBytes);
}

std::int64_t count_at(const json::object& status, const char* key) {
  const auto* const value = status.if_contains(key);
  return value == nullptr || !value->is_int64() ? 0 : value->get_int64();
}

std::string label(std::string_view text, std::string_view colour, bool coloured) {
  const std::string padded = fmt::format("{:<9}", text);
  return coloured ? fmt::format("{}{}{}", colour, padded, kPlain) : padded;
}

std::string trouble_line(const json::object& trouble, bool coloured) {
  const std::string state = text_at(trouble, "state");
  std::string line = fmt::format("{}{} {}: {}\n{:9}since {}",
                                 label(state, state == "failing" ? kRed : kYellow, coloured),
                                 text_at(trouble, "on"), text_at(trouble, "name"),
                                 text_at(trouble, "says"), "", text_at(trouble, "since"));
  if (const std::string until = text_at(trouble, "until"); !until.empty())
    line += ", until " + until;
  return line + fmt::format("; next: {}\n", text_at(trouble, "next"));
}

// What is wrong; and whether anything is.
struct Findings {
  std::string text;
  bool any = false;
};

Findings findings_of(const json::object& status, bool coloured) {
  Findings found;
  const auto* const ready = status.if_contains("ready");
  if (ready == nullptr) return found;
  if (!ready->is_bool() || !ready->get_bool()) {
    found.any = true;
    found.text +=
        fmt::format("{}{}\n{:9}next: its log, and docs/operations.md, \"It is not ready\"\n",
                    label("NOT READY", kRed, coloured) + " ", text_at(status, "not_ready"), "");
  }
  std::int64_t named = 0;
  if (const auto* const troubles = status.if_contains("troubles"); troubles && troubles->is_array())
    for (const json::value& one : troubles->get_array()) {
      if (const auto* const trouble = one.if_object())
        found.text += trouble_line(*trouble, coloured);
      ++named;
    }
  const std::int64_t failing = count_at(status, "failing");
  const std::int64_t late = count_at(status, "late");
  const std::int64_t stopped = count_at(status, "stopped");
  if (failing + late + stopped > named)
    found.text += fmt::format("{:9}and {} more: systask runs --outcome failed\n", "",
                              failing + late + stopped - named);
  found.any = found.any || failing + late + stopped > 0;
  found.text += found.any ? fmt::format("{} failing, {} late, {} stopped\n", failing, late, stopped)
                          : "all is well: nothing is failing, late or stopped\n";
  return found;
}

int show_status(const ClientOptions& options, bool check) {
  const json::value answer = options.client().get("/api/status");
  json::object status = answer.as_object();
  const Findings found = findings_of(status, colours());
  const int result = check && found.any ? kTrouble : 0;
  if (options.json) {
    print_json(answer);
    return result;
  }
  print(found.text);
  if (check) return result;
  for (const char* key : {"ready", "not_ready", "troubles", "failing", "late", "stopped"})
    status.erase(key);
  print((found.text.empty() ? "" : "\n") + render_object(status, options.screen()));
  return 0;
}

}  // namespace

void add_status(CLI::App& app, int& status) {
  const auto options = std::make_shared<ClientOptions>();
  const auto check = std::make_shared<bool>(false);
  auto* const command = add_command(
      app, "status", "What is failing, late or stopped; then intake, plans, sites, lanes",
      "  systask status\n  systask status --connect 10.0.0.7:8787\n"
      "  systask status --check          for a monitor\n"
      "Exit status of --check: 0 all is well, 1 something is failing, late or stopped, or the\n"
      "service is not ready, 2 the service could not be asked.",
      *options);
  command->add_flag("--check", *check, "Print only what is wrong; the exit status says whether");
  on_command(*command, status, [options, check] {
    if (!*check) return show_status(*options, false);
    try {
      return show_status(*options, true);
    } catch (const std::exception& error) {
      std::cerr << "systask status: " << error.what() << "\n";
      return kNotReached;
    }
  });
}

}  // namespace systask::service
