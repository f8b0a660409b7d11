#include "trading/accepted_dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "calendar/market_hours.h"
#include "trading/book.h"
#include "trading/ports/day_store.h"
#include "trading/stores.h"

namespace systask::trading {

std::optional<std::string> AcceptedDates::too_soon(const Turn& turn, Market market,
                                                   BusinessDate date) {
  const BusinessDate open = turn.book.open_date();
  if (date <= open) return std::nullopt;
  const Found& found = look(turn, open);
  const BusinessDate night = found.night_of(market);
  if (date == found.coming || date == night) return std::nullopt;
  return fmt::format("it is of business date {}, and {} is open{}", date.value(), open.value(),
                     night == BusinessDate{}
                         ? ", without a night session that is of the next"
                         : fmt::format(", with a night session that is of {}", night.value()));
}

const AcceptedDates::Found& AcceptedDates::look(const Turn& turn, BusinessDate open) {
  const bool fresh = found_ && found_->open == open && turn.now >= found_->at &&
                     turn.now - found_->at < std::chrono::seconds{1};
  if (fresh) return *found_;
  const auto texts = stores_.day.session_texts();
  Found found{open, turn.now, hours_.coming(turn.now, texts), {}};
  for (const auto& [market, text] : texts)
    if (const auto night = hours_.night_after(open, market, text))
      found.nights.emplace(market, *night);
  return found_.emplace(std::move(found));
}

BusinessDate AcceptedDates::Found::night_of(Market market) const {
  BusinessDate latest;
  for (const auto& [of, night] : nights)
    if (market == Market{} || market == of) latest = std::max(latest, night);
  return latest;
}

}  // namespace systask::trading
