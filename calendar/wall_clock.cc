#include "calendar/wall_clock.h"

#include <fmt/format.h>

namespace systask {

int yyyymmdd(Date date) {
  const std::chrono::year_month_day day{date};
  return static_cast<int>(day.year()) * 10'000 +
         static_cast<int>(static_cast<unsigned>(day.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(day.day()));
}

std::optional<Date> from_yyyymmdd(int number) {
  const std::chrono::year_month_day day = std::chrono::year{number / 10'000} /
                                          static_cast<unsigned>(number / 100 % 100) /
                                          static_cast<unsigned>(number % 100);
  if (number <= 0 || !day.ok()) return std::nullopt;
  return Date{day};
}

std::string iso_date(Date date) {
  const int number = yyyymmdd(date);
  return fmt::format("{:04}-{:02}-{:02}", number / 10'000, number / 100 % 100, number % 100);
}

}  // namespace systask
