// Whatever others call themselves, a line of the log is one line, a table has as many as it has
// rows, neither has a command for a terminal in it, and nothing is cut within a character.
#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/log_writer.h"
#include "base/text.h"
#include "service/cli/clean_output.h"
#include "service/cli/text_table.h"

namespace {

using namespace systask;
using namespace systask::service;

bool is_harmless(std::string_view text) {
  if (!is_utf8(text)) return false;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, utf8_size(text));
    if (character != "\n" && !is_shown(character)) return false;
    text.remove_prefix(character.size());
  }
  return true;
}

void check_log(const std::string& text, std::size_t half) {
  const std::string line = log::line_of(text.substr(0, half), {{"key", text.substr(half)}});
  CHECK(is_harmless(line), "a line of the log that does something");
  CHECK(line.find('\n') == std::string::npos, "a line of the log that is two");
  CHECK(line.size() < 6'000, "a line of the log without end");
}

void check_cuts(const std::string& text, std::size_t most) {
  CHECK(is_harmless(one_line(text, most)), "one line");
  CHECK(is_utf8(whole_utf8(text)), "not made whole");
  const std::string whole = whole_utf8(text);
  const std::string_view cut = utf8_prefix(whole, most);
  CHECK(is_utf8(cut) && cut.size() <= most, "cut within a character");
  CHECK(cut.size() + 4 > std::min(most, whole.size()), "cut too early");
}

void check_table(const std::string& text) {
  TextTable table{{"name", "says"}, {}};
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos && table.rows.size() < 20; begin = end + 1) {
    end = text.find('\xFF', begin);
    const std::string cell = text.substr(begin, end == std::string::npos ? end : end - begin);
    table.rows.push_back({cell, "x" + cell});
  }
  for (const std::size_t width : {20UL, 80UL, Screen::kNoEnd}) {
    const std::string shown = clean_text(render_table(table, Screen{width}));
    CHECK(is_harmless(shown), "a table that does something");
    CHECK(std::ranges::count(shown, '\n') >= static_cast<std::ptrdiff_t>(table.rows.size()),
          "a row is missing");
  }
}

void check_json(const std::string& text) {
  const boost::json::value value(whole_utf8(text));
  const std::string shown = json_text(value);
  CHECK(is_harmless(shown), "JSON that does something");
  CHECK(boost::json::parse(shown) == value, "JSON that lost something");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text{data + 1, data + size};
  const std::size_t at = std::min<std::size_t>(data[0], text.size());
  check_log(text, at);
  check_cuts(text, data[0]);
  check_table(text);
  check_json(text);
  return 0;
}
