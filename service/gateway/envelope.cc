#include "service/gateway/envelope.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace systask::service {
namespace {

// Walks over JSON text by its outline: strings, nesting, and what lies between.
class Outline {
 public:
  explicit Outline(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  // A string with its quotes; empty where there is none.
  std::string_view string() {
    skip_space();
    const std::size_t begin = at_;
    if (at_ == text_.size() || text_[at_] != '"') return {};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '"')
        return text_.substr(begin, ++at_ - begin);
    }
    return {};
  }

  // Any value, as written; empty where it does not end.
  std::string_view value() {
    skip_space();
    const std::size_t begin = at_;
    if (at_ == text_.size()) return {};
    if (text_[at_] == '"') return string();
    if (text_[at_] == '{' || text_[at_] == '[') return nested(begin);
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' &&
           text_[at_] != ' ' && text_[at_] != '\n' && text_[at_] != '\r' && text_[at_] != '\t')
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view nested(std::size_t begin) {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (string().empty()) return {};
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return text_.substr(begin, at_ - begin);
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Refusal bad_json(std::string_view what) {
  return {"BAD_JSON", fmt::format("the frame is no JSON object: {}", what)};
}

std::string_view unquoted(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  return value.substr(1, value.size() - 2);
}

Result<std::int64_t> integer(std::string_view key, std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  // As JSON writes it: an id is repeated in the answer as it came.
  const auto digits = value.substr(value.starts_with('-') ? 1 : 0);
  const bool leading_zero = digits.size() > 1 && digits.front() == '0';
  if (error == std::errc{} && end == value.data() + value.size() && !leading_zero) return number;
  return Refusal{"BAD_REQUEST", fmt::format("{}: found {}, expected an integer of 64 bits", key,
                                            excerpt_of(value))};
}

Refusal given_twice(std::string_view key) {
  return {"BAD_REQUEST", fmt::format("{}: given twice, expected once", key)};
}

// Reads an integer member into its place.
std::optional<Refusal> set(std::optional<std::int64_t>& place, std::string_view key,
                           std::string_view value) {
  if (place) return given_twice(key);
  const auto number = integer(key, value);
  if (number.has_error()) return number.error();
  place = *number;
  return std::nullopt;
}

std::optional<Refusal> set(std::string_view& place, std::string_view key, std::string_view value) {
  if (value.front() != '"')
    return Refusal{"BAD_REQUEST",
                   fmt::format("{}: found {}, expected a string", key, excerpt_of(value))};
  if (!place.empty()) return given_twice(key);
  place = unquoted(value);
  return std::nullopt;
}

// A member that is handed on as it is written.
std::optional<Refusal> set_raw(std::string_view& place, std::string_view key,
                               std::string_view value) {
  if (!place.empty()) return given_twice(key);
  place = value;
  return std::nullopt;
}

std::optional<Refusal> store(Envelope& envelope, std::string_view key, std::string_view value) {
  if (key == "body") return set_raw(envelope.body, key, value);
  if (key == "ack") return set_raw(envelope.ack, key, value);
  if (key == "name") return set(envelope.name, key, value);
  if (key == "topic") return set(envelope.topic, key, value);
  if (key == "id") {
    const auto number = integer(key, value);
    if (number.has_error()) return number.error();
    return set_raw(envelope.id, key, value);
  }
  if (key == "fn") return set(envelope.fn, key, value);
  if (key == "pub") return set(envelope.pub, key, value);
  if (key == "out") return set(envelope.out, key, value);
  if (key == "through") return set(envelope.through, key, value);
  if (key == "plan") return set(envelope.plan, key, value);
  if (key == "epoch") return set(envelope.epoch, key, value);
  return std::nullopt;
}

}  // namespace

std::string_view excerpt_of(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return utf8_prefix(text, kLongest);
}

Result<Envelope> read_envelope(std::string_view frame) {
  Outline outline{frame};
  Envelope envelope;
  if (!outline.take('{')) return bad_json("it does not begin with {");
  if (outline.take('}')) return envelope;
  do {
    const std::string_view key = outline.string();
    if (key.empty() || !outline.take(':')) return bad_json("a member's name is broken");
    const std::string_view value = outline.value();
    if (value.empty()) return bad_json(fmt::format("the value of {} is broken", key));
    auto refusal = store(envelope, unquoted(key), value);
    if (refusal && !envelope.wrong) envelope.wrong = std::move(refusal);
  } while (outline.take(','));
  if (!outline.take('}') || !outline.at_end()) return bad_json("it does not end with }");
  return envelope;
}

}  // namespace systask::service
