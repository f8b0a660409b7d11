#include "db/maintenance.h"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "db/backups.h"
#include "db/statement.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;

std::int64_t size_or_zero(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

// Rows are numbered in the order in which they were made, so that no index is needed.
struct Prunes {
  explicit Prunes(soci::session& sql)
      : audit(sql,
              "delete from algojr_tauditlog where happened_at < :before and audit_no in"
              " (select audit_no from algojr_tauditlog order by audit_no limit :most)"),
        recoveries(sql,
                   "delete from algojr_trecovery where lost_at < :before and attempt_id in"
                   " (select attempt_id from algojr_trecovery where outcome <> 'running'"
                   " order by attempt_id limit :most)") {}
  using Prune = Command<TimePoint, std::size_t>;
  Prune audit;
  Prune recoveries;
};

std::size_t prune(Database& database, Prunes::Prune Prunes::*which, TimePoint before,
                  std::size_t limit) {
  const Writer::Lease lease = database.writer().lease(Urgency::kNormal);
  auto& prunes = lease.prepared<Prunes>();
  lease.begin();
  const std::int64_t pruned = (prunes.*which).run(before, limit);
  lease.commit();
  return static_cast<std::size_t>(pruned);
}

}  // namespace

Maintenance::Checkpoint Maintenance::checkpoint() {
  const ReadPool::Lease lease = database_.upkeep().lease();
  Query<Params<>, int, std::int64_t, std::int64_t> query{lease.sql(),
                                                         "pragma wal_checkpoint(passive)"};
  Checkpoint done;
  query.run([&](int, std::int64_t frames, std::int64_t checkpointed) {
    done = Checkpoint{frames, checkpointed};
  });
  return done;
}

Maintenance::Backup Maintenance::backup(const std::string& directory, int keep, TimePoint at) {
  const BackupMade made = make_backup(
      database_.upkeep().lease().connection(), path_,
      {.directory = directory, .prefix = backup_prefix(path_), .keep = std::max(keep, 1)}, at);
  return Backup{made.file, made.bytes, made.removed};
}

Maintenance::Space Maintenance::space() {
  const fs::space_info disk = fs::space(fs::absolute(path_).parent_path());
  return Space{size_or_zero(path_), size_or_zero(path_ + "-wal"),
               static_cast<std::int64_t>(disk.available), static_cast<std::int64_t>(disk.capacity)};
}

Maintenance::Verified Maintenance::verify(bool thorough, int most, const std::stop_token& stop) {
  const ReadPool::Lease lease = database_.upkeep().lease();
  Connection& connection = lease.connection();
  // Also in the middle of one large table, where a statement looks for nothing else.
  const std::stop_callback interrupt{stop,
                                     [&] { sqlite_api::sqlite3_interrupt(connection.handle()); }};
  Verified verified;
  verified.stopped = stop.stop_requested();
  if (verified.stopped) return verified;
  const std::string pragma =
      fmt::format("pragma {}({})", thorough ? "integrity_check" : "quick_check", most);
  try {
    Query<Params<>, std::string> query{connection.sql(), pragma};
    query.run([&](std::string line) {
      if (line != "ok") verified.problems.push_back(std::move(line));
    });
  } catch (const soci::sqlite3_soci_error& error) {
    verified.stopped = error.result() == SQLITE_INTERRUPT;
    if (!verified.stopped) throw;
  }
  return verified;
}

std::size_t Maintenance::prune_audit(TimePoint before, std::size_t limit) {
  return prune(database_, &Prunes::audit, before, limit);
}

std::size_t Maintenance::prune_recoveries(TimePoint before, std::size_t limit) {
  return prune(database_, &Prunes::recoveries, before, limit);
}

}  // namespace systask::db
