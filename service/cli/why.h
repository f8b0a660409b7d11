// `systask why TASK --at TIME --standalone`: out of the database and the configuration alone,
// without a service. Nothing is run, and nothing is changed.
#pragma once

#include <iosfwd>

#include "base/clock.h"
#include "service/cli/commands.h"

namespace systask::service {

// 0 answered, 1 refused, 2 mistakes in the configuration; the reason goes to `err`.
int answer_why(const StandaloneWhy& question, const Clock& clock, std::ostream& out,
               std::ostream& err);

// The same for the command line, on the machine's clock.
int why_standalone(const StandaloneWhy& question);

}  // namespace systask::service
