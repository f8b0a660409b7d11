#include "db/schema.h"

#include <fmt/format.h>

#include "db/statement.h"

namespace systask::db {
namespace {

std::map<int, Applied> applied_scripts(Writer::Lease& lease) {
  lease.connection().run_script(
      "create table if not exists systask_schema ("
      " version integer not null primary key,"
      " name text not null,"
      " checksum text not null)");
  std::map<int, Applied> applied;
  Query<Params<>, int, std::string, std::string> query{
      lease.sql(), "select version, name, checksum from systask_schema order by version"};
  query.run([&](int version, std::string name, std::string checksum) {
    applied.emplace(version, Applied{std::move(name), std::move(checksum)});
  });
  return applied;
}

}  // namespace

Result<void> check_applied(const std::map<int, Applied>& applied, std::span<const Script> known) {
  for (const auto& [version, row] : applied) {
    const Script* script = nullptr;
    for (const Script& candidate : known) {
      if (candidate.version == version) script = &candidate;
    }
    if (script == nullptr) {
      return Refusal{"SCHEMA_NEWER",
                     "the database has schema script " + row.name +
                         ", which this version of systask does not know: run the version that "
                         "wrote it, or a later one"};
    }
    if (checksum_of(script->text) != row.checksum) {
      return Refusal{"SCHEMA_CHANGED",
                     "schema script " + row.name +
                         " is not the one this database was made with: use the version of systask "
                         "that made it, or start with a new database"};
    }
  }
  return {};
}

std::string checksum_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a: against accidents, not attackers
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return fmt::format("{:016x}", hash);
}

Result<void> migrate(Writer& writer, std::span<const Script> known) {
  Writer::Lease lease = writer.lease(Urgency::kUrgent);
  const std::map<int, Applied> applied = applied_scripts(lease);
  if (Result<void> checked = check_applied(applied, known); !checked) return checked;
  Command<int, std::string, std::string> record{
      lease.sql(), "insert into systask_schema (version, name, checksum) values (:v, :n, :c)"};
  for (const Script& script : known) {
    if (applied.contains(script.version)) continue;
    lease.begin();
    lease.connection().run_script(std::string{script.text});
    record.run(script.version, std::string{script.name}, checksum_of(script.text));
    lease.commit();
  }
  return {};
}

}  // namespace systask::db
