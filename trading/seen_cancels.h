// Which cancels of an order were applied. A cancel is known by its function and by the number of
// the cancel order; business date, market and cancelled order are those of the order that it is
// part of. So the same cancel under another message id changes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "trading/message.h"

namespace systask::trading {

class SeenCancels {
 public:
  SeenCancels() = default;
  // As text() wrote it.
  explicit SeenCancels(std::string text) : text_(std::move(text)) {}

  // What the cancel said that it took off, when it was applied: empty where it did not say.
  // Nothing where it was not applied, or has nothing by which it could be known.
  [[nodiscard]] std::optional<std::string_view> find(const Message& cancel) const;
  void add(const Message& cancel);

  // A line each: function, what was taken off, name.
  [[nodiscard]] const std::string& text() const { return text_; }

  friend bool operator==(const SeenCancels&, const SeenCancels&) = default;

 private:
  std::string text_;
};

// A message about a cancel: requested, done or rejected, also of a combined order.
[[nodiscard]] bool about_cancel(Kind kind);
// What it says that it takes off, of a combined order "BUY/SELL"; empty where it does not say.
[[nodiscard]] std::string taken_off(const Message& cancel);

}  // namespace systask::trading
