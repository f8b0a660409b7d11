// The unpacker (2218103 in the source system): one decoder that turns any body of the
// order system into named, typed fields, by a table of fields and the table of functions.
#pragma once

#include <string_view>

#include "base/result.h"
#include "trading/message.h"

namespace systask::trading {

// Unpacks a JSON body that came on `topic`. Numbers may come as integers or as strings.
// Refused (BAD_BODY) with the field, what was found and what was expected: a body that is
// no object, an unknown function, a function that this topic does not carry, a required
// field that is absent, a field of the wrong form or out of its range. A message_id that is absent
// is derived from the facts that make the message what it is.
Result<Message> unpack(std::string_view topic, std::string_view body);

}  // namespace systask::trading
