// How many durable runs fit in a second: each claimed, run on a lane, and its outcome in the
// ledger, by ticks that find so many due. Beside it in the same rounds: the ledger alone, and
// the same rows and transactions in bare sqlite3, a row with each claim that its outcome changes,
// once in today's tables and once in those of the first schema.
//
//   runs_bench [due in a tick, 2000] [ticks, 300] [folder of the databases]
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <latch>

#include "db/run_ledger.h"
#include "db/schema.h"
#include "db/task_store.h"
#include "scheduler/lanes/lane.h"
#include "tests/bench/engine_world.h"
#include "tests/support/manual_clock.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TimePoint beginning() { return from_rfc3339("2026-05-22T08:30:00Z").value(); }

// Each side does ticks of the same size; it begins with its tasks in place.
class Side {
 public:
  virtual ~Side() = default;
  virtual void tick() = 0;
};

class WholeEngine final : public Side {
 public:
  WholeEngine(const std::string& folder, int due)
      : home_(folder, "engine"), due_(due), engine_(parts()) {
    registry_.add("work", [](const RunContext&) { return "done"; });
    start(engine_, tasks_of(due, due));
  }
  ~WholeEngine() override { engine_.stop(); }

  void tick() override {
    std::latch left{due_};
    count_.left = &left;
    clock_.advance(1s);
    engine_.tick(clock_.now());
    left.wait();
  }

 private:
  struct Count final : Observer {
    void on_run_finished(const TaskSpec&, RunState, Micros, Micros) override {
      left.load()->count_down();
    }
    std::atomic<std::latch*> left = nullptr;
  };
  EngineParts parts() { return {clock_, ledger_, store_, lanes_, registry_, any_day, &count_}; }

  BenchDatabase home_;
  int due_;
  ManualClock clock_{beginning()};
  db::RunLedger ledger_{*home_};
  db::TaskStore store_{*home_};
  LaneSet lanes_{{{1, {.threads = 8, .queue_limit = 1'000'000}}}};
  Registry registry_;
  Count count_;
  Engine engine_;
};

// The calls that the engine makes, with outcomes in batches of a quarter of a tick.
class LedgerAlone final : public Side {
 public:
  LedgerAlone(const std::string& folder, int due) : home_(folder, "ledger"), due_(due) {
    std::vector<StoredTask> tasks;
    for (int i = 1; i <= due; ++i)
      tasks.push_back(
          {.definition = {TaskId{i}, fmt::format("task-{}", i), "work", 1, "every 1s", "", true}});
    store_.replace_all(tasks, TimePoint{});
  }

  void tick() override {
    now_ += 1s;
    TickClaims claims;
    for (int i = 1; i <= due_; ++i) {
      claims.runs.push_back({.key = {now_, TaskId{i}},
                             .id = RunId{++id_},
                             .business_date = 20260522,
                             .last_nominal = now_,
                             .claimed_at = now_});
      claims.moves.push_back({TaskId{i}, now_, now_ + 1s});
    }
    ledger_.claim(claims);
    std::vector<RunRow>& rows = claims.runs;
    for (RunRow& row : rows) {
      row.state = RunState::kSucceeded;
      row.started_at = row.finished_at = now_ + 300us;
      row.detail = "done";
    }
    const std::size_t batch = std::max<std::size_t>(rows.size() / 4, 1);
    for (std::size_t i = 0; i < rows.size(); i += batch)
      ledger_.record(std::span{rows}.subspan(i, std::min(batch, rows.size() - i)));
  }

 private:
  BenchDatabase home_;
  int due_;
  db::RunLedger ledger_{*home_};
  db::TaskStore store_{*home_};
  TimePoint now_ = beginning();
  std::int64_t id_ = 0;
};

// The same rows and commits, with nothing between them and the library.
class Bare final : public Side {
 public:
  enum class Tables { kFirst, kToday };

