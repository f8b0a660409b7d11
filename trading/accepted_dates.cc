#include "trading/accepted_dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "trading/book.h"
#include "trading/market_hours.h"
#include "trading/ports/day_store.h"
#include "trading/stores.h"

namespace systask::trading {

std::optional<std::string> AcceptedDates::too_soon(const Turn& turn, Market market,
                                                   BusinessDate date) {
  const BusinessDate open = turn.book.open_date();
  if (date <= open) return std::nullopt;
  const bool fresh = found_ && found_->open == open && found_->market == market &&
                     turn.now >= found_->at && turn.now - found_->at < std::chrono::seconds{1};
  if (!fresh)
    found_ = Found{open, market, turn.now, hours_.coming(turn.now, stores_.day.session_texts()),
                   night_of(turn, market)};
  if (date == found_->coming || date == found_->night) return std::nullopt;
  return fmt::format(
      "it is of business date {}, and {} is open{}", date.value(), open.value(),
      found_->night == BusinessDate{}
          ? ", without a night session that is of the next"
          : fmt::format(", with a night session that is of {}", found_->night.value()));
}

BusinessDate AcceptedDates::night_of(const Turn& turn, Market market) const {
  const auto texts = stores_.day.session_texts();
  BusinessDate night;
  for (const auto& [of, text] : texts)
    if (market == Market{} || market == of)
      if (const auto next = hours_.night_after(turn.book.open_date(), of, text))
        night = std::max(night, *next);
  return night;
}

}  // namespace systask::trading
