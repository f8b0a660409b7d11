#include "tests/scenarios/story.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <fstream>
#include <sstream>

namespace systask::scenarios {
namespace {

std::int64_t integer(const Step& step, const std::string& text, const std::string& what) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    step.fail(fmt::format("'{}' is no number: expected {}", text, what));
  return value;
}

Step parse_step(const std::string& where, const std::string& text) {
  Step step;
  step.where = where;
  std::istringstream words{text};
  bool expecting = false;
  for (std::string word; words >> word;) {
    if (expecting) {
      step.expected.push_back(word);
    } else if (word == "=>") {
      expecting = true;
    } else if (const auto equals = word.find('='); equals != std::string::npos && equals > 0) {
      step.options[word.substr(0, equals)] = word.substr(equals + 1);
    } else {
      step.words.push_back(word);
    }
  }
  if (expecting && step.expected.empty()) step.fail("nothing follows '=>'");
  return step;
}

}  // namespace

void Step::fail(const std::string& why) const { throw StoryError{where + ": " + why}; }

const std::string& Step::word(std::size_t index, const std::string& what) const {
  if (index >= words.size()) fail(fmt::format("'{}' lacks {}", fmt::join(words, " "), what));
  return words[index];
}

std::int64_t Step::number(std::size_t index, const std::string& what) const {
  return integer(*this, word(index, what), what);
}

std::string Step::option(const std::string& name, const std::string& otherwise) const {
  const auto it = options.find(name);
  return it == options.end() ? otherwise : it->second;
}

std::int64_t Step::number_option(const std::string& name, std::int64_t otherwise) const {
  const auto it = options.find(name);
  return it == options.end() ? otherwise : integer(*this, it->second, name + "=NUMBER");
}

std::string Step::rest(std::size_t index) const {
  if (index >= words.size()) return "";
  return fmt::format(
      "{}", fmt::join(words.begin() + static_cast<std::ptrdiff_t>(index), words.end(), " "));
}

Story parse_story(const std::string& name, const std::string& text) {
  Story story;
  std::istringstream lines{text};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto comment = line.find('#');
    if (number == 1 && comment == 0 && line.size() > 2) story.title = line.substr(2);
    std::istringstream steps{line.substr(0, comment)};
    for (std::string step; std::getline(steps, step, ';');)
      if (step.find_first_not_of(" \t") != std::string::npos)
        story.steps.push_back(parse_step(fmt::format("{}:{}", name, number), step));
  }
  if (story.title.empty())
    throw StoryError{name + ":1: no title: begin with '# RULE_NN: what it proves'"};
  if (story.steps.empty()) throw StoryError{name + ":1: no steps: nothing would be proved"};
  return story;
}

Story read_story(const std::filesystem::path& file) {
  std::ifstream in{file};
  if (!in) throw StoryError{file.string() + ":1: cannot be read"};
  std::ostringstream text;
  text << in.rdbuf();
  return parse_story(file.filename().string(), text.str());
}

}  // namespace systask::scenarios
