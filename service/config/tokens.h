// Tokens are the bearer tokens of those who use the HTTP interface, each with a name and a
// role: a viewer may look, an operator may change things, too. An immutable value: may be
// read from any thread. Messages never hold a token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace systask::service {

// Who makes a request, by its token. Where the service has no tokens everybody is an operator
// without a name.
struct Caller {
  enum class Role : std::uint8_t { kViewer, kOperator };
  std::string name;
  Role role = Role::kOperator;
};

class Tokens {
 public:
  // Nobody is asked for a token.
  Tokens() = default;

  // From the text of a file: one word, the token of an operator without a name; or lines
  // `role name token`, with role viewer or operator; blank lines and those that begin with # are
  // no lines. BAD_SECRETS names file and line.
  static Result<Tokens> parse(std::string_view text, const std::string& file);
  // The same of a file, whose mode must be 0600.
  static Result<Tokens> load(const std::string& file);

  [[nodiscard]] bool asked_for() const { return !tokens_.empty(); }
  // Whose token it is, in a time that does not tell how much of it is right.
  [[nodiscard]] std::optional<Caller> caller(std::string_view token) const;

 private:
  struct Token {
    Caller caller;
    std::string text;
  };
  std::vector<Token> tokens_;
};

}  // namespace systask::service
