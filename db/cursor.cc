#include "db/cursor.h"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>

#include "base/check.h"

namespace systask::db {
namespace {

soci::statement prepared(soci::session& sql, std::string_view text) {
  soci::statement statement{sql};
  statement.alloc();
  statement.prepare(std::string{text});
  return statement;
}

}  // namespace

std::string parameters_of(std::size_t rows, std::size_t columns) {
  std::string text;
  for (std::size_t place = 0; place < rows * columns; ++place) {
    const bool first = place % columns == 0;
    const bool last = (place + 1) % columns == 0;
    text +=
        fmt::format("{}{}:v{}{}", place == 0 ? "" : ", ", first ? "(" : "", place, last ? ")" : "");
  }
  return text;
}

Cursor::Cursor(soci::session& sql, std::string_view text, std::size_t parameters,
               std::size_t columns)
    : statement_(prepared(sql, text)),
      raw_(static_cast<soci::sqlite3_statement_backend*>(statement_.get_backend())->stmt_) {
  const auto has_parameters =
      static_cast<std::size_t>(sqlite_api::sqlite3_bind_parameter_count(raw_));
  const auto has_columns = static_cast<std::size_t>(sqlite_api::sqlite3_column_count(raw_));
  const bool fits = has_parameters == parameters && has_columns == columns;
  if (fits) return;
  const std::string differ =
      fmt::format("a statement with {} parameters and {} columns, for {} and {}: {}",
                  has_parameters, has_columns, parameters, columns, text);
  CHECK(fits, differ.c_str());
}

void Cursor::bind(int place, std::int64_t value) {
  sqlite_api::sqlite3_bind_int64(raw_, place + 1, value);
}

void Cursor::bind(int place, std::string_view text) {
  // A null pointer would be NULL, which an empty text is not.
  const char* const begin = text.data() == nullptr ? "" : text.data();
  sqlite_api::sqlite3_bind_text(raw_, place + 1, begin, static_cast<int>(text.size()), nullptr);
}

void Cursor::bind_null(int place) { sqlite_api::sqlite3_bind_null(raw_, place + 1); }

bool Cursor::step() {
  const int code = sqlite_api::sqlite3_step(raw_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw soci::sqlite3_soci_error(
      fmt::format("{} while executing \"{}\"",
                  sqlite_api::sqlite3_errmsg(sqlite_api::sqlite3_db_handle(raw_)),
                  sqlite_api::sqlite3_sql(raw_)),
      code);
}

void Cursor::reset() noexcept { sqlite_api::sqlite3_reset(raw_); }

std::int64_t Cursor::changed() const {
  return sqlite_api::sqlite3_changes(sqlite_api::sqlite3_db_handle(raw_));
}

bool Cursor::is_null(int column) const {
  return sqlite_api::sqlite3_column_type(raw_, column) == SQLITE_NULL;
}

std::int64_t Cursor::integer(int column) const {
  return sqlite_api::sqlite3_column_int64(raw_, column);
}

std::string_view Cursor::text(int column) const {
  const auto* const begin =
      reinterpret_cast<const char*>(sqlite_api::sqlite3_column_text(raw_, column));
  if (begin == nullptr) return {};
  return {begin, static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(raw_, column))};
}

}  // namespace systask::db
