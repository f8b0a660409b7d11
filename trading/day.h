// The business day's turn and the checks that need all plans: each as small commands of
// the worker, so that long work does not hold up messages. Worker's thread only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "trading/platform.h"
#include "trading/turn.h"
#include "trading/wall_memory.h"

namespace systask::trading {

class Changes;
class Intake;
class Recovery;
struct MessageRow;

class Day {
 public:
  Day(const Stores& stores, Intake& intake, Changes& changes, Recovery& recovery,
      const MarketHours& hours, std::function<MonotonicPoint()> monotonic)
      : stores_(stores),
        intake_(intake),
        changes_(changes),
        recovery_(recovery),
        hours_(hours),
        monotonic_(std::move(monotonic)) {}

  // The date that is open, or about to be: what is dated before it is of an earlier day.
  [[nodiscard]] BusinessDate coming(const Turn& turn) const;

  // Opens the first business date of a new database.
  void open_first(Turn& turn);

  // One step of each; `rows` 0 when nothing is left to do.
  WorkReport apply_stale_cache(Turn& turn, std::size_t limit);
  WorkReport archive(Turn& turn, std::size_t limit);
  std::size_t prune_cache_archive(Turn& turn, int keep_days);

  WorkReport roll(Turn& turn);
  WorkReport reopen(Turn& turn);
  // By a wall clock that was not set ahead within the last minute; what a person asks for goes
  // by the wall clock as it is.
  WorkReport expire(Turn& turn, bool by_hand);
  // The book is as the database again, behind the last step of archive().
  void archived() { archiving_ = false; }
  // Orders against fills, against what the order system said, and against plan totals, archived
  // ones of plans that go on included; each difference is logged and counted.
  WorkReport reconcile(Turn& turn);

 private:
  void replay_stale(Turn& turn, PlanId plan, const MessageRow& row);
  TimePoint expiry(const Plan& plan, const std::map<Market, std::string>& sessions) const;

  const Stores& stores_;
  Intake& intake_;
  Changes& changes_;
  Recovery& recovery_;
  const MarketHours& hours_;
  const std::function<MonotonicPoint()> monotonic_;
  WallMemory wall_;
  bool archiving_ = false;  // the book has what the database has no more
};

}  // namespace systask::trading
