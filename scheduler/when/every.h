// Every fires at a fixed rate, however long the runs take, also after a restart.
//
// A period that divides a day, or is whole days, lies on the wall of a zone: `every: 1h` on each
// full hour there, `every: 24h` at its midnight, `every: 2d` at each second midnight from Thursday
// 1970-01-01 on. Any other period counts real time from 1970-01-01T00:00:00Z. With `from` both
// count from that moment, which is their first occurrence.
//
// A clock change by a whole number of periods does not interrupt the rhythm. After any other one,
// a time that the clocks skip fires once, at the change, and a time that comes twice fires the
// first time. Other values of the DstPolicy decide for themselves. Plain values, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"
#include "calendar/zone_table.h"
#include "scheduler/when/dst.h"

namespace systask::scheduler {

class Every {
 public:
  // `period`: "250ms", "1s", "5m", "1h", "2w", from 1 ms to 366 days, or BAD_DURATION. `from`: a
  // date, a civil time of the zone or RFC 3339 with an offset, or BAD_TIMESTAMP; empty: none.
  static Result<Every> parse(std::string_view period, const Zone& zone = Zone::utc(),
                             DstPolicy dst = {}, std::string_view from = {});
  // On the wall of UTC.
  explicit Every(Micros period);

  // Strictly after, or TimePoint::max(); strictly before, or TimePoint::min().
  [[nodiscard]] TimePoint next(TimePoint after) const;
  [[nodiscard]] TimePoint previous(TimePoint before) const;
  // How many lie in (after, until]; counted, not walked.
  [[nodiscard]] std::int64_t count(TimePoint after, TimePoint until) const;

  [[nodiscard]] Micros period() const { return period_; }
  // The wall of its zone says when; false: real time does.
  [[nodiscard]] bool on_the_wall() const { return lies_on_the_wall(period_); }
  [[nodiscard]] static bool lies_on_the_wall(Micros period);

 private:
  // Instants in [begin, end) whose civil time at that offset fits the rhythm.
  struct Stretch {
    TimePoint begin;
    TimePoint end;
    Micros offset;
  };
  using Stretches = std::array<Stretch, 2>;  // they overlap, but share no occurrence

  Every(Micros period, const ZoneTable& zone, DstPolicy dst);
  // What fires in one span of the zone: its own civil times, and those that the clocks skipped
  // at its beginning.
  [[nodiscard]] Stretches stretches(std::size_t span) const;
  [[nodiscard]] Stretch skipped(TimePoint change, Micros before, Micros after) const;
  [[nodiscard]] std::size_t span_at(TimePoint at) const;
  [[nodiscard]] Micros beyond(TimePoint at, Micros offset) const;  // since the last that fits
  [[nodiscard]] TimePoint first_in(const Stretch& stretch, TimePoint from) const;
  [[nodiscard]] TimePoint last_in(const Stretch& stretch, TimePoint until) const;

  Micros period_;
  const ZoneTable* zone_;
  Micros phase_{0};  // of the civil times that fit, modulo the period
  TimePoint first_ = TimePoint::min();
  DstPolicy dst_;
};

}  // namespace systask::scheduler
