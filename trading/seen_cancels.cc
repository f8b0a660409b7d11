#include "trading/seen_cancels.h"

#include <fmt/format.h>

#include <algorithm>

namespace systask::trading {
namespace {

// By what a cancel is known: the number of the cancel order. One without a number is known by
// batch, amount and time; a request and a refusal take nothing off, so without a number they are
// not known at all. Empty: not known.
std::string name_of(const Message& cancel) {
  std::string name;
  if (!cancel.cancel_number.empty() && cancel.number != cancel.cancel_number) name = cancel.number;
  const bool takes_off =
      cancel.kind() == Kind::kCancelled || cancel.kind() == Kind::kCombinedCancelled;
  if (name.empty() && takes_off)
    name = fmt::format("~{}-{}-{}", cancel.batch_no, taken_off(cancel), cancel.time);
  std::ranges::replace(name, '\n', ' ');
  return name;
}

}  // namespace

bool about_cancel(Kind kind) {
  switch (kind) {
    case Kind::kCancelRequested:
    case Kind::kCancelled:
    case Kind::kCancelRejected:
    case Kind::kCombinedCancelRequested:
    case Kind::kCombinedCancelled:
    case Kind::kCombinedCancelRejected: return true;
    default: return false;
  }
}

std::string taken_off(const Message& cancel) {
  if (cancel.kind() == Kind::kCancelled)
    return cancel.cancel_quantity == 0 ? "" : fmt::to_string(cancel.cancel_quantity);
  const Quantity buy = cancel.buy.cancel_quantity;
  const Quantity sell = cancel.sell.cancel_quantity;
  if (cancel.kind() != Kind::kCombinedCancelled || (buy == 0 && sell == 0)) return "";
  return fmt::format("{}/{}", buy, sell);
}

std::optional<std::string_view> SeenCancels::find(const Message& cancel) const {
  if (text_.empty()) return std::nullopt;
  const std::string name = name_of(cancel);
  if (name.empty()) return std::nullopt;
  const std::string function = fmt::format("{} ", cancel.function->number);
  for (std::string_view rest = text_; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!line.starts_with(function)) continue;
    line.remove_prefix(function.size());
    const std::string_view said = line.substr(0, line.find(' '));
    if (line.substr(std::min(line.size(), said.size() + 1)) == name) return said;
  }
  return std::nullopt;
}

void SeenCancels::add(const Message& cancel) {
  if (const std::string name = name_of(cancel); !name.empty())
    text_ += fmt::format("{} {} {}\n", cancel.function->number, taken_off(cancel), name);
}

}  // namespace systask::trading
