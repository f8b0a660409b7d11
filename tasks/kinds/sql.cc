#include "tasks/kinds/sql.h"

#include <fmt/format.h>

#include "tasks/kinds/excerpt.h"

namespace systask::tasks {
namespace {

constexpr std::size_t kShownRowBytes = 500;

std::string rows_of(std::int64_t count, const char* what) {
  return fmt::format("{} {} {}", count, count == 1 ? "row" : "rows", what);
}

// How many rows were changed and read, and the first of those that were read.
scheduler::Printed result_of(const SqlDone& done) {
  std::string text;
  if (done.changed > 0) text += rows_of(done.changed, "changed") + "\n";
  if (done.read > 0) text += rows_of(done.read, "read") + "\n" + done.rows;
  const std::int64_t left_out = done.read - done.shown;
  if (done.read > 0 && left_out > 0) text += fmt::format("[{} more]\n", rows_of(left_out, "read"));
  return printed_of(text);
}

}  // namespace

scheduler::Body sql_body(Sql sql, RunSql run_sql) {
  return [sql = std::move(sql), run_sql = std::move(run_sql)](const scheduler::RunContext& run) {
    const SqlDone done = run_sql(sql, values_of(run), run.stop);
    if (run.printed != nullptr && (done.read > 0 || done.changed > 0))
      *run.printed = result_of(done);
    std::string sentence = rows_of(done.changed, "changed");
    if (done.read > 0)
      sentence = (done.changed > 0 ? sentence + ", " : "") + rows_of(done.read, "read") +
                 ", the first: " + on_one_line(done.first, kShownRowBytes);
    else if (sql.read_only)
      sentence = rows_of(0, "read");
    return sentence;
  };
}

}  // namespace systask::tasks
