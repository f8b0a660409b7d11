// The form of names and numbers that others give: of orders, deals, securities, strategies. They
// stand in digests, lists and logs between blanks, so they hold none (docs/protocol.md, section 1).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace systask::trading {

inline constexpr std::size_t kLongestIdentifier = 128;  // bytes

// From one byte of UTF-8 to `longest`, without blanks, line breaks and other characters that are
// not seen; and not "-", which stands for an empty number in a digest.
bool is_identifier(std::string_view text, std::size_t longest = kLongestIdentifier);

// Words for a message: what was expected instead.
std::string identifier_form(std::size_t longest = kLongestIdentifier);

// A message about a field whose text is no identifier: "stock_code: found '600 570', expected …".
std::string not_identifier(std::string_view field, std::string_view text,
                           std::size_t longest = kLongestIdentifier);

// As a value stands in one line of a digest: a backslash is doubled, a line feed is "\\n".
std::string in_one_line(std::string_view text);

}  // namespace systask::trading
