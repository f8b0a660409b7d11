#include "scheduler/engine/lost.h"

#include <fmt/format.h>

#include <algorithm>

namespace systask::scheduler {
namespace {

int most_again(const RetryPolicy& retry) {
  return retry.times > 0 ? retry.times : kRerunsWithoutRetry;
}

std::string too_often(const LostRun& lost, const TaskSpec& spec, const RunRow& row) {
  const int times = spec.special().retry.times;
  const std::string limit =
      times > 0 ? fmt::format("retry.times: {}", times)
                : fmt::format("without `retry:` {} further attempts", kRerunsWithoutRetry);
  return fmt::format(
      "{}; it was tried {} times and is not made again ({}): find out in the log what ended the "
      "service, then `systask rerun {}`",
      why_lost(row), lost.failures, limit, row.id.value());
}

}  // namespace

std::string why_lost(const RunRow& row) {
  return row.detail.empty() ? "the service stopped before its outcome was known" : row.detail;
}

LostRun decide_lost(const TaskSpec& spec, const RunRow& row, std::span<const RunAttempt> earlier) {
  LostRun lost{.attempt = row.attempt, .most = most_again(spec.special().retry)};
  if (!earlier.empty()) lost.attempt = std::max(row.attempt, earlier.back().attempt + 1);
  // The first attempt leaves no trace when it begins; each later one does.
  lost.began = earlier.empty() || (row.started_at && row.attempt > earlier.back().attempt);
  for (const RunAttempt& attempt : earlier)
    lost.failures += was_ended_by_stop(attempt.detail) ? 0 : 1;
  if (lost.began && !was_ended_by_stop(row.detail)) ++lost.failures;
  if (spec.on_lost == OnLost::kRecord)
    lost.why = fmt::format("{}, and on_lost is to record that: `systask rerun {}` makes it again",
                           why_lost(row), row.id.value());
  else if (lost.failures > lost.most)
    lost.why = too_often(lost, spec, row);
  else
    lost.again = true;
  return lost;
}

}  // namespace systask::scheduler
