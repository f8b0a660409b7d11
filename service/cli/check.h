// `systask check [FILE]`: every mistake of a configuration, or that it has none. A command
// runs while the app is parsed and puts its exit status into `status`, which must outlive
// the parsing: 0 right, 2 mistakes.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace systask::service {

void add_check(CLI::App& app, int& status);

// Mistakes and warnings go to `err`; the exit status.
int check(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace systask::service
