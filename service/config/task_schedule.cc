// When a task is due: its schedule, and what a calendar and a jitter make of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/zone.h"
#include "scheduler/when/cron_parser.h"
#include "scheduler/when/duration.h"
#include "scheduler/when/timestamp.h"
#include "service/config/schedule_warnings.h"
#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Every;
using scheduler::TaskSpec;
using scheduler::TimetableOptions;

constexpr std::array<std::string_view, 5> kSchedules{"every", "delay", "at", "once", "cron"};
constexpr Micros kMostJitter = 24h;
constexpr Micros kDay = 24h;

// An expected text, as the key wants it.
std::string_view expected_of(std::string_view key) {
  if (key == "at") return "times such as 09:25, [09:25, \"14:57:30\"] or open-30m";
  if (key == "once") return "a time such as 2026-05-22T09:25:00+08:00, or a list of them";
  return key == "cron" ? "a cron expression" : "a duration such as 1s";
}

// Whether an `H` in it makes it the task's own; THU has one as well.
bool is_hashed(std::string_view cron) {
  for (std::size_t at = 0; (at = cron.find('H', at)) != std::string_view::npos; ++at)
    if (cron.substr(at, 2) != "HU") return true;
  return false;
}

class ScheduleReader {
 public:
  ScheduleReader(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                 TaskSpec& spec)
      : fields_(fields), around_(around), complaints_(complaints), spec_(spec) {}

  void read() {
    if (const auto dst = fields_.find("dst")) read_dst(*dst);
    read_calendar();
    spec_.zone = calendar_ ? calendar_->zone().name() : around_.zone;
    fields_.text("time_zone", "an IANA name such as Asia/Shanghai", spec_.zone);
    const auto zone = Zone::find(spec_.zone);
    if (!zone) return fields_.complain("time_zone", spec_.zone, zone.error());
    read_from(*zone);
    for (const std::string_view key : kSchedules) {
      if (!fields_.find(key)) continue;
      if (!key_.empty())
        fields_.complain(key, fields_.find(key)->described(),
                         "one of every, delay, at, once and cron only");
      else
        read_one(key_ = key, *zone);
    }
    const bool asked_for = fields_.find("after") || fields_.find("run");
    if (key_.empty() && !asked_for)
      fields_.complain("every", "nothing",
                       "a schedule: every, delay, at, once or cron, or the tasks it comes after");
    read_options();
    if (right_ && !schedule_text_.empty())
      warn_of_schedule(fields_,
                       {.key = key_,
                        .schedule = schedule_,
                        .calendar = calendar_.get(),
                        .by_sessions = hangs_on_sessions(),
                        .zone = spec_.zone,
                        .from = from_,
                        .has_dst = dst_ != scheduler::DstPolicy{}},
                       complaints_.warnings);
    finish();
  }

 private:
  // Nothing is made of a schedule that was not understood.
  void finish() {
    if (key_.empty()) {
      spec_.schedule_text = "after";
      for (const std::string_view key : {"calendar", "during", "roll", "on", "jitter"})
        if (fields_.find(key))
          fields_.complain(key, fields_.find(key)->described(),
                           "a schedule beside it: it says when that is due");
      return;
    }
    if (schedule_text_.empty() || !right_) return;
    spec_.schedule_text = schedule_text_ + options_text_;
    auto& shared = around_.schedules[schedule_text_];
    if (!shared) shared = std::make_shared<const scheduler::Schedule>(std::move(schedule_));
    const YamlNode value = *fields_.find(key_);
    if (key_ == "once" || (key_ == "cron" && scheduler::names_years(value.text())))
      around_.dated.push_back(
          {value.place(), fields_.name_of(key_), std::string{value.described()}, shared});
    spec_.timetable = scheduler::Timetable{shared, std::move(options_)};
  }

  void read_one(std::string_view key, const Zone& zone) {
    std::vector<std::string> texts;
    if (key == "at" || key == "once")
      fields_.texts(key, expected_of(key), texts);
    else if (auto text = fields_.scalar(key, expected_of(key)))
      texts.push_back(*std::move(text));
    if (texts.empty()) return;
    const std::string text = fmt::format("{}", fmt::join(texts, ","));
    if (key == "at" && scheduler::is_session_time(text)) return read_session_times(text);
    auto schedule = parse(key, text, zone);
    if (!schedule) return fields_.complain(key, text, schedule.error());
    schedule_ = *std::move(schedule);
    schedule_text_ = fmt::format("{} {}", key, text) + place_text(key);
    if (key == "cron" && is_hashed(text)) schedule_text_ += " of " + spec_.name;
  }

  [[nodiscard]] Result<scheduler::Schedule> parse(std::string_view key, const std::string& text,
                                                  const Zone& zone) const {
    if (key == "every") return scheduler::parse_every_schedule(text, zone, dst_, from_);
    if (key == "delay") return scheduler::parse_delay_schedule(text);
    if (key == "once") return scheduler::parse_once_schedule(text, zone, dst_);
    if (key == "cron") return scheduler::parse_cron_schedule(text, zone, dst_, spec_.name);
    return scheduler::parse_at_schedule(text, zone, dst_);
  }

  // What of the text of a schedule depends on a zone: two whose texts differ are due differently,
  // and the watermark of the one means nothing to the other.
  [[nodiscard]] std::string place_text(std::string_view key) const {
    if (key == "delay") return {};
    const auto* every = std::get_if<Every>(&schedule_);
    std::string text = from_.empty() ? std::string{} : " from " + from_;
    if (every == nullptr || every->on_the_wall() || !from_.empty())
      text += " " + spec_.zone + dst_text_;
    return text;
  }

