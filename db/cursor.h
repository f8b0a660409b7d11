// A prepared statement as SQLite runs it. SOCI opens the connection, prepares the statement and
// ends it; values and rows go past SOCI, straight into and out of the driver's own statement,
// because SOCI copies each value three times (decision 0047). This is the only
// place that would have to know another database.
//
// Places and columns count from 0. A Cursor belongs to its connection and is used by whoever
// holds its lease.
#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sqlite_api {
struct sqlite3_stmt;
}

namespace systask::db {

// "(:v0, :v1), (:v2, :v3)": the parameters of so many rows of so many columns.
[[nodiscard]] std::string parameters_of(std::size_t rows, std::size_t columns);

class Cursor {
 public:
  // Throws soci::sqlite3_soci_error where the text is no statement; that it has so many parameters
  // and columns is CHECKed.
  Cursor(soci::session& sql, std::string_view text, std::size_t parameters, std::size_t columns);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // A text is not copied: it must live until reset().
  void bind(int place, std::int64_t value);
  void bind(int place, std::string_view text);
  void bind_null(int place);

  // True: a row is there. False: the statement has ended. Throws soci::sqlite3_soci_error.
  bool step();
  // Ends the statement, so that it holds no snapshot, whatever became of it.
  void reset() noexcept;

  // Rows inserted, updated or deleted by the last step().
  [[nodiscard]] std::int64_t changed() const;

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  // Until the next step() or reset().
  [[nodiscard]] std::string_view text(int column) const;

 private:
  soci::statement statement_;
  sqlite_api::sqlite3_stmt* const raw_;
};

}  // namespace systask::db
