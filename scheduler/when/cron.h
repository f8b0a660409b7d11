// Cron answers when a cron expression fires next on the clock of a zone, jumping field
// by field over bit masks; clock changes follow its DstPolicy.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/zone.h"
#include "scheduler/when/cron_fields.h"
#include "scheduler/when/dst.h"
#include "scheduler/when/zone_table.h"

namespace systask::scheduler {

class Cron {
 public:
  // BAD_CRON, or NEVER_FIRES where no date from 1970 to 2199 fits ("0 0 0 30 2 ?").
  static Result<Cron> parse(std::string_view text, const Zone& zone, DstPolicy dst = {});

  // The first occurrence strictly after `after`, or TimePoint::max() after the last.
  [[nodiscard]] TimePoint next(TimePoint after) const;

  // The first civil second, at or after the given one, that fits the expression.
  [[nodiscard]] std::optional<std::chrono::local_seconds> match_from(
      std::chrono::local_seconds from) const;
  [[nodiscard]] const CronFields& fields() const { return fields_; }

 private:
  Cron(const CronFields& fields, const ZoneTable& zone, DstPolicy dst);
  [[nodiscard]] std::uint32_t days_of(std::chrono::year_month month) const;
  [[nodiscard]] std::optional<std::chrono::seconds> time_from(std::chrono::seconds from) const;

  CronFields fields_;
  std::array<std::uint32_t, 7> weekday_days_{};  // [weekday of the 1st]: days that fit
  std::chrono::seconds first_time_{};            // the earliest time of day that fits
  const ZoneTable* zone_;
  DstPolicy dst_;
};

}  // namespace systask::scheduler
