#include "service/config/schedule_warnings.h"

#include <fmt/format.h>

#include "scheduler/when/cron_parser.h"
#include "scheduler/when/cron_weekdays.h"
#include "scheduler/when/duration.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Every;

constexpr Micros kDay = 24h;

class ScheduleWarnings {
 public:
  ScheduleWarnings(const Fields& fields, const ScheduleAsRead& read, Complaints& warnings)
      : fields_(fields), read_(read), warnings_(warnings) {}

  void look() {
    const std::string why = why_no_clock();
    if (!why.empty()) {
      if (!zone_counts())
        warn("time_zone", why + ": the zone is for display only",
             "leave it out, or write at, cron or a period that divides a day");
      if (read_.has_dst) warn("dst", why + ": no clock change matters to it", "leave it out");
    }
    warn_of_days_from_1970();
    if (read_.key != "cron") return;
    warn_of_two_day_fields();
    if (const auto numbers = scheduler::numeric_weekdays(fields_.find("cron")->text()))
      warn("cron", numbers->means(), numbers->advice());
  }

 private:
  void warn(std::string_view key, std::string_view meaning, std::string_view advice) {
    if (const auto value = fields_.find(key))
      warnings_.warn(value->place(), fields_.name_of(key), value->described(), meaning, advice);
  }

  // Why its times are not those of a clock in the task's zone; empty: they are.
  [[nodiscard]] std::string why_no_clock() const {
    if (read_.key == "delay") return "a delay counts from the end of the last run";
    if (read_.by_sessions) return "the calendar's sessions say when these times are";
    const auto* every = std::get_if<Every>(&read_.schedule);
    if (every == nullptr || every->on_the_wall()) return {};
    return fmt::format("{} neither divides a day nor is whole days, so it counts real time from {}",
                       scheduler::format_duration(every->period()),
                       read_.from.empty() ? "1970-01-01T00:00:00Z" : read_.from);
  }

  // The zone is that of times beside the schedule, too, or the calendar's anyway.
  [[nodiscard]] bool zone_counts() const {
    return fields_.find("not_after") || fields_.find("alarms") || !read_.from.empty() ||
           (read_.calendar != nullptr && read_.zone == read_.calendar->zone().name());
  }

  void warn_of_days_from_1970() {
    const auto* every = std::get_if<Every>(&read_.schedule);
    if (every == nullptr || !read_.from.empty() || every->period() <= kDay) return;
    if (!every->on_the_wall()) return;
    const bool weeks = every->period() % (7 * kDay) == 0us;
    warn("every",
         fmt::format("it counts {} from Thursday 1970-01-01 on, and is due at 00:00 in {}{}",
                     weeks ? "weeks" : "days", read_.zone, weeks ? " on Thursdays" : ""),
         "write from: with a first date, such as from: 2026-01-02, or 2026-01-02T17:00");
  }

  // In Quartz cron either day field matches; who restricts both mostly means both.
  void warn_of_two_day_fields() {
    const std::string text{fields_.find("cron")->text()};
    const auto fields = scheduler::parse_cron(text);
    if (!fields || fields->any_day || fields->any_weekday || fields->both_days) return;
    warnings_.say(fields_.find("cron")->place(), fields_.name_of("cron"),
                  fmt::format("'{}' restricts day of month and day of week: it fires on days that "
                              "match either of them; put ? into the one that is not meant",
                              text));
  }

  const Fields& fields_;
  const ScheduleAsRead& read_;
  Complaints& warnings_;
};

}  // namespace

void warn_of_schedule(const Fields& fields, const ScheduleAsRead& read, Complaints& warnings) {
  ScheduleWarnings{fields, read, warnings}.look();
}

}  // namespace systask::service
