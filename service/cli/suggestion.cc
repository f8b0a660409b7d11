#include "service/cli/suggestion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "service/config/mistake.h"

namespace systask::service {
namespace {

constexpr std::size_t kShortestBeginning = 3;

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_name().empty(); });
}

const CLI::App* command_named(const CLI::App& app, std::string_view name) {
  for (const CLI::App* one : commands_of(app))
    if (one->get_name() == name) return one;
  return nullptr;
}

bool takes_words(const CLI::App& app) {
  return std::ranges::any_of(app.get_options(),
                             [](const CLI::Option* one) { return one->get_positional(); });
}

// The nearest of the names; else the only one that begins so.
std::string meant(std::string_view word, const std::vector<std::string>& names) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  if (const std::string_view near = nearest(word, known); !near.empty()) return std::string{near};
  if (word.size() < kShortestBeginning) return {};
  std::string found;
  for (const std::string& name : names) {
    if (!name.starts_with(word)) continue;
    if (!found.empty()) return {};
    found = name;
  }
  return found;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CLI::App* one : commands)
    names.push_back(one->get_name());
  return names;
}

std::string sentence(const std::string& before, std::string_view word, std::string_view kind,
                     const std::string& suggested) {
  const std::string ask = suggested.empty() ? "" : fmt::format("did you mean `{}`? ", suggested);
  return fmt::format("{}: '{}' is no {}; {}`{} --help` lists them all", before, word, kind, ask,
                     before);
}

// `systask tasks pause X`: the verb belongs to the singular.
std::optional<std::string> verb_of_singular(const CLI::App& root, const CLI::App& plural,
                                            const std::string& verb) {
  std::string name = plural.get_name();
  if (!name.ends_with('s')) return std::nullopt;
  name.pop_back();
  const CLI::App* const noun = command_named(root, name);
  if (noun == nullptr || command_named(*noun, verb) == nullptr) return std::nullopt;
  return fmt::format(
      "systask {0}: it only lists; did you mean `systask {1} {2}`? `systask {1} "
      "--help` lists what can be done with one {1}",
      plural.get_name(), name, verb);
}

}  // namespace

std::optional<std::string> unknown_word(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  std::string before = "systask";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) return std::nullopt;
    if (const CLI::App* const next = command_named(*at, word)) {
      at = next;
      before += " " + word;
      continue;
    }
    const auto commands = commands_of(*at);
    if (takes_words(*at)) return std::nullopt;
    if (commands.empty()) return verb_of_singular(app, *at, word);
    const std::string near = meant(word, names_of(commands));
    const std::string suggested = near.empty() ? near : before + " " + near;
    return sentence(before, word, at == &app ? "command" : "verb of " + at->get_name(), suggested);
  }
  return std::nullopt;
}

std::optional<std::string> unknown_option(const CLI::App& app) {
  const CLI::App* at = &app;
  std::string before = "systask";
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    before += " " + at->get_name();
  }
  for (const std::string& word : app.remaining(true)) {
    if (!word.starts_with("--")) continue;
    std::vector<std::string> names;
    for (const CLI::Option* one : at->get_options())
      for (const std::string& name : one->get_lnames())
        names.push_back("--" + name);
    const std::string option = word.substr(0, word.find('='));
    return sentence(before, option, "option of it", meant(option, names));
  }
  return std::nullopt;
}

}  // namespace systask::service
