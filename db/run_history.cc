#include "db/run_history.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <string>

#include "db/run_pages.h"
#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::HistoryPage;
using scheduler::HistoryQuery;
using scheduler::ordered_by;
using scheduler::RunCursor;
using scheduler::RunId;
using scheduler::RunTally;
using scheduler::TaskDefinition;
using scheduler::TaskId;

// The reads of tallies, likewise.
class TallyReads {
 public:
  TallyReads(soci::session& sql, std::span<const TaskId> tasks, TimePoint from, TimePoint until)
      : sql_(sql), tasks_(ids_of(tasks)), until_(to_micros(until)), from_(to_micros(from)) {
    Query<Params<>, std::int64_t> indexed{sql_,
                                          "select indexed_us from tstp_systemtask_run_indexed"};
    indexed_ = indexed.first().value_or(std::numeric_limits<std::int64_t>::min());
  }

  // In the ledger's end, which is not indexed by task yet.
  void count_tail(std::map<TaskId, RunTally>& tallies) {
    Query<Params<>, TaskId, std::int64_t, TimePoint, TimePoint> query{
        sql_, fmt::format("select r.task_id, count(*), min(r.nominal_us), max(r.nominal_us) "
                          "from tstp_systemtask_run r where r.nominal_us > {} "
                          "and r.nominal_us >= {} and r.nominal_us < {} and r.task_id in ({}) "
                          "and {} group by r.task_id",
                          indexed_, from_, until_, tasks_, kUsualRuns)};
    query.run([&](TaskId task, std::int64_t count, TimePoint first, TimePoint last) {
      tallies[task] = {task, count, false, first, last};
    });
  }

  // All entries of the index but those of rows that are not usual.
  void count_indexed(TaskId task, std::int64_t others, RunTally& tally) {
    Query<Params<>, std::int64_t> query{
        sql_,
        fmt::format("select count(*) from (select 1 from tstp_systemtask_run_of_task "
                    "where task_id = {} and nominal_us >= {} and nominal_us < {} "
                    "and nominal_us <= {} limit {})",
                    task.value(), from_, until_, indexed_, scheduler::RunHistory::kMostCounted)};
    const std::int64_t entries = query.first().value_or(0);
    const std::int64_t count = entries - others;
    if (count <= 0) return;
    tally.task = task;
    if (tally.count == 0) tally.last = edge(task, "desc").value_or(tally.last);
    if (const auto first = edge(task, "asc")) tally.first = *first;
    tally.count += count;
    tally.at_least = entries == scheduler::RunHistory::kMostCounted;
  }

  // Rows in the index that are not usual: with an outcome, and open.
  std::map<TaskId, std::int64_t> others() {
    std::map<TaskId, std::int64_t> counts;
    for (const std::string_view which : {kUnusualRuns, kOpenRuns}) {
      Query<Params<>, TaskId, std::int64_t> query{
          sql_, fmt::format("select task_id, count(*) from tstp_systemtask_run where {} "
                            "and nominal_us >= {} and nominal_us < {} and nominal_us <= {} "
                            "and task_id in ({}) group by task_id",
                            which, from_, until_, indexed_, tasks_)};
      query.run([&](TaskId task, std::int64_t count) { counts[task] += count; });
    }
    return counts;
  }

 private:
  std::optional<TimePoint> edge(TaskId task, std::string_view direction) {
    Query<Params<>, TimePoint> query{
        sql_, fmt::format("select i.nominal_us from tstp_systemtask_run_of_task i "
                          "join tstp_systemtask_run r on r.nominal_us = i.nominal_us "
                          "and r.task_id = i.task_id and r.run_key = i.run_key "
                          "where i.task_id = {} and i.nominal_us >= {} and i.nominal_us < {} "
                          "and i.nominal_us <= {} and {} order by i.nominal_us {} limit 1",
                          task.value(), from_, until_, indexed_, kUsualRuns, direction)};
    return query.first();
  }

  soci::session& sql_;
  std::string tasks_;
  std::int64_t until_;
  std::int64_t from_;
  std::int64_t indexed_ = 0;
};

