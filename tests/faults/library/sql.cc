// Commits, seen through SQLite's own trace of each connection: the sentences of a transaction
// say what kind of commit it is, "commit" is about to run, "commit" has run.
#include <sqlite3.h>

#include <bitset>
#include <string_view>

#include "tests/faults/library/points.h"
#include "tests/faults/library/real.h"

namespace systask::faults {
namespace {

constexpr std::size_t kMost = 64;

// Of the transaction that this thread has open. A connection that writes is lent to one
// thread at a time, for the whole of it.
thread_local std::bitset<kMost> kinds_here;

bool shows(const Kind& kind, sqlite3_stmt* statement, std::string_view text) {
  if (kind.sign.front() != '\'') return text.find(kind.sign) != std::string_view::npos;
  // A value, not a sentence: what is bound has to be looked at.
  if (text.find("algojr_trecovery") == std::string_view::npos) return false;
  char* const bound = sqlite3_expanded_sql(statement);
  if (bound == nullptr) return false;
  const bool found = std::string_view{bound}.find(kind.sign) != std::string_view::npos;
  sqlite3_free(bound);
  return found;
}

void pass_all(Moment moment) {
  for (std::size_t kind = 0; kind < kinds(); ++kind)
    if (kinds_here.test(kind)) pass(kind, moment);
}

void begins(sqlite3_stmt* statement, std::string_view text) {
  if (text == "commit") return pass_all(Moment::kBefore);
  if (text.starts_with("begin") || text == "rollback") kinds_here.reset();
  for (std::size_t i = 0; i < kinds(); ++i)
    if (kind(i).group == Group::kCommit && shows(kind(i), statement, text)) kinds_here.set(i);
}

void ends(sqlite3_stmt* statement, std::string_view text) {
  if (text != "commit" || sqlite3_get_autocommit(sqlite3_db_handle(statement)) == 0) return;
  pass_all(Moment::kAfter);
  kinds_here.reset();
}

int traced(unsigned what, void* /*context*/, void* statement, void* /*more*/) {
  auto* const its = static_cast<sqlite3_stmt*>(statement);
  const char* const text = sqlite3_sql(its);
  if (text == nullptr) return 0;
  if (what == SQLITE_TRACE_STMT) begins(its, text);
  if (what == SQLITE_TRACE_PROFILE) ends(its, text);
  return 0;
}

}  // namespace
}  // namespace systask::faults

extern "C" __attribute__((visibility("default"))) int sqlite3_open_v2(const char* path,
                                                                      sqlite3** handle, int flags,
                                                                      const char* vfs) {
  static auto* const next = systask::faults::real("sqlite3_open_v2", &sqlite3_open_v2);
  const int code = next(path, handle, flags, vfs);
  if (code == SQLITE_OK && systask::faults::in_service())
    sqlite3_trace_v2(*handle, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, &systask::faults::traced,
                     nullptr);
  return code;
}
