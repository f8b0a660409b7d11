#include "scheduler/calendar/wall_clock.h"

#include <fmt/format.h>

namespace systask::scheduler {

int number_of(Date date) {
  const std::chrono::year_month_day day{date};
  return static_cast<int>(day.year()) * 10'000 +
         static_cast<int>(static_cast<unsigned>(day.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(day.day()));
}

std::string text_of(Date date) {
  const int number = number_of(date);
  return fmt::format("{:04}-{:02}-{:02}", number / 10'000, number / 100 % 100, number % 100);
}

}  // namespace systask::scheduler
