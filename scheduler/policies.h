// What becomes of a task's occurrences that are late, meet another run, fail or are lost, as
// its configuration says. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"

namespace systask::scheduler {

// What becomes of an occurrence that finds the task running. kQueueOne: it runs as soon as
// the other ends, once, however many came meanwhile. kQueueAll: all of them, in order, of
// which kQueueAllCap may wait. kCancelOther: the other is asked to stop, and the newest that
// came runs when it has. kAllow: so many of them run side by side, and the next is skipped.
enum class Overlap : std::uint8_t {
  kSkip,
  kQueueOne,
  kQueueAll,
  kCancelOther,
  kAllow,
  kRunOnceMore = kQueueOne  // its name where events are meant
};
inline constexpr std::size_t kQueueAllCap = 1000;

// What becomes, at the next start, of a run that the service died with.
enum class OnLost : std::uint8_t { kRerun, kRecord };

// An occurrence found later than `within` is skipped, or run all the same.
struct LatePolicy {
  enum class Otherwise : std::uint8_t { kSkip, kRun };
  Micros within = std::chrono::seconds{30};
  Otherwise otherwise = Otherwise::kSkip;

  friend bool operator==(const LatePolicy&, const LatePolicy&) = default;
};

// Of several occurrences found at once that may run: the latest, the first, all of them (the
// latest `coalesce_cap`), or none, so that the task goes on with its next occurrence.
enum class Coalesce : std::uint8_t { kLatest, kFirst, kAll, kNone };

// Further attempts of a run that failed or timed out. The n-th comes after
// backoff * factor^(n-1), at most `longest`, more or less `jitter` of it (0 to 1).
struct RetryPolicy {
  int times = 0;
  Micros backoff = std::chrono::seconds{10};
  double factor = 2;
  Micros longest = std::chrono::minutes{10};
  double jitter = 0;

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// A time of day on the wall of some place.
struct TimeOfDay {
  std::chrono::seconds time;  // since local midnight
  Zone zone;

  // On the civil date that `at` has there.
  [[nodiscard]] TimePoint on_date_of(TimePoint at) const;
  [[nodiscard]] std::string text() const;  // "09:25" or "14:57:30"
};
// The first instant of the civil date that `at` has in `zone`.
[[nodiscard]] TimePoint start_of_day(const Zone& zone, TimePoint at);

// Who is told of an alarm. The engine knows none of them: it hands them on with the alarm.
struct NotifyLog {
  friend bool operator==(const NotifyLog&, const NotifyLog&) = default;
};
struct NotifyMetric {
  friend bool operator==(const NotifyMetric&, const NotifyMetric&) = default;
};
struct NotifyExec {
  std::vector<std::string> arguments;  // the program first

  friend bool operator==(const NotifyExec&, const NotifyExec&) = default;
};
struct NotifyWebhook {
  std::string url;

  friend bool operator==(const NotifyWebhook&, const NotifyWebhook&) = default;
};
struct NotifyMail {
  std::vector<std::string> to;
  std::string from;  // empty: as the mail program thinks best

  friend bool operator==(const NotifyMail&, const NotifyMail&) = default;
};
using NotifyTarget = std::variant<NotifyLog, NotifyMetric, NotifyExec, NotifyWebhook, NotifyMail>;

// What is raised whether the task runs or not. By a time of day: on dates on which the task,
// or what it comes after, has an occurrence until then.
struct AlarmPolicy {
  std::optional<TimeOfDay> must_start_by;   // its run of the date has begun
  std::optional<TimeOfDay> must_finish_by;  // and has succeeded
  Micros not_run_for{0};                    // since its latest success; 0: never raised
  bool on_failure = false;   // a run came to no good, its last attempt too; once a business date
  bool on_recovery = false;  // it works again after that; told once
  std::vector<NotifyTarget> notify;

  [[nodiscard]] bool none() const {
    return !must_start_by && !must_finish_by && not_run_for == Micros{0} && !on_failure &&
           !on_recovery;
  }
};

// What few tasks have: kept apart, so that the others need no room for it.
struct SpecialPolicies {
  RetryPolicy retry;
  // Not started after that time of day, on the civil date of the occurrence.
  std::optional<TimeOfDay> not_after;
  // At most one run at a time among all tasks that name it.
  std::vector<std::string> exclusive;
  AlarmPolicy alarms;
  // A body under way when the service stops gets so long before it is asked to stop; nothing:
  // what the service says.
  std::optional<Micros> stop_timeout;
};

// A task that another comes after, and which outcome of it will do.
struct Predecessor {
  enum class On : std::uint8_t { kSuccess, kAny };
  std::string task;
  On on = On::kSuccess;

  friend bool operator==(const Predecessor&, const Predecessor&) = default;
};

}  // namespace systask::scheduler
