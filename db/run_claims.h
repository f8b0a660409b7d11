// RunClaims keeps the claims of a large tick together, one row of tstp_systemtask_claim for
// all: a row of the ledger for each would be written twice within milliseconds, with its claim
// and with its outcome. A run that is kept here gets its row with its outcome, or from the next
// tick, if it has not ended by then; after a crash, from the first write of the next start.
//
// Used under the writer's lease only, inside of its transaction. After undone(), what the
// database keeps is unclaimed() in the next one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "db/writer.h"
#include "scheduler/run.h"

namespace systask::db {

class RunClaims {
 public:
  // Whether the row says no more than the claim of an occurrence on time says.
  [[nodiscard]] static bool fits(const scheduler::RunRow& row);

  void keep(const Writer::Lease& lease, std::vector<const scheduler::RunRow*> rows);
  // The run of that key is kept here no more: the caller gives it its row. False: it was not.
  bool release(const scheduler::RunKey& key);
  // Deletes what keeps no run any more.
  void tidy(const Writer::Lease& lease);
  // Everything that is kept, in order of key, and is kept here no more.
  std::vector<scheduler::RunRow> release_all(const Writer::Lease& lease);

  // Whether the database may keep claims that are not known here.
  [[nodiscard]] bool unknown() const { return !known_; }
  void undone() { *this = {}; }

 private:
  struct Statements;
  struct Kept {
    scheduler::RunKey key;
    scheduler::RunId id;
    bool released = false;
  };
  struct Claim {
    std::int64_t id = 0;
    TimePoint claimed_at;
    int business_date = 0;
    std::vector<Kept> runs;  // in order of key
    std::size_t open = 0;
  };

  void write(Statements& statements, Claim claim);

  bool known_ = false;
  std::int64_t last_id_ = 0;
  std::vector<Claim> claims_;  // seldom more than one
};

}  // namespace systask::db
