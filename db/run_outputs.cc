#include "db/run_outputs.h"

#include <optional>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::RunId;
using scheduler::RunOutput;

struct OutputWrites {
  explicit OutputWrites(soci::session& sql)
      : add(sql,
            "insert into tstp_systemtask_run_output (run_id, attempt, total_bytes, cut_bytes, "
            "kept_bytes, output) values (:run, :attempt, :total, :cut, :kept, :output) "
            "on conflict (run_id, attempt) do update set total_bytes = excluded.total_bytes, "
            "cut_bytes = excluded.cut_bytes, kept_bytes = excluded.kept_bytes, "
            "output = excluded.output"),
        prune(sql,
              "delete from tstp_systemtask_run_output where (run_id, attempt) in "
              "(select run_id, attempt from tstp_systemtask_run_output where run_id < :before "
              "order by run_id, attempt limit :most)") {}

  Command<RunId, int, std::uint64_t, std::uint64_t, std::uint64_t, std::string_view> add;
  Command<RunId, std::int64_t> prune;
};

struct OutputReads {
  explicit OutputReads(soci::session& sql)
      : of(sql,
           "select attempt, total_bytes, cut_bytes, output from tstp_systemtask_run_output "
           "where run_id = :run order by attempt"),
        sizes(sql,
              "select run_id, kept_bytes from tstp_systemtask_run_output order by run_id desc") {}

  Query<Params<RunId>, int, std::uint64_t, std::uint64_t, std::string> of;
  Query<Params<>, RunId, std::uint64_t> sizes;
};

}  // namespace

void RunOutputs::add(std::span<const RunOutput> outputs) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<OutputWrites>();
  lease.begin();
  for (const RunOutput& output : outputs)
    writes.add.run(output.run, output.attempt, output.printed.total, output.printed.cut,
                   output.printed.text.size(), output.printed.text);
  lease.commit();
}

std::vector<RunOutput> RunOutputs::of(RunId run) {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<RunOutput> found;
  lease.prepared<OutputReads>().of.run(
      run, [&](int attempt, std::uint64_t total, std::uint64_t cut, std::string text) {
        found.push_back({run, attempt, {std::move(text), total, cut}});
      });
  return found;
}

std::size_t RunOutputs::prune(RunId before, std::size_t limit) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kNormal);
  auto& writes = lease.prepared<OutputWrites>();
  lease.begin();
  const std::int64_t pruned = writes.prune.run(before, static_cast<std::int64_t>(limit));
  lease.commit();
  return static_cast<std::size_t>(pruned);
}

RunId RunOutputs::first_within(std::uint64_t bytes) {
  const ReadPool::Lease lease = database_.readers().lease();
  std::optional<RunId> too_much;  // the latest run whose output does not fit
  std::uint64_t sum = 0;
  lease.prepared<OutputReads>().sizes.run([&](RunId run, std::uint64_t kept) {
    sum += kept;
    if (!too_much && sum > bytes) too_much = run;
  });
  return too_much ? next_of(*too_much) : RunId{0};
}

}  // namespace systask::db
