#include "db/run_claims.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "db/run_rows.h"

namespace systask::db {
namespace {

using scheduler::RunKey;
using scheduler::RunRow;

RunRow claimed_row(const RunKey& key, scheduler::RunId id, TimePoint at, int business_date) {
  return {.key = key,
          .id = id,
          .business_date = business_date,
          .last_nominal = key.nominal,
          .claimed_at = at};
}

}  // namespace

struct RunClaims::Statements {
  explicit Statements(soci::session& sql)
      : insert(sql, "insert into tstp_systemtask_claim values (:id, :at, :date, :runs)"),
        remove(sql, "delete from tstp_systemtask_claim where claim_id = :id"),
        remove_all(sql, "delete from tstp_systemtask_claim"),
        left(sql, fmt::format("select {} from tstp_systemtask_run_claimed "
                              "order by nominal_us, task_id",
                              run_columns())) {}

  Command<std::int64_t, TimePoint, int, std::string> insert;
  Command<std::int64_t> remove;
  Command<> remove_all;
  RunRows<> left;
};

bool RunClaims::fits(const RunRow& row) {
  return row.key.key == 0 && row == claimed_row(row.key, row.id, row.claimed_at, row.business_date);
}

void RunClaims::keep(const Writer::Lease& lease, std::vector<const RunRow*> rows) {
  if (rows.empty()) return;
  auto& statements = lease.prepared<Statements>();
  const auto claim_of = [](const RunRow* row) {
    return std::pair{row->claimed_at, row->business_date};
  };
  std::ranges::stable_sort(rows, {}, claim_of);
  for (auto first = rows.begin(); first != rows.end();) {
    Claim claim{++last_id_, (*first)->claimed_at, (*first)->business_date};
    const auto same = claim_of(*first);
    for (; first != rows.end() && claim_of(*first) == same; ++first)
      claim.runs.push_back({(*first)->key, (*first)->id});
    std::ranges::sort(claim.runs, {}, &Kept::key);
    write(statements, std::move(claim));
  }
}

void RunClaims::write(Statements& statements, Claim claim) {
  std::string runs;
  runs.reserve(claim.runs.size() * 48);
  for (const Kept& run : claim.runs)
    fmt::format_to(std::back_inserter(runs), FMT_COMPILE("{}[{},{},{}]"), runs.empty() ? '[' : ',',
                   to_micros(run.key.nominal), run.key.task.value(), run.id.value());
  runs += ']';
  statements.insert.run(claim.id, claim.claimed_at, claim.business_date, runs);
  claim.open = claim.runs.size();
  claims_.push_back(std::move(claim));
}

bool RunClaims::release(const RunKey& key) {
  for (Claim& claim : claims_) {
    const auto found = std::ranges::lower_bound(claim.runs, key, {}, &Kept::key);
    if (found == claim.runs.end() || found->key != key || found->released) continue;
    found->released = true;
    --claim.open;
    return true;
  }
  return false;
}

void RunClaims::tidy(const Writer::Lease& lease) {
  for (const Claim& claim : claims_)
    if (claim.open == 0) lease.prepared<Statements>().remove.run(claim.id);
  std::erase_if(claims_, [](const Claim& claim) { return claim.open == 0; });
}

std::vector<RunRow> RunClaims::release_all(const Writer::Lease& lease) {
  std::vector<RunRow> rows;
  if (known_ && claims_.empty()) return rows;
  auto& statements = lease.prepared<Statements>();
  if (known_) {
    for (const Claim& claim : claims_)
      for (const Kept& run : claim.runs)
        if (!run.released)
          rows.push_back(claimed_row(run.key, run.id, claim.claimed_at, claim.business_date));
    std::ranges::sort(rows, {}, &RunRow::key);
  } else {
    statements.left.add_to(rows);
  }
  statements.remove_all.run();
  claims_.clear();
  known_ = true;
  return rows;
}

}  // namespace systask::db
