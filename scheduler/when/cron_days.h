// Which days of a month fit a cron expression. A month is known by its length and by the
// weekday of its 1st, so that 28 masks answer for all months there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "scheduler/when/cron_fields.h"

namespace systask::scheduler {

class CronDays {
 public:
  explicit CronDays(const CronFields& fields);

  // Bits 1..31. `length` is 28..31, `first_weekday` 0..6, 0 = Sunday.
  [[nodiscard]] std::uint32_t of(unsigned length, unsigned first_weekday) const {
    return masks_[length - kShortest][first_weekday];
  }

 private:
  static constexpr unsigned kShortest = 28;
  std::array<std::array<std::uint32_t, 7>, 4> masks_{};
};

}  // namespace systask::scheduler
