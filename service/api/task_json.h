// Tasks, runs, lanes, holds and what concerns them, as the JSON of docs/protocol.md. Times are
// RFC 3339 in the zone given. Pure functions; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/zone.h"
#include "scheduler/engine/status.h"
#include "scheduler/lanes/lanes.h"
#include "scheduler/ports/alarm_sink.h"

namespace systask::service {

// Null where there is none.
[[nodiscard]] boost::json::value time_json(const Zone& zone, const std::optional<TimePoint>& at);
// "disabled", "running", "paused", "held" (by its group, its lane or a window), "waits" (a step,
// for what it comes after), "skipped" (a step, for today) or "idle".
[[nodiscard]] std::string_view state_of(const scheduler::TaskStatus& task, TimePoint now);
// How a step stands today: {"state", "says", "to_do"}; null of what is no step.
[[nodiscard]] boost::json::value step_json(const std::optional<scheduler::StepState>& today);
[[nodiscard]] boost::json::object task_json(const scheduler::TaskStatus& task, const Zone& zone,
                                            TimePoint now);
// A run as the ledger has it. One without an outcome "runs" or "waits": `open` says what the
// engine knows of it, and without that it waits for the next start of the service.
[[nodiscard]] boost::json::object run_json(const scheduler::RunRow& run, std::string_view task,
                                           const Zone& zone,
                                           const scheduler::OpenRun* open = nullptr);
// "for lane 2, which is paused by bob (disk)", "since 2026-05-22T09:30:00+08:00".
[[nodiscard]] std::string open_text(const scheduler::OpenRun& open, const Zone& zone);
[[nodiscard]] boost::json::array attempts_json(const std::vector<scheduler::RunAttempt>& attempts,
                                               const Zone& zone);
// "task", "group" or "lane".
[[nodiscard]] std::string_view kind_of(const scheduler::Target& target);
[[nodiscard]] boost::json::object hold_json(const scheduler::Hold& hold, const Zone& zone);
// "paused", "held" (a window), "full" (all its threads work), "running" or "idle".
[[nodiscard]] std::string_view lane_state(const scheduler::Lanes::Depth& lane, bool held);
[[nodiscard]] boost::json::object lane_json(const scheduler::Lanes::Depth& lane);
[[nodiscard]] boost::json::object backfill_json(const scheduler::BackfillStatus& status,
                                                const Zone& zone);
// A row for each of its dates: the outcome, and the first run that did not succeed.
[[nodiscard]] boost::json::array backfill_dates_json(const scheduler::BackfillStatus& status);
[[nodiscard]] boost::json::object alarm_json(const scheduler::Alarm& alarm, const Zone& zone);

// What a hold on it changes: {"paused": null or why, "windows": [...]}, of those of `holds` that
// are on exactly this target.
[[nodiscard]] boost::json::object holds_on(const scheduler::Target& target,
                                           const std::vector<scheduler::Hold>& holds,
                                           const Zone& zone);

}  // namespace systask::service
