// The short words of the stories, and what they are on the wire. Pure.
#pragma once

#include <string>

#include "base/clock.h"
#include "tests/scenarios/story.h"

namespace systask::scenarios {

// "402206" -> its topic out; "start", "modify", "recover", "release", "skip", "status" too.
std::string topic_of(const std::string& what);

// "deal" -> "deal_no"; "amount" is deal_amount of a fill, cancel_amount of a cancel.
std::string wire_name(const std::string& what, const std::string& name);

// A report's fields from a step's options.
support::Fields body_fields(const Step& step, int function_no);

// True where the body has the member with that value, as a string or a number.
bool body_has(const std::string& body, const std::string& name, const std::string& value);

// "200ms", "12s", "3m".
Micros duration_of(const Step& step, const std::string& text);

}  // namespace systask::scenarios
