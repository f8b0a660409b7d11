#include "service/config/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "service/config/file_text.h"

namespace systask::service {
namespace {

using Role = Caller::Role;

std::optional<Role> role_of(std::string_view name) {
  if (name == "viewer") return Role::kViewer;
  if (name == "operator") return Role::kOperator;
  return std::nullopt;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in{line};
  std::vector<std::string> words;
  for (std::string word; in >> word;)
    words.push_back(std::move(word));
  return words;
}

// The time depends on what was given only, never on where it differs.
bool same(std::string_view given, std::string_view token) {
  unsigned different = given.size() == token.size() ? 0U : 1U;
  for (std::size_t i = 0; i < given.size(); ++i)
    different |=
        static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(token[i % token.size()]);
  return different == 0;
}

}  // namespace

Result<Tokens> Tokens::parse(std::string_view text, const std::string& file) {
  const auto bad = [&file](int line, std::string_view why) {
    return Refusal{"BAD_SECRETS", fmt::format("{}:{}: {}", file, line, why)};
  };
  Tokens tokens;
  std::istringstream in{std::string{text}};
  std::string line;
  bool alone = false;
  for (int number = 1; std::getline(in, line); ++number) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words.front().starts_with('#')) continue;
    if (alone || (words.size() == 1 && tokens.asked_for()))
      return bad(number, "a token without role and name must be the only line of its file");
    alone = words.size() == 1;
    if (alone) {
      tokens.tokens_.push_back({{}, words[0]});
      continue;
    }
    const auto role = role_of(words[0]);
    if (words.size() != 3 || !role)
      return bad(number,
                 "expected `role name token`, three words, with role viewer or operator, or in "
                 "the whole file one word, the token");
    for (const Token& other : tokens.tokens_)
      if (other.caller.name == words[1] || other.text == words[2])
        return bad(number, fmt::format("{} {}, or its token, has a line already: keep one of the "
                                       "two",
                                       words[0], words[1]));
    tokens.tokens_.push_back({{words[1], *role}, words[2]});
  }
  if (!tokens.asked_for()) return bad(1, "there is no token in it");
  return tokens;
}

Result<Tokens> Tokens::load(const std::string& file) {
  const auto text = text_of_private_file(file);
  if (!text) return text.error();
  return parse(*text, file);
}

std::optional<Caller> Tokens::caller(std::string_view token) const {
  const Token* found = nullptr;
  for (const Token& known : tokens_)
    if (same(token, known.text)) found = &known;
  if (found == nullptr) return std::nullopt;
  return found->caller;
}

}  // namespace systask::service
