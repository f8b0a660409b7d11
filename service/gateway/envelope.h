// The outer members of one frame, cut out of its text without unpacking what is inside:
// the body of a report is handed on as the text it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace systask::service {

// Views into the frame, valid as long as it is. Members that are absent are empty.
struct Envelope {
  std::string_view id;     // as written, to be repeated in the answer
  std::string_view name;   // without its quotes
  std::string_view topic;  // the same
  std::string_view body;   // as written: "{…}"
  std::string_view ack;    // as written: "{…}"
  std::optional<std::int64_t> fn;
  std::optional<std::int64_t> pub;
  std::optional<std::int64_t> out;
  std::optional<std::int64_t> through;
  std::optional<std::int64_t> plan;
  std::optional<std::int64_t> epoch;
  // BAD_REQUEST with the first member of the wrong kind, or that is given twice: whoever answers
  // still knows the id.
  std::optional<Refusal> wrong;
};

// The beginning of a text, to be quoted in a message: whole characters of UTF-8.
std::string_view excerpt_of(std::string_view text);

// BAD_JSON where the frame is no JSON object as far as its outline goes. What is inside of `body`
// is not looked at.
Result<Envelope> read_envelope(std::string_view frame);

}  // namespace systask::service
