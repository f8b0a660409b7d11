#include "db/connection.h"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <atomic>

#include "base/log.h"
#include "db/statement.h"

namespace systask::db {
namespace {

// Once a process, before its first connection: each connection is lent to one thread at a
// time, so the library's own locks and its counting of memory only cost.
void set_up_library() {
  static const bool done = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_URI, 1);
    return true;
  }();
  static_cast<void>(done);
}

std::string quoted(const std::string& name) { return "db=\"" + name + "\""; }

// As SQLite takes it: a path that looks like a URI is none, and one for this process alone is one.
std::string file_name(const std::string& path, Connection::Sharing sharing) {
  if (sharing == Connection::Sharing::kMachine)
    return path.starts_with("file:") ? "./" + path : path;
  return uri_of(path) + "?vfs=unix-excl";
}

}  // namespace

std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path)
    uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02x}", static_cast<unsigned>(c))
                                            : std::string{c};
  return uri;
}

struct Connection::TransactionWords {
  explicit TransactionWords(soci::session& sql)
      : begin_write(sql, "begin immediate"), begin_read(sql, "begin"), commit(sql, "commit") {}
  Command<> begin_write;
  Command<> begin_read;
  Command<> commit;
};

std::size_t Connection::new_place() {
  static std::atomic<std::size_t> places = 0;
  return places++;
}

Connection::Connection(const std::string& path, Access access, Sharing sharing) {
  set_up_library();
  sql_ = std::make_unique<soci::session>(soci::sqlite3, quoted(file_name(path, sharing)));
  sqlite_api::sqlite3_extended_result_codes(handle(), 1);
  run_script(
      "pragma busy_timeout = 5000;"
      "pragma journal_mode = wal;"
      "pragma synchronous = full;"
      "pragma temp_store = memory;"
      "pragma foreign_keys = off;"
      "pragma wal_autocheckpoint = 16000;"
      "pragma journal_size_limit = 67108864;");
  run_script(access == Access::kReadWrite ? "pragma cache_size = -16384;"
                                          : "pragma cache_size = -8192; pragma query_only = on;");
}

Connection::~Connection() {
  roll_back();
  prepared_.clear();  // statements die before their session
}

sqlite_api::sqlite3* Connection::handle() const {
  return static_cast<soci::sqlite3_session_backend*>(sql_->get_backend())->conn_;
}

bool Connection::in_transaction() const {
  return sqlite_api::sqlite3_get_autocommit(handle()) == 0;
}

void Connection::begin_write() { prepared<TransactionWords>().begin_write.run(); }
void Connection::begin_read() { prepared<TransactionWords>().begin_read.run(); }
void Connection::commit() { prepared<TransactionWords>().commit.run(); }

void Connection::roll_back() noexcept {
  if (!in_transaction()) return;
  try {
    run_script("rollback");
  } catch (const std::exception& error) {
    log::error("a transaction could not be rolled back", {{"error", error.what()}});
  }
}

void Connection::run_script(const std::string& script) {
  auto* const raw = handle();
  const int code = sqlite_api::sqlite3_exec(raw, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(raw), code);
}

}  // namespace systask::db
