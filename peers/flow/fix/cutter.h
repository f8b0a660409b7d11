// Cuts FIX messages out of the text of a log: whatever stands before and behind them, and
// whatever character its writer put in the place of SOH. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace systask::peers::flow::fix {

inline constexpr std::size_t kLongestMessage = std::size_t{1} << 20U;

struct Cut {
  enum class State { kMessage, kBroken, kMore };
  State state = State::kMore;  // kMore: the text ends before it can be told
  std::size_t length = 0;      // of the text that it takes up
  std::string message;         // with SOH, a right BodyLength and CheckSum, without raw data
  std::string_view flaw;       // what it is broken of
  bool mended = false;         // CheckSum or BodyLength did not match and were written anew
};

// Where the next message begins (8=FIX, and not the end of a longer tag), or npos.
[[nodiscard]] std::size_t find_message(std::string_view text, std::size_t from);

// The message at the beginning of `text`. `at_end`: nothing follows the text.
//
// Where fields are ended by SOH, BodyLength and CheckSum must match. Where SOH was replaced
// (|, ^A, ;) or escaped (\u0001, \x01, #001), the log was made for people, and they are computed
// anew; a piece without a tag is then the rest of the value before it.
//
// With a `separator`, fields are ended by it and by nothing else, and what BodyLength and CheckSum
// say does not matter: of a log that was edited, whose SOH may still be there.
[[nodiscard]] Cut cut_message(std::string_view text, bool at_end, std::string_view separator = {});

// Why no log can have its fields ended by this; nothing where one can.
[[nodiscard]] std::string_view flaw_of_separator(std::string_view separator);

}  // namespace systask::peers::flow::fix
