// Cron answers when a cron expression fires next, or fired last, on the clock of a zone,
// jumping field by field over bit masks; clock changes follow its DstPolicy.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/zone.h"
#include "calendar/zone_table.h"
#include "scheduler/when/cron_days.h"
#include "scheduler/when/cron_fields.h"
#include "scheduler/when/dst.h"

namespace systask::scheduler {

class Cron {
 public:
  // BAD_CRON, or NEVER_FIRES where no date from 1970 to 2199 fits ("0 0 0 30 2 ?"). `seed`,
  // the name of the task, is what H is spread by.
  static Result<Cron> parse(std::string_view text, const Zone& zone, DstPolicy dst = {},
                            std::string_view seed = {});

  // The first occurrence strictly after `after`, or TimePoint::max() after the last.
  [[nodiscard]] TimePoint next(TimePoint after) const;
  // The last occurrence strictly before `before`, or TimePoint::min() before the first.
  [[nodiscard]] TimePoint previous(TimePoint before) const;

  // The civil second nearest to the given one that fits the expression: at or after it, at
  // or before it.
  [[nodiscard]] std::optional<std::chrono::local_seconds> match_from(
      std::chrono::local_seconds from) const;
  [[nodiscard]] std::optional<std::chrono::local_seconds> match_until(
      std::chrono::local_seconds until) const;
  // A `*`, range or step in seconds, minutes or hours: what DstOverlap::kAuto looks at.
  [[nodiscard]] bool interval() const { return interval_; }
  // It fires in both halves of an hour that exists twice: it is a rhythm, and names no times.
  [[nodiscard]] bool repeats() const;

 private:
  Cron(const CronFields& fields, const ZoneTable& zone, DstPolicy dst);
  [[nodiscard]] std::uint32_t days_of(std::chrono::year_month month) const;
  // The time of day nearest to the given one that fits, in seconds since midnight, or -1.
  [[nodiscard]] int time_from(int from) const;
  [[nodiscard]] int time_until(int until) const;

  std::uint64_t seconds_;
  std::uint64_t minutes_;
  std::uint32_t hours_;
  std::uint16_t months_;
  bool interval_;
  DstPolicy dst_;
  int first_time_ = 0;  // the earliest and the latest time of day that fit
  int last_time_ = 0;
  CronDays days_;
  std::bitset<kLastYear - kFirstYear + 1> years_;
  const ZoneTable* zone_;
};

}  // namespace systask::scheduler
