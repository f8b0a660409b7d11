#include "peers/drill/trace.h"

#include <charconv>

namespace systask::peers::drill {
namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view line) {
  Words words;
  while (!line.empty()) {
    const auto space = line.find(' ');
    words.push_back(line.substr(0, space));
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return words;
}

bool read(std::string_view word, std::int64_t& number) {
  const auto* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  return error == std::errc{} && stop == end;
}

// How many words a line of each kind has, the kind included; 0: no such kind.
std::size_t words_of(char kind) {
  switch (kind) {
    case 'S': return 3;
    case 'R': return 5;
    case 'E': return 6;
    case 'K': return 4;
    case 'C': return 5;
    case 'F': return 5;
    case 'X': return 3;
    case 'O': return 5;
    case 'D': return 5;
    case '.': return 2;
    default: return 0;
  }
}

}  // namespace

std::optional<SiteLine> parse_site_line(std::string_view line) {
  const Words words = split(line);
  if (words.empty() || words[0].size() != 1) return {};
  SiteLine parsed;
  parsed.kind = words[0][0];
  if (words.size() != words_of(parsed.kind)) return {};
  if (parsed.kind == '.') return parsed;
  if (!read(words[1], parsed.plan) || !read(words[2], parsed.epoch)) return {};
  if (parsed.kind == 'S' || parsed.kind == 'X') return parsed;
  if (parsed.kind == 'O') {
    parsed.text = words[3];
    return read(words[4], parsed.seq) ? std::optional{parsed} : std::nullopt;
  }
  if (!read(words[3], parsed.seq)) return {};
  if (parsed.kind == 'R' && !read(words[4], parsed.skipped)) return {};
  if (parsed.kind != 'R' && parsed.kind != 'K') parsed.text = words.back();
  return parsed;
}

bool add_flow_line(FlowTrace& trace, std::string_view line) {
  const Words words = split(line);
  std::int64_t plan = 0;
  if (words.size() != 4 || !read(words[1], plan)) return false;
  if (words[0] == "M") {
    trace.sent[plan].emplace_back(words[2]);
    return true;
  }
  return words[0] == "R" && trace.resent.emplace(words[2], words[3]).second;
}

}  // namespace systask::peers::drill
