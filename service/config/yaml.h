// A YAML file as a small tree that knows where each value stands. The tree is flat, so
// that a file of a hundred thousand tasks costs megabytes and not a gigabyte.
//
// A YamlDocument is immutable once parsed; YamlNodes are handles into it and must not
// outlive it. May be read from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/mistake.h"

namespace systask::service {

class YamlDocument;

class YamlNode {
 public:
  enum class Kind : std::uint8_t { kNull, kScalar, kMap, kList, kAlias };

  YamlNode(const YamlDocument& document, std::uint32_t index)
      : document_(&document), index_(index) {}

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] std::string_view text() const;  // of a scalar; else empty
  [[nodiscard]] Place place() const;
  // False where the file broke off inside of it.
  [[nodiscard]] bool complete() const;
  // A list's items; a map's key, value, key, value and so on; else nothing.
  [[nodiscard]] std::vector<YamlNode> children() const;
  // What was found, for a mistake: a scalar's text, or "a list".
  [[nodiscard]] std::string_view described() const;

 private:
  const YamlDocument* document_;
  std::uint32_t index_;
};

// Where the text stops being YAML, and why.
struct SyntaxError {
  Place place;
  std::string message;
};

class YamlDocument {
 public:
  // What is there before a syntax error is kept.
  static YamlDocument parse(const std::string& text);

  // Nothing: the text holds no value at all.
  [[nodiscard]] std::optional<YamlNode> root() const;
  [[nodiscard]] const std::optional<SyntaxError>& error() const { return error_; }

 private:
  friend class YamlNode;
  class Builder;

  struct Record {
    std::int32_t line;
    std::int32_t column;
    std::uint32_t text_begin;
    std::uint32_t text_size;
    std::uint32_t next;  // index after the node and all that is in it
    YamlNode::Kind kind;
    bool complete;
  };
  std::vector<Record> records_;  // in the order of the file, parents first
  std::string text_;             // of all scalars
  std::optional<SyntaxError> error_;
};

}  // namespace systask::service
