// The BackfillStore keeps the latest backfills over a restart: what was asked for, and what came
// of each date. (Their runs are in the RunLedger.)
//
// Calls may come from any thread; durable when they return, and one that throws has changed
// nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/hold.h"
#include "scheduler/run.h"

namespace systask::scheduler {

using BackfillId = Named<std::int64_t, struct BackfillIdTag>;

// One business date of a backfill.
struct BackfillDate {
  // The first of its runs that did not succeed.
  struct Failure {
    RunId run;
    std::string task;
    RunState state = RunState::kFailed;
    std::string detail;

    friend bool operator==(const Failure&, const Failure&) = default;
  };
  int business_date = 0;
  std::size_t steps = 0;      // tasks to run
  std::size_t ended = 0;      // with an outcome
  std::size_t succeeded = 0;  // of those
  std::optional<Failure> failure;

  friend bool operator==(const BackfillDate&, const BackfillDate&) = default;
};

struct KeptBackfill {
  BackfillId id;
  Target target;
  int concurrency = 1;
  std::string actor;
  std::string reason;
  TimePoint begun_at{};
  std::optional<TimePoint> ended_at;  // nothing: under way, or its service ended before it
  std::string cancelled_by;           // empty: nobody
  std::vector<BackfillDate> dates;    // in order

  friend bool operator==(const KeptBackfill&, const KeptBackfill&) = default;
};

class BackfillStore {
 public:
  virtual ~BackfillStore() = default;

  // In order of id.
  virtual std::vector<KeptBackfill> load() = 0;
  // A new one, with all its dates.
  virtual void add(const KeptBackfill& backfill) = 0;
  // What came of dates of a known one.
  virtual void update(BackfillId id, std::span<const BackfillDate> dates) = 0;
  virtual void end(BackfillId id, TimePoint at, const std::string& cancelled_by) = 0;
  // Drops those with lower ids.
  virtual void forget(BackfillId before) = 0;
};

}  // namespace systask::scheduler
