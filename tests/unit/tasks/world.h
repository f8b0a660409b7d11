// What the tests of tasks run on: every part is a fake that answers what a test puts in.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tasks/tasks.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_holds.h"
#include "tests/support/memory_ledger.h"
#include "tests/support/memory_stores.h"

namespace systask::tasks {

class FakeUpkeep final : public trading::Upkeep {
 public:
  Checkpoint checkpoint() override { return {120, 118}; }
  Backup backup(const std::string& directory, int keep, TimePoint at) override {
    return {directory + "/" + to_rfc3339(at), 4096, 10 - keep};
  }
  Space space() override { return space_now; }
  Verified verify(bool thorough, int, const std::stop_token& stop) override {
    Verified found{problems, stop.stop_requested()};
    if (thorough) found.problems.emplace_back("row 1 missing from index a");
    return found;
  }
  std::size_t prune_audit(TimePoint before, std::size_t limit) override {
    pruned_before = before;
    return take(audit_entries, limit);
  }
  std::size_t prune_recoveries(TimePoint before, std::size_t limit) override {
    return before == pruned_before ? take(recoveries, limit) : 0;
  }

  std::vector<std::string> problems;
  std::size_t audit_entries = 0;
  std::size_t recoveries = 0;
  TimePoint pruned_before{};

  Space space_now{.database_bytes = 64LL << 20,
                  .log_bytes = 8LL << 20,
                  .free_bytes = 500LL << 30,
                  .total_bytes = 1000LL << 30};

 private:
  static std::size_t take(std::size_t& rows, std::size_t limit) {
    const std::size_t some = std::min(rows, limit);
    rows -= some;
    return some;
  }
};

struct World {
  World() { register_tasks(registry, parts); }

  // What the task says.
  std::string run(const std::string& name, scheduler::Parameters given = {}) {
    scheduler::TaskSpec spec;
    spec.name = name;
    const scheduler::Body* const body = registry.find(name);
    if (body == nullptr) throw std::logic_error("no such task: " + name);
    return (*body)({.id = scheduler::RunId{1},
                    .task = spec,
                    .nominal = clock.now(),
                    .trigger = trigger,
                    .parameters = given,
                    .stop = stop.get_token()});
  }
  // Why it failed; nothing where it did not.
  std::optional<std::string> failure(const std::string& name, scheduler::Parameters given) {
    try {
      run(name, std::move(given));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return std::nullopt;
  }

  ManualClock clock{from_rfc3339("2026-05-22T08:00:00+08:00").value()};
  support::MemoryStores stores;
  scheduler::MemoryLedger ledger;
  scheduler::MemoryAttempts attempts;
  scheduler::MemoryOutputs outputs;
  FakeUpkeep upkeep;
  std::stop_source stop;
  trading::RecoveryReport recovery;
  std::int64_t differences = 0;
  trading::OrdersOutView orders_out;
  std::vector<trading::DisputedName> disputed_names;
  int keep_days = 0;
  bool expired_by_hand = false;
  scheduler::Trigger trigger = scheduler::Trigger::kSchedule;
  Micros silent{0};
  std::vector<RunningRun> running;
  std::vector<scheduler::Lanes::Depth> lane_depths;
  std::vector<scheduler::LaneWait> lane_waits;  // those that are long enough are told
  std::string metrics = "systask_up 1\nsystask_plans 3\n";
  TaskParts parts{.platform = {.recover_plans = [this] { return recovery; },
                               .expire_sites =
                                   [] {
                                     return trading::WorkReport{1, "1 site expired"};
                                   },
                               .retry_outbox =
                                   [] {
                                     return trading::WorkReport{2, "2 publications"};
                                   },
                               .apply_parked =
                                   [] {
                                     return trading::WorkReport{3, "3 parked"};
                                   },
                               .archive_day =
                                   [] {
                                     return trading::WorkReport{4, "4 archived"};
                                   },
                               .clear_message_cache =
                                   [this](int days) {
                                     keep_days = days;
                                     return trading::WorkReport{5, "5 cleared"};
                                   },
                               .roll_business_date =
                                   [] {
                                     return trading::WorkReport{1, "date rolled"};
                                   },
                               .reopen_day_expired_plans =
                                   [] {
                                     return trading::WorkReport{6, "6 reopened"};
                                   },
                               .expire_plans =
                                   [this](bool by_hand) {
                                     expired_by_hand = by_hand;
                                     return trading::WorkReport{7, "7 expired"};
                                   },
                               .reconcile_totals =
                                   [this] {
                                     return trading::WorkReport{differences, "compared"};
                                   },
                               .orders_out = [this] { return orders_out; },
                               .disputed_names = [this] { return disputed_names; }},
                  .upkeep = upkeep,
                  .cache = stores.stores().cache,
                  .messages = stores.stores().messages,
                  .ledger = ledger,
                  .attempts = attempts,
                  .outputs = outputs,
                  .clock = clock,
                  .drop_silent_sessions =
                      [this](Micros for_so_long) {
                        silent = for_so_long;
                        return std::size_t{2};
                      },
                  .metrics_text = [this] { return metrics; },
                  .running = [this] { return running; },
                  .lane_depths = [this] { return lane_depths; },
                  .lane_waits =
                      [this](Micros least) {
                        std::vector<scheduler::LaneWait> found = lane_waits;
                        std::erase_if(found, [&](const auto& one) { return one.longest < least; });
                        return found;
                      }};
  scheduler::Registry registry;
};

}  // namespace systask::tasks
