#include "peers/flow/fix/cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <vector>

namespace systask::peers::flow::fix {
namespace {

constexpr std::string_view kStart = "8=FIX";
constexpr std::string_view kSohText = "\x01";
constexpr std::size_t kLongestVersion = 16;
constexpr std::size_t kLongestSeparator = 8;
constexpr std::size_t kLongestTrailer = 32;
constexpr std::size_t kMostTagDigits = 9;

// Length fields, each with the field whose raw bytes it measures.
constexpr std::array<std::pair<int, int>, 16> kRawData{{{90, 91},
                                                        {93, 89},
                                                        {95, 96},
                                                        {212, 213},
                                                        {348, 349},
                                                        {350, 351},
                                                        {352, 353},
                                                        {354, 355},
                                                        {356, 357},
                                                        {358, 359},
                                                        {360, 361},
                                                        {362, 363},
                                                        {364, 365},
                                                        {445, 446},
                                                        {618, 619},
                                                        {621, 622}}};

// How SOH is escaped by what writes JSON, by Python, C, rsyslog and URLs. Other separators end with
// no digit, or a tag could not be told from them.
constexpr std::array<std::string_view, 8> kEscapes{R"(\\u0001)", R"(\u0001)", R"(\\x01)", R"(\x01)",
                                                   R"(\\001)",   R"(\001)",   "#001",     "%01"};

constexpr std::string_view kNoLength = "no BodyLength (9) behind BeginString (8)";
constexpr std::string_view kCutOff = "cut off before CheckSum (10)";
// A log that was edited, to make it anonymous, say, is one for people.
constexpr std::string_view kLengthDiffers =
    "BodyLength (9) does not match (of a log that was edited: read it with --separator SOH)";
constexpr std::string_view kSumDiffers =
    "CheckSum (10) does not match (of a log that was edited: read it with --separator SOH)";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

template <class Integer>
std::optional<Integer> number_in(std::string_view digits) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  return value;
}

Cut broken(std::size_t length, std::string_view flaw) {
  return {.state = Cut::State::kBroken, .length = length, .message = {}, .flaw = flaw};
}

// Where the text of one message ends at the latest: its line, or the next message.
std::size_t extent_of(std::string_view text) {
  const auto line = text.find('\n');
  return std::min({line, find_message(text, kStart.size()), text.size()});
}

// What stands between BeginString and BodyLength, or MsgType where a log for people leaves that
// out; empty where there is neither.
std::string_view separator_of(std::string_view text) {
  std::size_t begin = 2;
  while (begin < text.size() && begin < kLongestVersion &&
         (is_alphanumeric(text[begin]) || text[begin] == '.'))
    ++begin;
  const auto window = text.substr(begin, kLongestSeparator + 3);
  const auto next = std::min(window.find("9="), window.find("35="));
  if (next == std::string_view::npos || next == 0) return {};
  const auto separator = text.substr(begin, next);
  const bool splits =
      separator.find_first_of("=\r\n") == std::string_view::npos && !is_digit(separator.back());
  const bool escaped = std::ranges::find(kEscapes, separator) != kEscapes.end();
  return splits || escaped ? separator : std::string_view{};
}

// The text from the trailer's "10=" to its last digit and the separator, if there is one.
struct Trailer {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<Trailer> trailer_at(std::string_view text, std::size_t begin,
                                  std::string_view separator) {
  if (!text.substr(std::min(begin, text.size())).starts_with("10=")) return {};
  std::size_t end = begin + 3;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  if (end == begin + 3) return {};
  if (text.substr(end).starts_with(separator)) end += separator.size();
  return Trailer{begin, end};
}

std::optional<Trailer> first_trailer(std::string_view text, std::string_view separator) {
  const std::string mark = std::string{separator} + "10=";
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
    if (const auto trailer = trailer_at(text, at + separator.size(), separator)) return trailer;
  return {};
}

// Where BodyLength says that the trailer begins, for separators of one character.
std::optional<std::size_t> declared_end(std::string_view text, std::string_view separator) {
  if (separator.size() != 1) return {};
  const auto begin = text.find(separator) + 3;  // behind "9="
  if (!text.substr(0, begin).ends_with("9=")) return {};
  const auto end = text.find(separator, begin);
  if (end == std::string_view::npos) return {};
  const auto length = number_in<std::uint32_t>(text.substr(begin, end - begin));
  if (!length || *length > kLongestMessage) return {};
  return end + 1 + *length;
}

struct Piece {
  int tag = 0;
  std::string value;
  bool raw = false;
};

// The fields of a message, or nothing where one has no tag and none can be its beginning.
std::optional<std::vector<Piece>> split(std::string_view text, std::string_view separator,
                                        bool strict) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    auto end = std::min(text.find(separator), text.size());
    const auto equals = text.substr(0, end).find('=');
    const auto tag = equals == std::string_view::npos || equals == 0 || equals > kMostTagDigits
                         ? std::nullopt
                         : number_in<int>(text.substr(0, equals));
    if (!tag || *tag <= 0) {
      if (strict || pieces.empty()) return {};
      pieces.back().value.append(separator).append(text.substr(0, end));
    } else {
      Piece piece{*tag, {}, false};
      const auto known = pieces.empty() ? kRawData.end()
                                        : std::ranges::find(kRawData, pieces.back().tag,
                                                            &std::pair<int, int>::first);
      if (known != kRawData.end() && known->second == *tag) {
        const auto length = number_in<std::uint32_t>(pieces.back().value);
        const auto raw_end = equals + 1 + length.value_or(kLongestMessage);
        piece.raw = raw_end == text.size() ||
                    (raw_end < text.size() && text.substr(raw_end).starts_with(separator));
        if (piece.raw) end = raw_end;
      }
      piece.value = text.substr(equals + 1, end - equals - 1);
      pieces.push_back(std::move(piece));
    }
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  return pieces;
}

std::string joined(const std::vector<Piece>& pieces, std::size_t from, bool with_raw) {
  std::string text;
  for (std::size_t i = from; i < pieces.size(); ++i) {
    const bool measures = i + 1 < pieces.size() && pieces[i + 1].raw;
    if (with_raw || (!pieces[i].raw && !measures))
      text += fmt::format("{}={}\x01", pieces[i].tag, pieces[i].value);
  }
  return text;
}

unsigned sum_of(std::string_view text) {
  return std::accumulate(text.begin(), text.end(), 0U,
                         [](unsigned sum, char c) { return sum + static_cast<unsigned char>(c); }) %
         256U;
}

std::string whole(std::string_view version, std::string_view body) {
  std::string text = fmt::format(
      "8={}\x01"
      "9={}\x01{}",
      version, body.size(), body);
  text += fmt::format("10={:03}\x01", sum_of(text));
  return text;
}

struct Separator {
  std::string_view text;
  bool checks = false;  // BodyLength and CheckSum must match
};

// `text` without its trailer, whose digits are `sum`; empty where the line ends without one.
Cut checked(std::string_view text, std::string_view sum, Separator separator, std::size_t length) {
  const bool substituted = !separator.checks;
  const auto pieces = split(text, separator.text, separator.checks);
  if (!pieces) return broken(length, "a field has no tag");
  const bool says_length = pieces->size() > 1 && (*pieces)[1].tag == 9;
  if (!says_length && !substituted) return broken(length, kNoLength);
  const std::size_t begin = says_length ? 2 : 1;  // of the body
  if (pieces->size() <= begin || (*pieces)[begin].tag != 35 || (*pieces)[begin].value.empty())
    return broken(length, "MsgType (35) is not the third field");
  const std::string& version = (*pieces)[0].value;
  const std::string body = joined(*pieces, begin, true);
  const bool length_fits = says_length && number_in<std::size_t>((*pieces)[1].value) == body.size();
  if (sum.empty() && !length_fits) return broken(length, kCutOff);
  const std::string before = fmt::format(
      "8={}\x01"
      "9={}\x01{}",
      version, (*pieces)[1].value, body);
  const bool sum_fits = number_in<unsigned>(sum) == sum_of(before);
  if (!substituted && !length_fits) return broken(length, kLengthDiffers);
  if (!substituted && !sum_fits) return broken(length, kSumDiffers);
  return {.state = Cut::State::kMessage,
          .length = length,
          .message = whole(version, joined(*pieces, begin, false)),
          .flaw = {},
          .mended = !length_fits || !sum_fits};
}

}  // namespace

