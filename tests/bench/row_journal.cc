#include "tests/bench/row_journal.h"

#include <sqlite3.h>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/check.h"

namespace systask {
namespace {

RowJournal* watching = nullptr;

SqlValue value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return sqlite3_value_int64(value);
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    case SQLITE_NULL: return std::monostate{};
    default: {
      const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
    }
  }
}

// NOLINTNEXTLINE(readability-function-size): SQLite says what it is called with
void on_change(void* journal, sqlite3* db, int operation, const char*, const char* table,
               sqlite3_int64, sqlite3_int64) {
  static_cast<RowJournal*>(journal)->changed(db, operation, table);
}

int on_commit(void* journal) {
  static_cast<RowJournal*>(journal)->committed();
  return 0;
}

void on_rollback(void* journal) { static_cast<RowJournal*>(journal)->rolled_back(); }

int on_open(sqlite3* db, const char**, const struct sqlite3_api_routines*) {
  if (watching == nullptr || watching->file() != sqlite3_db_filename(db, "main")) return SQLITE_OK;
  sqlite3_preupdate_hook(db, &on_change, watching);
  sqlite3_commit_hook(db, &on_commit, watching);
  sqlite3_rollback_hook(db, &on_rollback, watching);
  return SQLITE_OK;
}

// The library calls it with the arguments of on_open(), and declares it without any.
void (*on_open_entry())() { return reinterpret_cast<void (*)()>(&on_open); }

}  // namespace

RowJournal::RowJournal(std::string file) : file_(std::move(file)) {
  CHECK(watching == nullptr, "a second RowJournal beside the first");
  watching = this;
  sqlite3_auto_extension(on_open_entry());
}

RowJournal::~RowJournal() {
  sqlite3_cancel_auto_extension(on_open_entry());
  watching = nullptr;
}

std::vector<RowTransaction> RowJournal::take() { return std::exchange(committed_, {}); }

void RowJournal::committed() {
  if (!open_.empty()) committed_.push_back(std::exchange(open_, {}));
}

void RowJournal::changed(sqlite3* db, int operation, const char* table) {
  RowChange change;
  change.table = table;
  change.kind = operation == SQLITE_INSERT   ? RowChange::Kind::kInsert
                : operation == SQLITE_UPDATE ? RowChange::Kind::kUpdate
                                             : RowChange::Kind::kDelete;
  for (int column = 0; column < sqlite3_preupdate_count(db); ++column) {
    sqlite3_value* value = nullptr;
    if (operation != SQLITE_INSERT) {
      sqlite3_preupdate_old(db, column, &value);
      change.before.push_back(value_of(value));
    }
    if (operation == SQLITE_DELETE) continue;
    sqlite3_preupdate_new(db, column, &value);
    SqlValue now = value_of(value);
    if (operation == SQLITE_UPDATE && now == change.before.back()) continue;
    change.columns.push_back(column);
    change.values.push_back(std::move(now));
  }
  open_.push_back(std::move(change));
}

BareWriter::BareWriter(const std::string& path) {
  check(sqlite3_open(path.c_str(), &db_));
  for (const char* pragma : {"pragma synchronous = full", "pragma wal_autocheckpoint = 16000",
                             "pragma journal_size_limit = 67108864", "pragma cache_size = -16384",
                             "pragma temp_store = memory", "pragma foreign_keys = off"})
    check(sqlite3_exec(db_, pragma, nullptr, nullptr, nullptr));
}

BareWriter::~BareWriter() {
  for (const auto& [text, statement] : statements_)
    sqlite3_finalize(statement);
  sqlite3_close(db_);
}

void BareWriter::check(int code) const {
  if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
}

const BareWriter::Table& BareWriter::table(const std::string& name) {
  const auto [it, fresh] = tables_.try_emplace(name);
  if (!fresh) return it->second;
  sqlite3_stmt* rows = nullptr;
  check(sqlite3_prepare_v2(db_, "select name, pk from pragma_table_info(?) order by cid", -1, &rows,
                           nullptr));
  sqlite3_bind_text(rows, 1, name.c_str(), -1, nullptr);
  std::vector<std::pair<int, int>> key;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const int place = sqlite3_column_int(rows, 1);
    if (place > 0) key.emplace_back(place, static_cast<int>(it->second.columns.size()));
    it->second.columns.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0)));
  }
  sqlite3_finalize(rows);
  std::ranges::sort(key);
  for (const auto& [place, column] : key)
    it->second.key.push_back(column);
  if (key.empty()) throw std::runtime_error("table " + name + " has no key to find its rows by");
  return it->second;
}

std::string BareWriter::text_of(const RowChange& change, const Table& of) const {
  if (change.kind == RowChange::Kind::kInsert) {
    std::string text = "insert into " + change.table + " values (";
    for (std::size_t i = 0; i < of.columns.size(); ++i)
      text += i == 0 ? "?" : ", ?";
    return text + ")";
  }
  std::string text = "delete from " + change.table;
  if (change.kind == RowChange::Kind::kUpdate) {
    text = "update " + change.table + " set ";
    for (std::size_t i = 0; i < change.columns.size(); ++i)
      text += fmt::format("{}{} = ?", i == 0 ? "" : ", ",
                          of.columns[static_cast<std::size_t>(change.columns[i])]);
  }
  text += " where ";
  for (std::size_t i = 0; i < of.key.size(); ++i)
    text += fmt::format("{}{} = ?", i == 0 ? "" : " and ",
                        of.columns[static_cast<std::size_t>(of.key[i])]);
  return text;
}

sqlite3_stmt* BareWriter::statement(const std::string& text) {
  sqlite3_stmt*& found = statements_[text];
  if (found == nullptr)
    check(sqlite3_prepare_v3(db_, text.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &found, nullptr));
  return found;
}

BareWriter::Plan BareWriter::prepare(const std::vector<RowTransaction>& transactions) {
  Plan plan;
  plan.transactions_ = transactions.size();
  for (const RowTransaction& transaction : transactions) {
    plan.steps_.push_back({statement("begin immediate"), {}});
    for (const RowChange& change : transaction) {
      const Table& of = table(change.table);
      Plan::Step step{statement(text_of(change, of)), change.values};
      if (change.kind != RowChange::Kind::kInsert)
        for (const int column : of.key)
          step.values.push_back(change.before[static_cast<std::size_t>(column)]);
      plan.steps_.push_back(std::move(step));
    }
    plan.steps_.push_back({statement("commit"), {}});
  }
  return plan;
}

void BareWriter::write(const Plan& plan) {
  for (const Plan::Step& step : plan.steps_) {
    int place = 0;
    for (const SqlValue& value : step.values) {
      ++place;
      if (const auto* const text = std::get_if<std::string>(&value))
        sqlite3_bind_text(step.statement, place, text->data(), static_cast<int>(text->size()),
                          nullptr);
      else if (const auto* const number = std::get_if<std::int64_t>(&value))
        sqlite3_bind_int64(step.statement, place, *number);
      else if (const auto* const real = std::get_if<double>(&value))
        sqlite3_bind_double(step.statement, place, *real);
      else
        sqlite3_bind_null(step.statement, place);
    }
    check(sqlite3_step(step.statement));
    sqlite3_reset(step.statement);
  }
}

}  // namespace systask
