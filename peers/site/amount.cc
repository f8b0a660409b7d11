#include "peers/site/amount.h"

#include <algorithm>
#include <limits>

namespace systask::peers {
namespace {

constexpr int kDecimals = 8;
constexpr std::int64_t kScale = 100'000'000;
constexpr std::size_t kMostDigits = 36;  // what 128 bits hold for certain

}  // namespace

std::optional<Amount> parse_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  const auto fraction = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() || fraction.size() > kDecimals || whole.size() > kMostDigits - kDecimals)
    return std::nullopt;
  Wide ticks = 0;
  for (const auto part : {whole, fraction})
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      ticks = 10 * ticks + (c - '0');
    }
  for (auto missing = fraction.size(); missing < kDecimals; ++missing)
    ticks *= 10;
  return Amount{negative ? -ticks : ticks};
}

std::optional<std::int64_t> parse_price(std::string_view text) {
  const auto amount = parse_amount(text);
  if (!amount || amount->ticks > std::numeric_limits<std::int64_t>::max() ||
      amount->ticks < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return static_cast<std::int64_t>(amount->ticks);
}

std::string to_text(Amount amount) {
  const bool negative = amount.ticks < 0;
  Wide whole = (negative ? -amount.ticks : amount.ticks) / kScale;
  auto fraction = static_cast<std::int64_t>((negative ? -amount.ticks : amount.ticks) % kScale);
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(whole % 10));
    whole /= 10;
  } while (whole > 0);
  if (negative) text += '-';
  std::ranges::reverse(text);
  if (fraction == 0) return text;
  const std::string digits = std::to_string(kScale + fraction).substr(1);
  return text + "." + digits.substr(0, digits.find_last_not_of('0') + 1);
}

}  // namespace systask::peers