std::size_t find_message(std::string_view text, std::size_t from) {
  const auto ends_tag = [&](std::size_t at) {
    const auto before = text.substr(0, at);
    return !before.empty() && is_digit(before.back()) &&
           std::ranges::none_of(kEscapes, [&](auto escape) { return before.ends_with(escape); });
  };
  auto at = text.find(kStart, from);
  while (at != std::string_view::npos && ends_tag(at))
    at = text.find(kStart, at + 1);
  return at;
}

std::string_view flaw_of_separator(std::string_view separator) {
  if (separator.empty() || separator.size() > kLongestSeparator)
    return "one to eight characters, such as | or ^A; SOH is the character 1";
  if (separator.find_first_of("=\r\n") != std::string_view::npos)
    return "no equals sign and no line end, which fields and lines have";
  const bool escaped = std::ranges::find(kEscapes, separator) != kEscapes.end();
  if (is_digit(separator.back()) && !escaped)
    return "no digit at its end, or a tag could not be told from it";
  return {};
}

Cut cut_message(std::string_view text, bool at_end, std::string_view forced) {
  at_end = at_end || text.size() >= kLongestMessage + kLongestTrailer;
  const auto extent = extent_of(text);
  const bool whole_line = at_end || extent < text.size();
  if (!whole_line && text.size() < kLongestVersion + kLongestSeparator + 2) return {};
  const auto separator = forced.empty() ? separator_of(text.substr(0, extent)) : forced;
  const bool checks = forced.empty() && separator == kSohText;
  if (separator.empty()) {
    if (!whole_line) return {};
    return broken(extent, kNoLength);
  }
  auto trailer = first_trailer(text.substr(0, extent), separator);
  const auto declared = declared_end(text.substr(0, extent), separator);
  const bool agree = trailer && declared == trailer->begin;
  if (declared && !agree) {
    if (!at_end && *declared + kLongestTrailer > text.size()) return {};
    const bool ends_field = *declared <= text.size() && text[*declared - 1] == separator.front();
    if (const auto told = trailer_at(text, *declared, separator); told && ends_field)
      trailer = told;
  }
  if (!trailer && !whole_line) return {};
  if (!trailer) {  // left out, where BodyLength says that nothing else is
    auto line = text.substr(0, extent);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    if (line.ends_with(separator)) line.remove_suffix(separator.size());
    return checks ? broken(extent, kCutOff) : checked(line, {}, {separator, checks}, extent);
  }
  if (!at_end && trailer->end + kLongestSeparator > text.size() && extent == text.size()) return {};
  auto digits = text.substr(trailer->begin + 3, trailer->end - trailer->begin - 3);
  if (digits.ends_with(separator)) digits.remove_suffix(separator.size());
  return checked(text.substr(0, trailer->begin), digits, {separator, checks}, trailer->end);
}

}  // namespace systask::peers::flow::fix
