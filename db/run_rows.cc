#include "db/run_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <stdexcept>

namespace systask::db {
namespace {

constexpr std::array<std::string_view, 15> kRunColumns{
    "nominal_us",    "task_id",       "run_key",        "run_id",          "run_trigger",
    "run_state",     "business_date", "attempt",        "last_nominal_us", "missed_count",
    "claimed_at_us", "started_at_us", "finished_at_us", "detail",          "actor"};
constexpr std::string_view kInsertRun =
    "insert into tstp_systemtask_run ({}) values {} "
    "on conflict (nominal_us, task_id, run_key) do {}";

// An outcome is final: only what is open changes.
constexpr std::string_view kUpdateRun =
    "update tstp_systemtask_run set run_state = :state, business_date = :date, "
    "attempt = :attempt, last_nominal_us = :last, missed_count = :count, started_at_us = :started, "
    "finished_at_us = :finished, detail = :detail, actor = :actor "
    "where nominal_us = :nominal and task_id = :task and run_key = :key "
    "and (run_state = 'claimed' or run_state = 'waiting')";

std::runtime_error unknown(std::string_view what, std::string_view name) {
  return std::runtime_error(
      fmt::format("tstp_systemtask_run holds a run with {} '{}', which this version does not know: "
                  "run the version that wrote it, or a later one",
                  what, name));
}

}  // namespace

std::string run_columns(std::string_view table) {
  std::string columns;
  for (const std::string_view column : kRunColumns)
    columns += fmt::format("{}{}{}", columns.empty() ? "" : ", ", table, column);
  return columns;
}

scheduler::Trigger details::known_trigger(const std::string& name) {
  const auto known = scheduler::trigger_of(name);
  if (!known) throw unknown("trigger", name);
  return *known;
}

scheduler::RunState details::known_state(const std::string& name) {
  const auto known = scheduler::run_state_of(name);
  if (!known) throw unknown("state", name);
  return *known;
}

RunInsert::RunInsert(soci::session& sql, std::string_view on_conflict)
    : command_(sql, fmt::format(kInsertRun, run_columns(), parameters_of(1, kRunColumns.size()),
                                on_conflict)) {}

bool RunInsert::run(const scheduler::RunRow& row) {
  return command_.run(row.key.nominal, row.key.task, row.key.key, row.id, name_of(row.trigger),
                      name_of(row.state), row.business_date, row.attempt, row.last_nominal,
                      row.count, row.claimed_at, row.started_at, row.finished_at, row.detail,
                      row.actor) > 0;
}

RunInserts::RunInserts(soci::session& sql)
    : cursor_(sql,
              fmt::format(kInsertRun, run_columns(), parameters_of(kAtOnce, kRunColumns.size()),
                          "nothing"),
              kAtOnce * kRunColumns.size(), 0) {}

bool RunInserts::run(Rows rows) {
  Run run{cursor_};
  int place = 0;
  for (const scheduler::RunRow* const row : rows)
    place = bind_from(cursor_, place, row->key.nominal, row->key.task, row->key.key, row->id,
                      name_of(row->trigger), name_of(row->state), row->business_date, row->attempt,
                      row->last_nominal, row->count, row->claimed_at, row->started_at,
                      row->finished_at, row->detail, row->actor);
  return run.finish() == static_cast<std::int64_t>(kAtOnce);
}

RunUpdate::RunUpdate(soci::session& sql) : command_(sql, kUpdateRun) {}

bool RunUpdate::run(const scheduler::RunRow& row) {
  return command_.run(name_of(row.state), row.business_date, row.attempt, row.last_nominal,
                      row.count, row.started_at, row.finished_at, row.detail, row.actor,
                      row.key.nominal, row.key.task, row.key.key) > 0;
}

}  // namespace systask::db
