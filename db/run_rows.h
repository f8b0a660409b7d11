// Rows of tstp_systemtask_run as statements give and take them. Only the ledger's own files
// include this; the statements belong to their connection, as in statement.h.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/statement.h"
#include "scheduler/run.h"

namespace systask::db {

// All columns of a row, each with `table` in front ("r.") where there is one.
[[nodiscard]] std::string run_columns(std::string_view table = "");

namespace details {

using RunTime = std::optional<TimePoint>;

// Throws where a row has a trigger or state that this version does not know.
scheduler::Trigger known_trigger(const std::string& name);
scheduler::RunState known_state(const std::string& name);

}  // namespace details

// A query whose columns are run_columns().
template <class... Given>
class RunRows {
 public:
  RunRows(soci::session& sql, const std::string& text) : query_(sql, text) {}

  std::vector<scheduler::RunRow> all(const Given&... given) {
    std::vector<scheduler::RunRow> rows;
    add_to(rows, given...);
    return rows;
  }
  std::optional<scheduler::RunRow> only(const Given&... given) {
    std::vector<scheduler::RunRow> rows = all(given...);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }
  void add_to(std::vector<scheduler::RunRow>& rows, const Given&... given) {
    query_.run(given...,
               [&](TimePoint nominal, scheduler::TaskId task, std::int64_t key, scheduler::RunId id,
                   const std::string& trigger, const std::string& state, int date, int attempt,
                   TimePoint last, std::int64_t count, TimePoint claimed, details::RunTime started,
                   details::RunTime finished, std::string detail, std::string actor) {
                 rows.push_back({{nominal, task, key},
                                 id,
                                 details::known_trigger(trigger),
                                 details::known_state(state),
                                 date,
                                 attempt,
                                 last,
                                 count,
                                 claimed,
                                 started,
                                 finished,
                                 std::move(detail),
                                 std::move(actor)});
               });
  }

 private:
  Query<Params<Given...>, TimePoint, scheduler::TaskId, std::int64_t, scheduler::RunId, std::string,
        std::string, int, int, TimePoint, std::int64_t, TimePoint, details::RunTime,
        details::RunTime, std::string, std::string>
      query_;
};

// Inserts a row, or does what `on_conflict` says where its key is taken.
class RunInsert {
 public:
  RunInsert(soci::session& sql, std::string_view on_conflict);
  // False where the conflict left the table as it was.
  bool run(const scheduler::RunRow& row);

 private:
  Command<TimePoint, scheduler::TaskId, std::int64_t, scheduler::RunId, std::string_view,
          std::string_view, int, int, TimePoint, std::int64_t, TimePoint, details::RunTime,
          details::RunTime, std::string, std::string>
      command_;
};

// Inserts kAtOnce rows with one statement, which costs two thirds of as many statements. A row
// whose key is taken is left out.
class RunInserts {
 public:
  static constexpr std::size_t kAtOnce = 16;
  using Rows = std::span<const scheduler::RunRow* const, kAtOnce>;

  explicit RunInserts(soci::session& sql);

  // False where some were left out.
  bool run(Rows rows);

 private:
  Cursor cursor_;
};

// Gives an open row the state, or the outcome, that it has now.
class RunUpdate {
 public:
  explicit RunUpdate(soci::session& sql);
  // False where there is no open row of that key.
  bool run(const scheduler::RunRow& row);

 private:
  Command<std::string_view, int, int, TimePoint, std::int64_t, details::RunTime, details::RunTime,
          std::string, std::string, TimePoint, scheduler::TaskId, std::int64_t>
      command_;
};

}  // namespace systask::db
