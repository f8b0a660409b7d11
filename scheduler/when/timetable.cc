#include "scheduler/when/timetable.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "scheduler/when/day_by_day.h"
#include "scheduler/when/window_end.h"
#include "scheduler/when/windowed.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// No jitter ends nearer to the end of its window, where that is longer than twice this.
constexpr Micros kNearTheEnd = 1s;

// Of all 64 bits of both, evenly: the finalizer of splitmix64.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t value) {
  std::uint64_t x = value + seed * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

bool has_options(const TimetableOptions& options) {
  return options.calendar || options.jitter > 0us;
}

Occurrence bare(TimePoint at) { return {.nominal = at, .start = at, .refusal = {}}; }

}  // namespace

Timetable::Timetable() {
  static const auto kOnDemand = std::make_shared<const Schedule>(OnDemand{});
  schedule_ = kOnDemand;
}

Timetable::Timetable(Schedule schedule)
    : schedule_(std::make_shared<const Schedule>(std::move(schedule))) {}

Timetable::Timetable(Schedule schedule, TimetableOptions options)
    : Timetable(std::make_shared<const Schedule>(std::move(schedule)), std::move(options)) {}

Timetable::Timetable(std::shared_ptr<const Schedule> schedule, TimetableOptions options)
    : schedule_(std::move(schedule)) {
  const bool needs_calendar = options.during_sessions || options.roll != Roll::kSkip ||
                              options.on || !options.session_times.empty();
  const bool has_what_it_needs = options.calendar != nullptr || !needs_calendar;
  CHECK(has_what_it_needs, "days and sessions are a calendar's");
  if (has_options(options)) options_ = std::make_shared<const TimetableOptions>(std::move(options));
}

// One question to what the calendar makes of the schedule.
template <class Ask>
auto Timetable::ask(const Calendar& calendar, const Ask& question) const {
  const TimetableOptions& options = *options_;
  const bool ordinal = options.on && options.on->ordinal;
  const DayRule* const rule = ordinal ? &*options.on : nullptr;
  if (hangs_on_sessions()) return question(SessionRelative{options.session_times, calendar, rule});
  const bool shifts = options.on && !ordinal;
  if (shifts || options.roll != Roll::kSkip) {
    // T+0 is the day itself, or the next business day.
    const Roll roll = options.roll == Roll::kSkip ? Roll::kNext : options.roll;
    return question(Moved{*schedule_, calendar, roll, shifts ? options.on->shift : 0});
  }
  return question(Windowed{*schedule_, calendar, rule, options.during_sessions});
}

bool Timetable::is_rhythm() const {
  if (const auto* cron = std::get_if<Cron>(schedule_.get())) return cron->repeats();
  return std::holds_alternative<Every>(*schedule_) || std::holds_alternative<Delay>(*schedule_);
}

std::shared_ptr<const Calendar> Timetable::calendar() const {
  return options_ && options_->calendar ? options_->calendar->edition() : nullptr;
}

Occurrence Timetable::nominal_after(TimePoint after) const {
  if (after == kNever) return {.refusal = {}};
  const auto latest = calendar();
  if (!latest) return bare(next_due(*schedule_, after));
  return ask(*latest, [after](const auto& times) { return times.next(after); });
}

Occurrence Timetable::nominal_before(TimePoint before) const {
  if (before == TimePoint::min()) return bare(before);
  const auto latest = calendar();
  if (!latest) return bare(previous_due(*schedule_, before));
  return ask(*latest, [before](const auto& times) { return times.previous(before); });
}

// How much later than its nominal time an occurrence may start at most, by its window.
Micros Timetable::room_after(TimePoint nominal) const {
  TimePoint end = kNever;
  if (const auto latest = calendar()) {
    const Window window = hangs_on_sessions()         ? Window::kEdge
                          : options_->during_sessions ? Window::kSession
                                                      : Window::kDate;
    end = window_end(*latest, nominal, window);
  }
  if (const auto& limit = options_->not_after; limit && limit->on_date_of(nominal) > nominal)
    end = std::min(end, limit->on_date_of(nominal));
  if (end == kNever) return jitter();
  // A start at the last moment would be over the end when it happens.
  const Micros room = end - nominal;
  return std::min(jitter(), room > 2 * kNearTheEnd ? room - kNearTheEnd : room / 2);
}

TimePoint Timetable::with_jitter(TimePoint nominal, Micros room) const {
  if (room <= 0us) return nominal;
  const std::uint64_t drawn = mixed(options_->seed, static_cast<std::uint64_t>(to_micros(nominal)));
  return nominal +
         Micros{static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(room.count()))};
}

TimePoint Timetable::start_of(TimePoint nominal) const {
  if (jitter() == 0us || nominal == kNever || nominal == TimePoint::min()) return nominal;
  // What a pause between runs comes to is due when it starts.
  if (std::holds_alternative<Delay>(*schedule_)) return nominal;
  const TimePoint next = nominal_after(nominal).nominal;
  const Micros room = room_after(nominal);
  return with_jitter(nominal, next == kNever ? room : std::min(room, next - nominal));
}

Occurrence Timetable::next(TimePoint after) const {
  if (!options_) return bare(next_due(*schedule_, after));
  Occurrence found = nominal_after(after);
  if (found.refusal.empty()) found.start = start_of(found.nominal);
  return found;
}

Occurrence Timetable::previous(TimePoint before) const {
  Occurrence found = nominal_before(before);
  if (found.refusal.empty()) found.start = start_of(found.nominal);
  return found;
}

DueSpan Timetable::due_in(TimePoint after, TimePoint until) const {
  const auto latest = calendar();
  DueSpan span;
  if (latest)
    span = ask(*latest, [&](const auto& times) { return times.in(after, until); });
  else
    span.runnable = occurrences_in(*schedule_, after, until);
  // No start reaches the next nominal time, so that only the last may lie ahead.
  Occurrences& runnable = span.runnable;
  if (runnable.count == 0 || start_of(runnable.last) <= until) return span;
  if (--runnable.count == 0) {
    runnable = {};
    return span;
  }
  Occurrence before = nominal_before(runnable.last);
  while (!before.refusal.empty())
    before = nominal_before(before.nominal);
  runnable.last = before.nominal;
  return span;
}

Occurrence Timetable::first_from(TimePoint at) const {
  const auto latest = calendar();
  Occurrence found = bare(at);
  if (latest) {
    const bool ordinal = options_->on && options_->on->ordinal;
    found =
        Windowed{*schedule_, *latest, ordinal ? &*options_->on : nullptr, options_->during_sessions}
            .first_from(at);
  }
  if (jitter() > 0us && found.nominal != kNever && found.refusal.empty())
    found.start = with_jitter(found.nominal, room_after(found.nominal));
  return found;
}

std::optional<std::string> Timetable::calendar_ends_soon(TimePoint now) const {
  const auto latest = calendar();
  return latest ? latest->ends_soon(now) : std::nullopt;
}

}  // namespace systask::scheduler
