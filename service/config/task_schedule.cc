// When a task is due: every, cron, at, and what belongs to them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/zone.h"
#include "scheduler/when/cron_parser.h"
#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using scheduler::TaskSpec;

class ScheduleReader {
 public:
  ScheduleReader(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                 TaskSpec& spec)
      : fields_(fields), around_(around), complaints_(complaints), spec_(spec) {}

  void read() {
    if (const auto dst = fields_.find("dst")) read_dst(*dst);
    if (const auto calendar = fields_.find("calendar"))
      fields_.complain("calendar", calendar->described(),
                       "no such key: calendars are not supported yet; use cron or at");
    spec_.zone = around_.zone;
    fields_.text("time_zone", "an IANA name such as Asia/Shanghai", spec_.zone);
    const auto zone = Zone::find(spec_.zone);
    if (!zone) return fields_.complain("time_zone", spec_.zone, zone.error());
    int schedules = 0;
    for (const std::string_view key : {"every", "cron", "at"}) {
      if (!fields_.find(key)) continue;
      if (++schedules > 1)
        fields_.complain(key, fields_.find(key)->described(), "one of every, cron and at only");
      else
        read_one(key, *zone);
    }
    const bool asked_for = fields_.find("after") || fields_.find("run");
    if (schedules == 0 && !asked_for)
      fields_.complain("every", "nothing",
                       "a schedule: every, cron or at, or the tasks it comes "
                       "after");
    if (schedules == 0) spec_.schedule_text = "after";
  }

 private:
  void read_one(std::string_view key, const Zone& zone) {
    std::vector<std::string> texts;
    if (key == "at")
      fields_.texts(key, "times such as 09:25 or [09:25, \"14:57:30\"]", texts);
    else if (auto text = fields_.scalar(
                 key, key == "every" ? "a duration such as 1s" : "a cron expression"))
      texts.push_back(*std::move(text));
    if (texts.empty()) return;
    const std::string text = fmt::format("{}", fmt::join(texts, ","));
    const auto schedule = key == "every"  ? scheduler::parse_every_schedule(text)
                          : key == "cron" ? scheduler::parse_cron_schedule(text, zone, dst_)
                                          : scheduler::parse_at_schedule(text, zone, dst_);
    if (!schedule) return fields_.complain(key, text, schedule.error());
    spec_.timetable = *schedule;
    spec_.schedule_text = fmt::format("{} {}", key, text);
    if (key != "every") spec_.schedule_text += " " + spec_.zone + dst_text_;
    if (key == "cron") warn_of_days(text);
  }

  // In Quartz cron either day field matches; who restricts both mostly means both.
  void warn_of_days(const std::string& text) {
    const auto fields = scheduler::parse_cron(text);
    if (!fields || fields->any_day || fields->any_weekday || fields->both_days) return;
    complaints_.warnings.say(
        fields_.find("cron")->place(), fields_.name_of("cron"),
        fmt::format("'{}' restricts day of month and day of week: it fires on days that match "
                    "either of them; put ? into the one that is not meant",
                    text));
  }

  void read_dst(YamlNode map) {
    Fields dst{map, fields_.name_of("dst"), {"gap", "overlap"}, complaints_.mistakes};
    dst.choice("gap",
               {{"transition", scheduler::Gap::kTransition},
                {"shift", scheduler::Gap::kShift},
                {"skip", scheduler::Gap::kSkip}},
               dst_.gap);
    dst.choice("overlap",
               {{"auto", scheduler::DstOverlap::kAuto},
                {"first", scheduler::DstOverlap::kFirst},
                {"both", scheduler::DstOverlap::kBoth}},
               dst_.overlap);
    std::string gap = "transition";
    std::string overlap = "auto";
    if (dst.find("gap")) gap = dst.find("gap")->text();
    if (dst.find("overlap")) overlap = dst.find("overlap")->text();
    if (dst_ != scheduler::DstPolicy{}) dst_text_ = fmt::format(" dst {} {}", gap, overlap);
  }

  Fields& fields_;
  const TaskSurroundings& around_;
  TaskComplaints complaints_;
  TaskSpec& spec_;
  scheduler::DstPolicy dst_;
  std::string dst_text_;
};

}  // namespace

void read_schedule(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   TaskSpec& spec) {
  ScheduleReader{fields, around, complaints, spec}.read();
}

}  // namespace systask::service
