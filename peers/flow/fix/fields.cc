#include "peers/flow/fix/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "peers/flow/decimal.h"

namespace systask::peers::flow::fix {
namespace {

constexpr std::size_t kPriceDecimals = 8;
constexpr std::size_t kFractionDigits = 6;
constexpr std::size_t kLongestSymbol = 64;

// Digits of a fixed place; -1 where there are others.
int number_at(std::string_view text, std::size_t begin, std::size_t length) {
  int value = 0;
  const auto digits = text.substr(begin, length);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole && digits.size() == length && value >= 0 && digits.front() != '-' ? value : -1;
}

// How many bytes the UTF-8 character at the beginning takes; 0 where it is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  if (length > 2) {
    // Not shorter forms, surrogates, nor beyond the last one.
    const unsigned next = byte(1);
    if ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next >= 0xA0) ||
        (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next >= 0x90))
      return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string from_latin1(std::string_view text) {
  std::string all;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      all += static_cast<char>(0xC0U | byte >> 6U);
      all += static_cast<char>(0x80U | (byte & 0x3FU));
    } else {
      all += c;
    }
  }
  return all;
}

}  // namespace

std::optional<std::int64_t> parse_quantity(std::string_view text) {
  return parse_recorded_quantity(text, 0);
}

std::optional<std::int64_t> parse_price(std::string_view text) {
  return parse_recorded_price(text);
}

std::optional<std::int64_t> parse_average(std::string_view text) {
  std::string plain = plain_decimal(text);
  if (const auto point = plain.find('.'); point != std::string::npos)
    plain.resize(std::min(plain.size(), point + 1 + kPriceDecimals));
  return parse_decimal(plain);
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
  using std::chrono::day;
  using std::chrono::month;
  using std::chrono::year;
  if (text.size() < 17 || text[8] != '-' || text[11] != ':' || text[14] != ':') return {};
  const int hours = number_at(text, 9, 2);
  const int minutes = number_at(text, 12, 2);
  const int seconds = number_at(text, 15, 2);
  const std::chrono::year_month_day date{year{number_at(text, 0, 4)},
                                         month(static_cast<unsigned>(number_at(text, 4, 2))),
                                         day(static_cast<unsigned>(number_at(text, 6, 2)))};
  if (!date.ok() || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 ||
      seconds > 60 || date.year() < year{1970})
    return {};
  std::string fraction{text.size() > 18 && text[17] == '.' ? text.substr(18) : ""};
  fraction.resize(kFractionDigits, '0');
  const int micros = number_at(fraction, 0, kFractionDigits);
  if (micros < 0) return {};
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24 + hours) * 60 + minutes) * 60'000'000 + seconds * std::int64_t{1'000'000} +
         micros;
}

std::string to_utf8(std::string_view text, std::size_t longest) {
  const std::string all = is_utf8(text) ? std::string{text} : from_latin1(text);
  std::size_t length = 0;
  while (length < all.size()) {
    const auto next = character_length(std::string_view{all}.substr(length));
    if (length + next > longest) break;
    length += next;
  }
  return all.substr(0, length);
}

std::string_view Fields::text(int tag) const {
  for (const FieldList* const list : {&own_, outer_}) {
    if (list == nullptr) continue;
    const auto found = std::ranges::find(*list, tag, &Field::tag);
    if (found != list->end()) return found->value;
  }
  return {};
}

std::string symbol_of(const Fields& f) {
  const auto symbol = f.text(tag::kSymbol);
  const bool says = !symbol.empty() && symbol != "[N/A]" && symbol != "N/A";
  // A security's code holds no blanks: "BRK A" is told as "BRK%20A".
  std::string code;
  for (const char c : to_utf8(says ? symbol : f.text(tag::kSecurityId), kLongestSymbol)) {
    const auto byte = static_cast<unsigned char>(c);
    code += byte > 0x20 && byte != 0x7F ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return code;
}

int direction_of(const Fields& f) {
  const auto side = f.text(tag::kSide);
  if (side == "1" || side == "3") return 1;                                // buy, buy minus
  if (side == "2" || side == "4" || side == "5" || side == "6") return 2;  // sell (plus, short)
  return 0;
}

bool is_resent(const Fields& f) {
  return f.character(tag::kPossDupFlag) == 'Y' || f.character(tag::kPossResend) == 'Y';
}

}  // namespace systask::peers::flow::fix