// The columns that tstp_systemtask and tstp_systemtask_former share.
constexpr std::string_view kDefinition =
    "task_id, task_name, function_name, priority, schedule, parameters, task_status";

template <class... Given>
using Definitions = Query<Params<Given...>, TaskId, std::string, std::string, int, std::string,
                          std::string, std::string>;

template <class... Given>
std::vector<TaskDefinition> read(Definitions<Given...>& query, const Given&... given) {
  std::vector<TaskDefinition> found;
  query.run(given..., [&](TaskId id, std::string name, std::string function, int priority,
                          std::string schedule, std::string parameters, const std::string& status) {
    found.push_back({id, std::move(name), std::move(function), priority, std::move(schedule),
                     std::move(parameters), status == "enabled"});
  });
  return found;
}

struct FormerReads {
  explicit FormerReads(soci::session& sql)
      : reason(sql, "select reason from tstp_systemtask_run_request where run_id = :run"),
        parameters(sql,
                   "select name, value from tstp_systemtask_run_parameter where run_id = :run"),
        before(sql, fmt::format("select {} from tstp_systemtask_former where task_id = :task "
                                "and until_us > :at order by until_us limit 1",
                                kDefinition)),
        now(sql, fmt::format("select {} from tstp_systemtask where task_id = :task", kDefinition)),
        gone(sql, fmt::format("select {} from tstp_systemtask_former f "
                              "where not exists (select 1 from tstp_systemtask t "
                              "where t.task_id = f.task_id) and until_us = "
                              "(select max(until_us) from tstp_systemtask_former l "
                              "where l.task_id = f.task_id) order by task_id limit :most",
                              kDefinition)) {}

  Query<Params<RunId>, std::string> reason;
  Query<Params<RunId>, std::string, std::string> parameters;
  Definitions<TaskId, TimePoint> before;
  Definitions<TaskId> now;
  Definitions<std::int64_t> gone;
};

}  // namespace

HistoryPage RunHistory::page(const HistoryQuery& query) {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();  // all parts of one state
  HistoryPage page{.rows = page_rows(lease.sql(), query), .next = {}};
  if (page.rows.size() <= query.limit) return page;
  page.rows.resize(query.limit);
  page.next = RunCursor{ordered_by(query.order, page.rows.back()), page.rows.back().id};
  return page;
}

std::vector<RunTally> RunHistory::tally(std::span<const TaskId> tasks, TimePoint from,
                                        TimePoint until) {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();
  TallyReads reads{lease.sql(), tasks, from, until};
  std::map<TaskId, RunTally> tallies;
  reads.count_tail(tallies);
  const std::map<TaskId, std::int64_t> others = reads.others();
  for (const TaskId task : tasks) {
    const auto other = others.find(task);
    RunTally& tally = tallies[task];
    reads.count_indexed(task, other == others.end() ? 0 : other->second, tally);
  }
  std::vector<RunTally> found;
  for (const auto& [task, tally] : tallies)
    if (tally.count > 0) found.push_back(tally);
  return found;
}

std::optional<scheduler::RunGiven> RunHistory::given(RunId run) {
  const ReadPool::Lease lease = database_.readers().lease();
  auto& reads = lease.prepared<FormerReads>();
  auto reason = reads.reason.first(run);
  if (!reason) return std::nullopt;
  scheduler::RunGiven found{.run = run, .reason = *std::move(reason), .parameters = {}};
  reads.parameters.run(run, [&](std::string name, std::string value) {
    found.parameters.emplace(std::move(name), std::move(value));
  });
  return found;
}

std::optional<TaskDefinition> RunHistory::task_at(TaskId task, TimePoint at) {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();
  auto& reads = lease.prepared<FormerReads>();
  auto found = read(reads.before, task, at);
  if (found.empty()) found = read(reads.now, task);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<TaskDefinition> RunHistory::former_tasks(std::size_t limit) {
  const ReadPool::Lease lease = database_.readers().lease();
  return read(lease.prepared<FormerReads>().gone, static_cast<std::int64_t>(limit));
}

}  // namespace systask::db
