// MarketCalendars answers trading's questions about dates from the calendars that the
// configuration gives to markets. Any thread; take() gives it another configuration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "service/config/config.h"
#include "trading/ports/business_days.h"

namespace systask::service {

class MarketCalendars final : public trading::BusinessDays {
 public:
  MarketCalendars(const ServiceConfig& service, const Calendars& calendars) {
    take(service, calendars);
  }

  void take(const ServiceConfig& service, const Calendars& calendars);

  [[nodiscard]] std::vector<trading::Market> markets() const override;
  [[nodiscard]] Day day(trading::Market market, trading::BusinessDate date) const override;
  [[nodiscard]] std::optional<TimePoint> unusual_close(trading::Market market,
                                                       trading::BusinessDate date) const override;
  [[nodiscard]] std::string calendar(trading::Market market) const override;

 private:
  struct Table {
    std::vector<trading::Market> markets;
    std::map<trading::Market, std::shared_ptr<LiveCalendar>> calendars;
  };
  // Null where the market has none.
  [[nodiscard]] std::shared_ptr<const Calendar> edition(trading::Market market) const;

  Guarded<Table> table_;
};

}  // namespace systask::service
