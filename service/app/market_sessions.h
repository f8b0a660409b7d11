// Calendars that say `sessions: from-database` get the trading sessions of their markets, as
// they stand in algojr_texectimeinfo, and a new edition whenever the table changes. Any thread,
// one at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "calendar/day_hours.h"
#include "service/config/calendars.h"
#include "trading/types.h"

namespace systask::service {

using SessionTexts = std::map<trading::Market, std::string>;

// The hours in which any of the markets is open. NO_CALENDAR_DATA: a market has no row in
// algojr_texectimeinfo, or one that is not readable.
[[nodiscard]] Result<std::vector<HoursPart>> hours_of_markets(const SessionTexts& texts,
                                                              const std::vector<int>& markets);

// Whether any calendar takes its sessions from the database.
[[nodiscard]] bool takes_market_sessions(const Calendars& calendars);

// Gives each such calendar an edition with the sessions as they are now, where they differ
// from those it has; true where any did. Unreadable ones are logged once, and then refused.
bool refresh_market_sessions(const SessionTexts& texts, const Calendars& calendars);

}  // namespace systask::service
