// The trail of a plan: what happened to it, by whom and on which site, from its creation on.
#pragma once

#include "db/table.h"

namespace systask::service {

// Merges, in the order of time, what db::Queries gives of one plan: its row (none where it is
// archived), the attempts to recover it and the audit log's entries about it, both newest first.
// Columns: at, what, site, who, detail. The last row says what it is now.
[[nodiscard]] db::Table trail_of(const db::Table& plan, const db::Table& attempts,
                                 const db::Table& changes);

}  // namespace systask::service