  Bare(const std::string& folder, int due, Tables tables)
      : home_(folder, tables == Tables::kFirst ? "first" : "bare"), due_(due) {
    if (tables == Tables::kFirst) {
      db::Writer first{home_.path() + ".first"};
      if (!db::migrate(first, db::scripts().first(3))) throw std::runtime_error("no first schema");
    }
    check(sqlite3_open((home_.path() + (tables == Tables::kFirst ? ".first" : "")).c_str(), &db_));
    check(sqlite3_exec(db_,
                       "pragma synchronous = full; pragma wal_autocheckpoint = 16000;"
                       "pragma cache_size = -16384; pragma temp_store = memory",
                       nullptr, nullptr, nullptr));
    add_tasks(tables);
    prepare(tables);
  }
  ~Bare() override {
    for (sqlite3_stmt* statement : statements_)
      sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void tick() override {
    now_ += 1'000'000;
    const std::int64_t first = id_;
    run(0);
    for (int i = 1; i <= due_; ++i)
      run(2, now_, i, 0, ++id_, "schedule", "claimed", 20260522, 1, now_, 1, now_, nullptr, nullptr,
          "", "");
    for (int i = 1; i <= due_; ++i)
      run(3, now_, now_ + 1'000'000, i);
    run(1);
    const int batch = std::max(due_ / 4, 1);
    for (int from = 1; from <= due_; from += batch) {
      run(0);
      for (int i = from; i < std::min(from + batch, due_ + 1); ++i)
        run(4, now_, i, 0, first + i, "schedule", "succeeded", 20260522, 1, now_, 1, now_,
            now_ + 300, now_ + 300, "done", "");
      run(1);
    }
  }

 private:
  void add_tasks(Tables tables) {
    const std::string numbers = fmt::format(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) ", due_);
    const std::string text =
        tables == Tables::kFirst
            ? "insert into tstp_systemtask " + numbers +
                  "select i, 'task-' || i, 'work', 1, 'every 1s', '', 'enabled', 0, 0, null, null, "
                  "null from n"
            : "insert into tstp_systemtask_due " + numbers + "select i, 0, 0 from n";
    check(sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr));
  }
  void prepare(Tables tables) {
    const std::string insert =
        "insert into tstp_systemtask_run values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
        "on conflict (nominal_us, task_id, run_key) do ";
    const std::array<std::string, 5> texts{
        "begin immediate", "commit", insert + "nothing",
        fmt::format("update {} set watermark_us = ?, next_due_us = ? where task_id = ?",
                    tables == Tables::kFirst ? "tstp_systemtask" : "tstp_systemtask_due"),
        insert +
            "update set run_state = excluded.run_state, "
            "started_at_us = excluded.started_at_us, "
            "finished_at_us = excluded.finished_at_us, detail = excluded.detail "
            "where run_state = 'claimed' or run_state = 'waiting'"};
    for (const std::string& text : texts)
      check(sqlite3_prepare_v2(db_, text.c_str(), -1, &statements_.emplace_back(), nullptr));
  }
  void check(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  static void bind(sqlite3_stmt* statement, int at, std::int64_t value) {
    sqlite3_bind_int64(statement, at, value);
  }
  static void bind(sqlite3_stmt* statement, int at, const char* text) {
    sqlite3_bind_text(statement, at, text, -1, nullptr);
  }
  static void bind(sqlite3_stmt* statement, int at, std::nullptr_t) {
    sqlite3_bind_null(statement, at);
  }
  template <class... Values>
  void run(std::size_t which, const Values&... values) {
    sqlite3_stmt* const statement = statements_[which];
    int at = 0;
    (bind(statement, ++at, values), ...);
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

  BenchDatabase home_;
  int due_;
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  std::int64_t now_ = to_micros(beginning());
  std::int64_t id_ = 0;
};

struct Contender {
  std::string_view name;
  std::unique_ptr<Side> side;
  double seconds = 0;
  double cpu = 0;
};

int bench(int due, int ticks, const std::string& folder) {
  std::array<Contender, 4> contenders{{
      {"durable runs: engine, lanes and ledger", std::make_unique<WholeEngine>(folder, due)},
      {"the ledger alone, by the same calls", std::make_unique<LedgerAlone>(folder, due)},
      {"bare sqlite3: rows, then their outcomes",
       std::make_unique<Bare>(folder, due, Bare::Tables::kToday)},
      {"the same in the first schema", std::make_unique<Bare>(folder, due, Bare::Tables::kFirst)},
  }};
  const SystemClock clock;
  constexpr int kRounds = 10;
  // In turns, so that all meet the same machine.
  for (int round = 0; round < kRounds; ++round)
    for (Contender& one : contenders) {
      const MonotonicPoint began = clock.monotonic();
      const double cpu = cpu_seconds();
      for (int i = 0; i < ticks / kRounds; ++i)
        one.side->tick();
      one.seconds += std::chrono::duration<double>(clock.monotonic() - began).count();
      one.cpu += cpu_seconds() - cpu;
    }
  const int done = ticks / kRounds * kRounds;
  const double runs = static_cast<double>(due) * done;
  fmt::print("{} due in a tick, {:.0f} runs each; synchronous = full\n", due, runs);
  fmt::print("  {:<42} {:>10} {:>12} {:>8}\n", "", "runs/s", "CPU us/run", "ratio");
  for (const Contender& one : contenders)
    fmt::print("  {:<42} {:>10.0f} {:>12.2f} {:>8.2f}\n", one.name, runs / one.seconds,
               one.cpu / runs * 1e6, contenders[0].seconds / one.seconds);
  fmt::print("  ratio: how many times as fast as the durable runs\n");
  return 0;
}

}  // namespace
}  // namespace systask::scheduler

int main(int argc, char** argv) {
  return systask::scheduler::bench(argc > 1 ? std::stoi(argv[1]) : 2'000,
                                   argc > 2 ? std::stoi(argv[2]) : 300, argc > 3 ? argv[3] : "");
}