  void read_from(const Zone& zone) {
    const auto text = fields_.scalar("from", "a date such as 2026-01-02, or 2026-01-02T17:00");
    if (!text) return;
    const auto begin = scheduler::parse_timestamp(*text, zone);
    if (!fields_.find("every"))
      fields_.complain("from", *text, "every beside it: it is what that counts from");
    else if (!begin)
      fields_.complain("from", *text, begin.error());
    else
      from_ = *text;
  }

  void read_session_times(const std::string& text) {
    auto times = scheduler::parse_session_times(text);
    if (!times) return fields_.complain("at", text, times.error());
    if (!needs_calendar("at", true)) return;
    for (const scheduler::SessionTime& time : *times)
      if (!calendar_->has_session(time.session)) {
        right_ = false;
        fields_.complain("at", text,
                         fmt::format("a session of the calendar '{}', which has none named '{}'",
                                     calendar_->name(), time.session));
      }
    options_.session_times = *std::move(times);
    schedule_text_ = "at " + text;
  }

  void read_calendar() {
    const auto name = fields_.scalar("calendar", "the name of a calendar");
    if (!name) return;
    const auto known = around_.calendars.find(*name);
    if (known == around_.calendars.end()) {
      std::vector<std::string_view> names;
      for (const auto& [each, calendar] : around_.calendars)
        names.emplace_back(each);
      const std::string_view meant = nearest(*name, names);
      right_ = false;
      return fields_.complain(
          "calendar", *name,
          "the name of a calendar below `calendars`" +
              (meant.empty() ? std::string{} : fmt::format(": did you mean '{}'?", meant)));
    }
    // Without one, it is wrong, and has been complained about.
    right_ = known->second.calendar != nullptr;
    if (!right_) return;
    options_.calendar = known->second.calendar;
    calendar_ = options_.calendar->edition();
    options_text_ += " calendar " + *name;
  }

  // Says so where the task has no calendar, or one without sessions.
  bool needs_calendar(std::string_view key, bool sessions) {
    if (calendar_ && (!sessions || calendar_->has_sessions())) return true;
    const std::string found{fields_.find(key)->described()};
    if (calendar_)
      fields_.complain(key, found,
                       fmt::format("a calendar with hours: '{}' has none", calendar_->name()));
    else if (!fields_.find("calendar"))
      fields_.complain(key, found, "a calendar beside it, which says what that means");
    right_ = false;
    return false;
  }

  void read_options() {
    if (const auto during = fields_.scalar("during", "sessions")) {
      if (*during != "sessions")
        fields_.complain("during", *during, "sessions");
      else if (needs_calendar("during", true))
        allow("during", !hangs_on_sessions(),
              "times of the session are in it, or beside it, anyway");
      options_.during_sessions = calendar_ != nullptr;
      options_text_ += " during sessions";
    }
    read_on();
    read_roll();
    fields_.duration("jitter", Micros{0}, kMostJitter, options_.jitter);
    options_.seed = static_cast<std::uint64_t>(spec_.id.value());
    if (options_.jitter == 0us) return;
    options_text_ += " jitter " + scheduler::format_duration(options_.jitter);
    // A wrong one is complained about where it belongs.
    const auto not_after = fields_.find("not_after");
    const auto time = not_after ? wall_time_of(not_after->text()) : std::nullopt;
    if (const auto zone = Zone::find(spec_.zone); time && zone)
      options_.not_after = scheduler::TimeOfDay{*time, *zone};
  }

  void read_on() {
    const auto text = fields_.scalar("on", "first business-day of month");
    if (!text) return;
    const auto rule = scheduler::parse_day_rule(*text);
    if (!rule) return fields_.complain("on", *text, rule.error());
    if (!needs_calendar("on", false)) return;
    options_.on = *rule;
    options_text_ += " on " + *text;
    if (!rule->ordinal)
      allow("on", moves() && !options_.during_sessions,
            "T+n moves the days of at, once, cron or every with whole days, outside of during; say "
            "of which day: T+2 of last business-day of month");
  }

  void read_roll() {
    const auto text = fields_.scalar("roll", "skip, previous, next or modified-following");
    if (!text) return;
    const auto roll = scheduler::parse_roll(*text);
    if (!roll) return fields_.complain("roll", *text, roll.error());
    if (!needs_calendar("roll", false)) return;
    options_.roll = *roll;
    options_text_ += " roll " + *text;
    if (*roll == Roll::kSkip) return;
    allow("roll", moves() && !options_.during_sessions && !options_.on,
          "only at, once, cron and every with whole days, without during and on, have occurrences "
          "to move");
  }

  [[nodiscard]] bool hangs_on_sessions() const { return !options_.session_times.empty(); }
  // Its occurrences are one of a day, or few, that another day can have instead.
  [[nodiscard]] bool moves() const {
    if (const auto* every = std::get_if<Every>(&schedule_)) return every->period() % kDay == 0us;
    return !hangs_on_sessions() && key_ != "delay";
  }

  void allow(std::string_view key, bool allowed, std::string_view why_not) {
    if (allowed) return;
    right_ = false;
    complaints_.mistakes.say(
        fields_.find(key)->place(), fields_.name_of(key),
        fmt::format("found '{}': {}", fields_.find(key)->described(), why_not));
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
  std::string from_;      // of `every`; empty: none, or a wrong one
  std::string_view key_;  // of the schedule; empty: none
  scheduler::Schedule schedule_;
  std::string schedule_text_;
  TimetableOptions options_;
  std::string options_text_;
  std::shared_ptr<const Calendar> calendar_;  // as it stands now
  bool right_ = true;
};

}  // namespace

void read_schedule(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   TaskSpec& spec) {
  ScheduleReader{fields, around, complaints, spec}.read();
}

}  // namespace systask::service
