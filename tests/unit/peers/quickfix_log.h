// A log that libquickfix writes: orders of 100, each confirmed and filled in two parts.
#pragma once

#include <string>

// One message a line, fields ended by SOH.
std::string quickfix_log(int orders);
