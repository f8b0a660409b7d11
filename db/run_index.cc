#include "db/run_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::RunKey;
using scheduler::TaskId;

// A round waits for so many runs of each task: that many entries then share a page's write.
constexpr std::size_t kEntriesPerTask = 32;
constexpr std::size_t kLeastRound = 1'000;
// Entries for each row that was written meanwhile.
constexpr std::size_t kPace = 3;
constexpr std::size_t kLeastStep = 200;

// With one sentence, which costs half of as many sentences.
constexpr std::size_t kAtOnce = 16;
constexpr std::size_t kColumns = 3;
constexpr std::string_view kInsert =
    "insert into tstp_systemtask_run_of_task (task_id, nominal_us, run_key) values {}"
    " on conflict (task_id, nominal_us, run_key) do nothing";

auto in_order_of_index(const RunKey& key) { return std::tuple{key.task, key.nominal, key.key}; }

}  // namespace

struct RunIndex::Statements {
  explicit Statements(soci::session& sql)
      : indexed(sql, "select indexed_us from tstp_systemtask_run_indexed"),
        behind(sql,
               "select nominal_us, task_id, run_key from tstp_systemtask_run "
               "where nominal_us > :indexed"),
        insert(sql, fmt::format(kInsert, parameters_of(1, kColumns))),
        insert_many(sql, fmt::format(kInsert, parameters_of(kAtOnce, kColumns)), kAtOnce * kColumns,
                    0),
        remove(sql,
               "delete from tstp_systemtask_run_of_task "
               "where task_id = :task and nominal_us = :nominal and run_key = :key"),
        move(sql, "update tstp_systemtask_run_indexed set indexed_us = :until") {}

  void add(const RunKey& key) { insert.run(key.task, key.nominal, key.key); }

  // In the order of the index, from the last of these to the first.
  void add_from_end(std::span<const RunKey> keys) {
    for (; keys.size() >= kAtOnce; keys = keys.first(keys.size() - kAtOnce)) {
      Run run{insert_many};
      int place = 0;
      for (const RunKey& key : keys.last(kAtOnce) | std::views::reverse)
        place = bind_from(insert_many, place, key.task, key.nominal, key.key);
      run.finish();
    }
    for (const RunKey& key : keys | std::views::reverse)
      add(key);
  }

  Query<Params<>, TimePoint> indexed;
  Query<Params<TimePoint>, TimePoint, TaskId, std::int64_t> behind;
  Command<TaskId, TimePoint, std::int64_t> insert;
  Cursor insert_many;
  Command<TaskId, TimePoint, std::int64_t> remove;
  Command<TimePoint> move;
};

void RunIndex::load(const Writer::Lease& lease) {
  auto& statements = lease.prepared<Statements>();
  indexed_ = statements.indexed.first().value_or(
      TimePoint{Micros{std::numeric_limits<std::int64_t>::min()}});
  behind_.clear();
  statements.behind.run(indexed_, [&](TimePoint nominal, TaskId task, std::int64_t key) {
    behind_.push_back({nominal, task, key});
  });
  loaded_ = true;
}

void RunIndex::added(const Writer::Lease& lease, const RunKey& key) {
  if (!loaded_) load(lease);
  if (key.nominal <= indexed_) {
    lease.prepared<Statements>().add(key);  // late for its time: at once
  } else {
    behind_.push_back(key);
  }
}

void RunIndex::removed(const Writer::Lease& lease, const RunKey& key) {
  if (!loaded_) load(lease);
  lease.prepared<Statements>().remove.run(key.task, key.nominal, key.key);
  if (key.nominal > indexed_) gone_.push_back(key);
}

void RunIndex::begin_round() {
  round_ = std::exchange(behind_, {});
  std::ranges::sort(round_, std::ranges::greater{}, in_order_of_index);
  std::size_t tasks = 1;
  round_until_ = round_.front().nominal;
  for (std::size_t i = 1; i < round_.size(); ++i) {
    tasks += round_[i].task != round_[i - 1].task ? 1 : 0;
    round_until_ = std::max(round_until_, round_[i].nominal);
  }
  begin_at_ = std::clamp(tasks * kEntriesPerTask, kLeastRound, kMostBehind);
}

void RunIndex::step(const Writer::Lease& lease, std::size_t rows_written) {
  if (!loaded_) load(lease);
  if (round_.empty()) return;
  auto& statements = lease.prepared<Statements>();
  written_ = std::min(round_.size(), std::max(kLeastStep, kPace * rows_written));
  statements.add_from_end(std::span{round_}.last(written_));
  if (written_ == round_.size()) end_round(statements);
}

// Rows that came meanwhile with a time that is about to count as indexed get their entries.
void RunIndex::end_round(Statements& statements) {
  for (const RunKey& key : behind_)
    if (key.nominal <= round_until_) statements.add(key);
  statements.move.run(round_until_);
  round_ends_ = true;
}

void RunIndex::committed() {
  round_.resize(round_.size() - written_);
  if (round_ends_) {
    indexed_ = round_until_;
    std::erase_if(behind_, [this](const RunKey& key) { return key.nominal <= indexed_; });
  }
  if (!gone_.empty()) {
    std::ranges::sort(gone_);
    const auto gone = [this](const RunKey& key) { return std::ranges::binary_search(gone_, key); };
    std::erase_if(behind_, gone);
    std::erase_if(round_, gone);
  }
  written_ = 0;
  gone_.clear();
  round_ends_ = false;
  if (round_.empty() && behind_.size() >= begin_at_) begin_round();
}

void RunIndex::undone() { *this = {}; }

}  // namespace systask::db
