// Which tables are the platform's: by their names, so that those of later versions are, too. A task
// may not make one of such a name. Pure.
#pragma once

#include <string>
#include <string_view>

namespace systask::db {

// Of what is in the database, in any case: begins with algojr_, tstp_ or systask_.
[[nodiscard]] bool is_platforms(std::string_view name);
[[nodiscard]] std::string in_small_letters(std::string_view name);

}  // namespace systask::db
