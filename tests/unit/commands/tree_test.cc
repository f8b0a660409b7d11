// All commands of the binary, walked from the parser's own tree: what each must have.
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "service/all_commands.h"
#include "service/cli/commands.h"
#include "service/cli/suggestion.h"

namespace systask {
namespace {

using testing::HasSubstr;

// "plan create", "tasks"; the tree's root has no words.
using Visit = std::function<void(const CLI::App& command, const std::string& words)>;

void walk(const CLI::App& command, const std::string& words, const Visit& visit) {
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string here = words.empty() ? one->get_name() : words + " " + one->get_name();
    visit(*one, here);
    walk(*one, here, visit);
  }
}

// Words as a shell takes them, of an example that needs no shell.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      any = true;
    } else if (quote == 0 && c == ' ') {
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

// The examples of a footer, continued lines joined, without what a column of words explains.
std::vector<std::string> examples_of(const std::string& footer) {
  std::vector<std::string> found;
  std::istringstream lines{footer.substr(std::min(footer.find("Examples:"), footer.size()))};
  for (std::string line; std::getline(lines, line);) {
    for (std::string more; line.ends_with('\\') && std::getline(lines, more);) {
      line.pop_back();
      line += more;
    }
    if (!line.starts_with("  systask ")) continue;
    line = line.substr(2);
    if (const auto column = line.find("   "); column != std::string::npos && column > 12) {
      const std::string rest = line.substr(line.find_first_not_of(' ', column));
      if (!rest.starts_with("--")) line.resize(column);
    }
    found.push_back(line);
  }
  return found;
}

class CommandTree : public testing::Test {
 protected:
  CommandTree() { add_all_commands(app_, status_); }

  void each(const Visit& visit) { walk(app_, "", visit); }
  static bool is_noun(const CLI::App& command) { return command.get_require_subcommand_min() > 0; }

  CLI::App app_{"systask"};
  int status_ = 0;
};

TEST_F(CommandTree, EachCommandHasExamplesOfItsOwn) {
  each([](const CLI::App& command, const std::string& words) {
    EXPECT_NE(command.get_description(), "") << words;
    EXPECT_THAT(command.get_footer(), HasSubstr("Examples:\n")) << words;
    EXPECT_THAT(command.get_footer(), HasSubstr("systask " + words)) << words;
  });
}

TEST_F(CommandTree, EachExampleIsACommandLine) {
  std::vector<std::string> all = examples_of(app_.get_footer());
  each([&](const CLI::App& command, const std::string&) {
    for (const std::string& example : examples_of(command.get_footer()))
      all.push_back(example);
  });
  EXPECT_GT(all.size(), 60U);
  for (const std::string& example : all) {
    CLI::App app{"systask"};
    int status = 0;
    add_all_commands(app, status);
    std::vector<std::string> words = split(example);
    words.erase(words.begin());
    // Everything is parsed and checked, and then refused for this word, so nothing is done.
    const std::string end = "--the-end-of-the-example";
    words.push_back(end);
    std::ranges::reverse(words);
    try {
      app.parse(words);
      ADD_FAILURE() << example << ": it was done";
    } catch (const CLI::ExtrasError&) {
      EXPECT_EQ(app.remaining(true), std::vector<std::string>{end}) << example;
    } catch (const CLI::Success&) {
    } catch (const CLI::ParseError& error) {
      ADD_FAILURE() << example << ": " << error.what();
    }
  }
}

TEST_F(CommandTree, EachHasJsonButThoseThatStayAndThePeers) {
  const std::set<std::string> without{"serve", "site", "flow"};
  std::set<std::string> found;
  each([&](const CLI::App& command, const std::string& words) {
    if (is_noun(command)) return;
    if (command.get_option_no_throw("--json") == nullptr) found.insert(words);
  });
  EXPECT_EQ(found, without);
}

TEST_F(CommandTree, WhoeverConnectsHonoursTheEnvironment) {
  int connecting = 0;
  each([&](const CLI::App& command, const std::string& words) {
    const CLI::Option* const connect = command.get_option_no_throw("--connect");
    if (connect == nullptr) return;
    ++connecting;
    EXPECT_EQ(connect->get_envname(), "SYSTASK_CONNECT") << words;
  });
  EXPECT_GT(connecting, 40);
}

TEST_F(CommandTree, ASlipInEachCommandIsAnsweredWithIt) {
  each([&](const CLI::App&, const std::string& words) {
    const std::size_t begin = words.rfind(' ') == std::string::npos ? 0 : words.rfind(' ') + 1;
    if (words.size() - begin < 3) return;
    std::string slip = words;
    slip.insert(begin + 1, "x");
    std::vector<std::string> split_words = split("systask " + slip);
    std::vector<const char*> argv;
    for (const std::string& word : split_words)
      argv.push_back(word.c_str());
    const auto said = service::unknown_word(app_, static_cast<int>(argv.size()), argv.data());
    ASSERT_TRUE(said) << slip;
    EXPECT_THAT(*said, HasSubstr("did you mean `systask " + words + "`?")) << slip;
  });
}

TEST_F(CommandTree, OtherWordsAreSaidToBeNone) {
  const auto said = [this](std::vector<const char*> argv) {
    argv.insert(argv.begin(), "systask");
    return service::unknown_word(app_, static_cast<int>(argv.size()), argv.data()).value_or("");
  };
  EXPECT_EQ(said({"xyzzy"}), "systask: 'xyzzy' is no command; `systask --help` lists them all");
  EXPECT_THAT(said({"tasks", "pause", "x"}), HasSubstr("did you mean `systask task pause`?"));
  EXPECT_THAT(said({"recov"}), HasSubstr("did you mean `systask recoveries`?"));
  EXPECT_THAT(said({"lnae"}), HasSubstr("did you mean `systask lane`?"));
  EXPECT_EQ(said({"task", "pause", "puase"}), "");
  EXPECT_EQ(said({"--help"}), "");
  EXPECT_EQ(said({"plans", "31"}), "");
  EXPECT_EQ(said({"site", "--name", "A"}), "");
}

TEST_F(CommandTree, AnUnknownOptionIsAnsweredWithTheNearest) {
  const char* const argv[]{"systask", "orders", "--limt", "5"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(service::run_app(app_, 4, argv, status_), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("did you mean `--limit`?"));
}

TEST_F(CommandTree, ANumberOutOfRangeIsAnsweredWithTheRange) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> wrong{
      {{"systask", "orders", "--limit", "0"}, "--limit: 0: expected 1 to 10000"},
      {{"systask", "orders", "--limit", "10001"}, "--limit: 10001: expected 1 to 10000"},
      {{"systask", "plans", "0"}, "plan: 0: expected 1 or more"},
      {{"systask", "flow", "--reject", "1.5"}, "--reject: 1.5: expected 0 to 1"},
      {{"systask", "drill", "--sites", "many"}, "--sites: many is no whole number: expected 1 to"},
      {{"systask", "diff", "a", "b", "--hours", "9000000000000000000000"}, "expected 1 to 8784"}};
  for (const auto& [argv, said] : wrong) {
    CLI::App app{"systask"};
    add_all_commands(app, status_);
    testing::internal::CaptureStderr();
    EXPECT_EQ(service::run_app(app, static_cast<int>(argv.size()), argv.data(), status_), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(said));
  }
}

TEST_F(CommandTree, TheVersionIsOneOfEach) {
  for (const char* word : {"version", "--version"}) {
    CLI::App app{"systask"};
    add_all_commands(app, status_);
    const char* const argv[]{"systask", word};
    testing::internal::CaptureStdout();
    EXPECT_EQ(service::run_app(app, 2, argv, status_), 0);
    EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::StartsWith("systask 0."));
  }
}

}  // namespace
}  // namespace systask
