#include <fmt/format.h>

#include <algorithm>

#include "base/zone.h"
#include "scheduler/when/cron_parser.h"
#include "service/config/fields.h"
#include "service/config/sections.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::TaskSpec;

const std::vector<std::string_view> kTaskKeys{
    "id",      "name",          "body",       "priority", "every", "cron",    "at",
    "enabled", "time_zone",     "parameters", "overlap",  "late",  "after",   "on_lost",
    "timeout", "timeout_grace", "group",      "dst",      "run",   "calendar"};

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kNameExpected =
    "a name of letters, digits, '-', '_' and '.', at most 64";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789-_.") == text.npos;
}

// What mistakes of the task are filed under: its name or, without one, its place.
std::string path_of(YamlNode map, std::size_t index) {
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    if (parts[i].text() == "name" && is_name(parts[i + 1].text()))
      return fmt::format("tasks.{}", parts[i + 1].text());
  return fmt::format("tasks[{}]", index);
}

// Reads one task; the parts of a schedule belong together.
class TaskReader {
 public:
  TaskReader(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints)
      : fields_(fields), around_(around), complaints_(complaints) {}

  TaskSpec read() {
    read_identity();
    read_policies();
    refuse_later_keys();
    read_schedule();
    return std::move(spec_);
  }

 private:
  void require(std::string_view key, std::string_view expected) {
    if (!fields_.find(key)) fields_.complain(key, "nothing", expected);
  }

  void read_identity() {
    require("id", "a number of its own for the task");
    require("name", kNameExpected);
    std::int64_t id = 0;
    fields_.integer("id", std::int64_t{1}, std::int64_t{999'999'999'999}, id);
    spec_.id = scheduler::TaskId{id};
    fields_.text("name", kNameExpected, spec_.name);
    if (!spec_.name.empty() && !is_name(spec_.name))
      fields_.complain("name", spec_.name, kNameExpected);
    fields_.text("body", "the name of a C++ task", spec_.body);
    const std::string_view key = spec_.body.empty() ? "name" : "body";
    const std::string& body = spec_.body.empty() ? spec_.name : spec_.body;
    if (body.empty() || fields_.find("run") || std::ranges::count(around_.bodies, body)) return;
    const std::string_view meant = nearest(body, {around_.bodies.begin(), around_.bodies.end()});
    fields_.complain(
        key, body,
        "the name of a registered C++ task (or body: with one)" +
            (meant.empty() ? std::string{} : fmt::format(": did you mean '{}'?", meant)));
  }

  void read_policies() {
    read_priority();
    fields_.flag("enabled", spec_.enabled);
    fields_.parameters("parameters", spec_.parameters);
    fields_.choice(
        "overlap",
        {{"skip", scheduler::Overlap::kSkip}, {"run-once-more", scheduler::Overlap::kRunOnceMore}},
        spec_.overlap);
    fields_.choice("on_lost",
                   {{"rerun", scheduler::OnLost::kRerun}, {"record", scheduler::OnLost::kRecord}},
                   spec_.on_lost);
    fields_.duration("timeout", Micros{1ms}, Micros{48h}, spec_.timeout);
    fields_.duration("timeout_grace", Micros{0ms}, Micros{1h}, spec_.timeout_grace);
    fields_.text("group", "the name of a group", spec_.group);
    fields_.texts("after", "the name of a task, or a list of names", spec_.after);
    if (const auto late = fields_.find("late")) read_late(*late);
    if (const auto dst = fields_.find("dst")) read_dst(*dst);
  }

  void read_priority() {
    int lowest = 1;
    for (const auto& [priority, lane] : around_.lanes)
      lowest = std::max(lowest, priority);
    fields_.integer("priority", 1, lowest, spec_.priority);
    if (around_.lanes.contains(spec_.priority)) return;
    std::string lanes;
    for (const auto& [priority, lane] : around_.lanes)
      lanes += fmt::format("{}{}", lanes.empty() ? "" : ", ", priority);
    fields_.complain("priority", std::to_string(spec_.priority),
                     fmt::format("a priority that has a lane ({})", lanes));
  }

  void read_late(YamlNode map) {
    Fields late{map, fields_.name_of("late"), {"within", "otherwise"}, complaints_.mistakes};
    late.duration("within", Micros{0ms}, Micros{24h * 366}, spec_.late.within);
    late.choice("otherwise",
                {{"skip", scheduler::LatePolicy::Otherwise::kSkip},
                 {"run", scheduler::LatePolicy::Otherwise::kRun}},
                spec_.late.otherwise);
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

  void refuse_later_keys() {
    if (const auto run = fields_.find("run"))
      fields_.complain("run", run->described(),
                       "no such key: tasks that run programs, SQL, HTTP or publications come with "
                       "a later version; name a C++ task instead");
    if (const auto calendar = fields_.find("calendar"))
      fields_.complain("calendar", calendar->described(),
                       "no such key: calendars are not supported yet; use cron or at");
  }

  void read_schedule() {
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

  Fields& fields_;
  const TaskSurroundings& around_;
  TaskComplaints complaints_;
  TaskSpec spec_;
  scheduler::DstPolicy dst_;
  std::string dst_text_;
};

}  // namespace

TaskSpec read_task(YamlNode map, std::size_t index, const TaskSurroundings& around,
                   TaskComplaints complaints) {
  Fields fields{map, path_of(map, index), kTaskKeys, complaints.mistakes};
  if (map.kind() != YamlNode::Kind::kMap) return {};
  return TaskReader{fields, around, complaints}.read();
}

}  // namespace systask::service
