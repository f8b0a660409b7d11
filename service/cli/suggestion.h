// What was probably meant by a command, a noun's verb or an option that is none.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace systask::service {

// Looks at the words before the first option. A sentence where one of them is no command and no
// verb of its noun; nothing where they are right, or where the parser has to say what is wrong.
[[nodiscard]] std::optional<std::string> unknown_word(const CLI::App& app, int argc,
                                                      const char* const* argv);

// The same of options, after the line was refused for words that the command does not know.
[[nodiscard]] std::optional<std::string> unknown_option(const CLI::App& app);

}  // namespace systask::service
