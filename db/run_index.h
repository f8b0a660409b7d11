// RunIndex writes tstp_systemtask_run_of_task, by which the runs of a task are found, behind
// the ledger: an entry for each run as it happens would dirty a page for each, since its
// neighbours are the same task's runs of other seconds. Keys of new rows are kept here until
// there are many for each task, and then written in steps, in the order of the index.
//
// What stays true in the database, after every commit: each row whose nominal time is not
// later than tstp_systemtask_run_indexed.indexed_us has its entry; the others, at most
// kMostBehind and a step, are for the reader to look through.
//
// Used under the writer's lease only, inside of its transaction: added(), step() and removed()
// are made good by committed(); after undone() the database is asked again.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "db/writer.h"
#include "scheduler/run.h"

namespace systask::db {

class RunIndex {
 public:
  // So many rows may wait for their entries before a round of writing begins.
  static constexpr std::size_t kMostBehind = 100'000;

  // A row of this key is new in the ledger.
  void added(const Writer::Lease& lease, const scheduler::RunKey& key);
  // The row of this key is being deleted, and so is its entry.
  void removed(const Writer::Lease& lease, const scheduler::RunKey& key);
  // Writes some entries, if it is time to: more than come in, so that it is never left behind.
  void step(const Writer::Lease& lease, std::size_t rows_written);

  void committed();
  // Forgets everything, and learns it again from the database.
  void undone();

 private:
  struct Statements;
  // What waits, as a database that was written before left it.
  void load(const Writer::Lease& lease);
  void begin_round();
  void end_round(Statements& statements);

  bool loaded_ = false;
  TimePoint indexed_{};
  std::vector<scheduler::RunKey> behind_;  // neither in the index nor in the round
  std::vector<scheduler::RunKey> round_;   // being written, from its end, the first task last
  TimePoint round_until_{};
  std::size_t begin_at_ = 1'000;  // grows with the number of tasks that have runs

  // Of this transaction.
  std::vector<scheduler::RunKey> gone_;
  std::size_t written_ = 0;  // the last so many of round_
  bool round_ends_ = false;
};

}  // namespace systask::db
