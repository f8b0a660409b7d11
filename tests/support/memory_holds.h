// The in-memory twins of small ports of the scheduler: attempts and outputs of runs, holds, sizes
// of lanes, skipped steps and backfills.
// They pass the suites that the SQL ones pass. Any thread.
#pragma once

#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "scheduler/ports/backfill_store.h"
#include "scheduler/ports/hold_store.h"
#include "scheduler/ports/lane_sizes.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/run_outputs.h"
#include "scheduler/ports/step_skips.h"

namespace systask::scheduler {

class MemoryAttempts final : public RunAttempts {
 public:
  void add(std::span<const RunAttempt> attempts) override {
    rows_.with([&](Rows& rows) {
      for (const RunAttempt& attempt : attempts)
        rows.emplace(std::pair{attempt.run, attempt.attempt}, attempt);
    });
  }
  std::vector<RunAttempt> of(RunId run) override {
    return rows_.with([&](const Rows& rows) {
      std::vector<RunAttempt> found;
      for (auto at = rows.lower_bound({run, 0}); at != rows.end() && at->first.first == run; ++at)
        found.push_back(at->second);
      return found;
    });
  }
  std::size_t prune(RunId before, std::size_t limit) override {
    return rows_.with([&](Rows& rows) {
      std::size_t pruned = 0;
      while (pruned < limit && !rows.empty() && rows.begin()->first.first < before) {
        rows.erase(rows.begin());
        ++pruned;
      }
      return pruned;
    });
  }

 private:
  using Rows = std::map<std::pair<RunId, int>, RunAttempt>;
  Guarded<Rows> rows_;
};

class MemoryOutputs final : public RunOutputs {
 public:
  void add(std::span<const RunOutput> outputs) override {
    rows_.with([&](Rows& rows) {
      if (down) throw std::runtime_error("the database is gone");
      for (const RunOutput& output : outputs)
        rows.insert_or_assign(std::pair{output.run, output.attempt}, output);
    });
  }
  std::vector<RunOutput> of(RunId run) override {
    return rows_.with([&](const Rows& rows) {
      std::vector<RunOutput> found;
      for (auto at = rows.lower_bound({run, 0}); at != rows.end() && at->first.first == run; ++at)
        found.push_back(at->second);
      return found;
    });
  }
  std::size_t prune(RunId before, std::size_t limit) override {
    return rows_.with([&](Rows& rows) {
      std::size_t pruned = 0;
      while (pruned < limit && !rows.empty() && rows.begin()->first.first < before) {
        rows.erase(rows.begin());
        ++pruned;
      }
      return pruned;
    });
  }
  RunId first_within(std::uint64_t bytes) override {
    return rows_.with([&](const Rows& rows) {
      std::uint64_t sum = 0;
      for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        if ((sum += row->second.printed.text.size()) > bytes) return next_of(row->first.first);
      return RunId{0};
    });
  }

  bool down = false;  // add() throws

 private:
  using Rows = std::map<std::pair<RunId, int>, RunOutput>;
  Guarded<Rows> rows_;
};

class MemoryHolds final : public HoldStore {
 public:
  std::vector<Hold> load() override {
    return rows_.with([](const Rows& rows) {
      std::vector<Hold> all;
      for (const auto& [id, hold] : rows)
        all.push_back(hold);
      return all;
    });
  }
  void add(const Hold& hold) override {
    rows_.with([&](Rows& rows) {
      if (!rows.emplace(hold.id, hold).second)
        throw std::runtime_error("a hold of that id is there already");
    });
  }
  void remove(HoldId hold) override {
    rows_.with([&](Rows& rows) { rows.erase(hold); });
  }

 private:
  using Rows = std::map<HoldId, Hold>;
  Guarded<Rows> rows_;
};

class MemoryLaneSizes final : public LaneSizes {
 public:
  std::vector<LaneSize> load() override {
    return rows_.with([](const Rows& rows) {
      std::vector<LaneSize> all;
      for (const auto& [priority, size] : rows)
        all.push_back(size);
      return all;
    });
  }
  void keep(const LaneSize& size) override {
    rows_.with([&](Rows& rows) { rows.insert_or_assign(size.priority, size); });
  }
  void forget(int priority) override {
    rows_.with([&](Rows& rows) { rows.erase(priority); });
  }

 private:
  using Rows = std::map<int, LaneSize>;
  Guarded<Rows> rows_;
};

class MemoryStepSkips final : public StepSkips {
 public:
  std::vector<StepSkip> load() override {
    return rows_.with([](const Rows& rows) {
      std::vector<StepSkip> all;
      for (const auto& [key, skip] : rows)
        all.push_back(skip);
      return all;
    });
  }
  void add(const StepSkip& skip) override {
    if (down) throw std::runtime_error("the database is gone");
    rows_.with([&](Rows& rows) {
      rows.insert_or_assign(std::pair{skip.task, skip.business_date}, skip);
    });
  }
  void forget(int before_date) override {
    rows_.with([&](Rows& rows) {
      std::erase_if(rows, [&](const auto& row) { return row.first.second < before_date; });
    });
  }

  bool down = false;  // nothing can be added

 private:
  using Rows = std::map<std::pair<TaskId, int>, StepSkip>;
  Guarded<Rows> rows_;
};

class MemoryBackfills final : public BackfillStore {
 public:
  std::vector<KeptBackfill> load() override {
    return rows_.with([](const Rows& rows) {
      std::vector<KeptBackfill> all;
      for (const auto& [id, backfill] : rows)
        all.push_back(backfill);
      return all;
    });
  }
  void add(const KeptBackfill& backfill) override {
    rows_.with([&](Rows& rows) {
      if (!rows.emplace(backfill.id, backfill).second)
        throw std::runtime_error("a backfill of that id is there already");
    });
  }
  void update(BackfillId id, std::span<const BackfillDate> dates) override {
    rows_.with([&](Rows& rows) {
      for (BackfillDate& known : rows.at(id).dates)
        for (const BackfillDate& date : dates)
          if (known.business_date == date.business_date) known = date;
    });
  }
  void end(BackfillId id, TimePoint at, const std::string& cancelled_by) override {
    rows_.with([&](Rows& rows) {
      rows.at(id).ended_at = at;
      rows.at(id).cancelled_by = cancelled_by;
    });
  }
  void forget(BackfillId before) override {
    rows_.with([&](Rows& rows) { rows.erase(rows.begin(), rows.lower_bound(before)); });
  }

 private:
  using Rows = std::map<BackfillId, KeptBackfill>;
  Guarded<Rows> rows_;
};

}  // namespace systask::scheduler
