// Reads cron expressions. Six and seven fields are Quartz (second minute hour day month
// weekday [year], 1 = Sunday); five are Unix cron (minute hour day month weekday, 0 and 7
// = Sunday). Both know names, lists, steps, wrapping ranges (22-2, FRI-MON, 20-5/5), H
// (spread by a hash) and the days ? L W LW L-n LW-n L-nW nL n#m. @daily and its like are
// Unix.
#pragma once

#include <string_view>

#include "base/result.h"
#include "scheduler/when/cron_fields.h"

namespace systask::scheduler {

// `seed`, the name of the task, is what H is spread by. BAD_CRON names the field, the
// offending text and what is allowed there. Whether the expression ever fires is for
// Cron::parse to say.
[[nodiscard]] Result<CronFields> parse_cron(std::string_view text, std::string_view seed = {});

// Seven fields, of which the last is no star: the expression has a last occurrence.
[[nodiscard]] bool names_years(std::string_view text);

}  // namespace systask::scheduler
