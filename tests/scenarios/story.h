// A story is a plain-text scenario: steps to take, one after the other, each with what is
// expected of it. This is its grammar; what the steps mean is the Teller's business.
// Values; any thread.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/trading_world.h"

namespace systask::scenarios {

// "file:line: what is wrong", as an editor can jump to it.
class StoryError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One step: words, then `name=value` options in any order, then what is expected of it.
struct Step {
  std::string where;  // file:line
  std::vector<std::string> words;
  support::Fields options;
  std::vector<std::string> expected;  // the words behind "=>"; none: "ok"

  // The word at `index`; a StoryError that names what is missing where there is none.
  [[nodiscard]] const std::string& word(std::size_t index, const std::string& what) const;
  [[nodiscard]] std::int64_t number(std::size_t index, const std::string& what) const;
  [[nodiscard]] std::string option(const std::string& name, const std::string& otherwise) const;
  [[nodiscard]] std::int64_t number_option(const std::string& name, std::int64_t otherwise) const;
  // The words from `index` on, with one blank between.
  [[nodiscard]] std::string rest(std::size_t index) const;
  [[noreturn]] void fail(const std::string& why) const;
};

struct Story {
  std::string title;  // the first line's comment
  std::vector<Step> steps;
};

// Reads a story; a StoryError where the file cannot be read, has no title or no step.
Story read_story(const std::filesystem::path& file);
Story parse_story(const std::string& name, const std::string& text);

}  // namespace systask::scenarios
