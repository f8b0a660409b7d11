// Times of an answer in one zone, also where a text of the scheduler has them in UTC.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/zone.h"

namespace systask::service {

// Every RFC 3339 instant in the value, also in the middle of a text, is written in the zone; but
// what others wrote stays as it is: the bodies of messages, the output of programs.
void write_times_in(boost::json::value& value, const Zone& zone);

}  // namespace systask::service
