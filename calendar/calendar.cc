#include "calendar/calendar.h"

#include <fmt/format.h>

#include <algorithm>

namespace systask {
namespace {

using std::chrono::days;

constexpr std::int64_t kWarnDays = 60;
constexpr std::size_t kMostFaults = 20;

}  // namespace

DateSpan month_of(Date date) {
  const std::chrono::year_month_day day{date};
  const std::chrono::year_month month{day.year(), day.month()};
  return {Date{month / 1}, Date{month / std::chrono::last}};
}

Calendar::Calendar(CalendarRules rules)
    : rules_(std::move(rules)), zone_(&ZoneTable::of(rules_.zone)) {
  for (const WeekHours& week : rules_.weeks)
    weeks_begin_.push_back(rules_.week_begins.value_or(day_after_weekend(week)));
}

std::vector<CalendarFault> Calendar::faults_in(const CalendarRules& rules) {
  return Calendar{rules}.compute();
}

Result<std::shared_ptr<const Calendar>> Calendar::make(CalendarRules rules) {
  const std::shared_ptr<Calendar> made{new Calendar{std::move(rules)}};
  const std::vector<CalendarFault> faults = made->compute();
  if (!faults.empty())
    return Refusal{"BAD_CALENDAR",
                   fmt::format("calendar '{}': {}", made->name(), faults.front().message)};
  return std::shared_ptr<const Calendar>{made};
}

// Fills in the tables; what is at fault is left out of them.
std::vector<CalendarFault> Calendar::compute() {
  std::vector<CalendarFault> faults;
  for (Date date = rules_.first; date <= rules_.last; date += days{1}) {
    if (faults.size() >= kMostFaults) break;
    if (week_on(rules_, date) == nullptr) {
      faults.push_back({date, fmt::format("no week says anything of {}", iso_date(date))});
      break;
    }
    const Result<std::optional<DayHours>> hours = hours_on(rules_, date);
    if (!hours) faults.push_back({date, hours.error().message});
    if (!hours || !*hours) continue;
    first_part_.push_back(static_cast<std::uint32_t>(parts_.size()));
    business_days_.push_back(date);
    for (const SessionHours& session : **hours)
      add_session(date, session, faults);
    std::sort(parts_.begin() + first_part_.back(), parts_.end(),
              [](const OpenPart& a, const OpenPart& b) { return a.begin < b.begin; });
    for (std::size_t i = std::max<std::size_t>(first_part_.back(), 1); i < parts_.size(); ++i)
      if (parts_[i].begin < parts_[i - 1].end) {
        faults.push_back({date, fmt::format("the sessions of {} begin before what comes before "
                                            "them has ended: hours must not overlap",
                                            iso_date(date))});
        parts_.resize(i);
      }
  }
  first_part_.push_back(static_cast<std::uint32_t>(parts_.size()));
  return faults;
}

void Calendar::add_session(Date date, const SessionHours& hours,
                           std::vector<CalendarFault>& faults) {
  const auto known = std::ranges::find(session_names_, hours.name);
  const auto index = static_cast<std::uint32_t>(known - session_names_.begin());
  if (known == session_names_.end()) session_names_.push_back(hours.name);
  const auto day = static_cast<std::uint32_t>(business_days_.size() - 1);
  const auto instant = [&](const Moment& moment) {
    const Date from = moment.previous_business_day ? business_days_[day - 1] : date;
    return instant_of(*zone_, std::chrono::local_seconds{from} + moment.offset);
  };
  for (const HoursPart& part : hours.parts) {
    if (day == 0 && (part.begin.previous_business_day || part.end.previous_business_day)) {
      if (rules_.sessions_from_outside) continue;  // nobody says when: it has no evening
      faults.push_back(
          {date, fmt::format("session '{}' of {} opens on the business day before, of which the "
                             "calendar says nothing: cover an earlier business day, or give the "
                             "hours of this date with -1d or -3d",
                             hours.name, iso_date(date))});
      return;
    }
    const OpenPart open{instant(part.begin), instant(part.end), day, index};
    if (open.end <= open.begin) {
      // A part in the hour that a clock change leaves out does not exist that day.
      if (open.end == open.begin) continue;
      faults.push_back({date, fmt::format("session '{}' of {} ends before it begins", hours.name,
                                          iso_date(date))});
      return;
    }
    parts_.push_back(open);
    longest_lead_ = std::max(longest_lead_, midnight_of(*zone_, date) - open.begin);
    longest_lag_ = std::max(longest_lag_, open.end - midnight_of(*zone_, date + days{1}));
  }
}

std::string Calendar::no_data() const {
  return fmt::format("calendar '{}' has no data for the date: it covers {} to {}; extend it ({})",
                     name(), iso_date(rules_.first), iso_date(rules_.last), rules_.source);
}

Refusal Calendar::refusal(Date date) const {
  return {
      "NO_CALENDAR_DATA",
      fmt::format("calendar '{}' has no data for {}: it covers {} to {}; extend it ({})", name(),
                  iso_date(date), iso_date(rules_.first), iso_date(rules_.last), rules_.source)};
}

bool Calendar::has_session(std::string_view name) const {
  return rules_.sessions_from_outside ? name == kDaySession
                                      : std::ranges::count(session_names_, name) > 0;
}

std::size_t Calendar::index_from(Date date) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(business_days_, date) -
                                  business_days_.begin());
}

std::span<const Calendar::OpenPart> Calendar::parts_of(std::size_t day) const {
  return std::span{parts_}.subspan(first_part_[day], first_part_[day + 1] - first_part_[day]);
}

Result<std::vector<Session>> Calendar::sessions(Date date) const {
  if (!covers(date)) return refusal(date);
  std::vector<Session> found;
  const std::size_t day = index_from(date);
  if (day == business_days_.size() || business_days_[day] != date) return found;
  if (!rules_.why_unknown.empty()) return Refusal{"NO_CALENDAR_DATA", rules_.why_unknown};
  for (const OpenPart& part : parts_of(day)) {
    const std::string& session = session_names_[part.session];
    auto known = std::ranges::find(found, session, &Session::name);
    if (known == found.end()) known = found.insert(found.end(), Session{date, session, {}});
    known->parts.push_back({part.begin, part.end});
  }
  return found;
}

Result<bool> Calendar::is_business_day(Date date) const {
  if (!covers(date)) return refusal(date);
  return std::ranges::binary_search(business_days_, date);
}

Result<Date> Calendar::next_business_day(Date date) const { return shift(date, 1); }

Result<Date> Calendar::previous_business_day(Date date) const { return shift(date, -1); }

Result<std::optional<Date>> Calendar::roll(Date date, Roll how) const {
  const auto business = is_business_day(date);
  if (!business) return business.error();
  if (*business) return std::optional{date};
  if (how == Roll::kSkip) return std::optional<Date>{};
  const auto next = next_business_day(date);
  if (how != Roll::kPrevious && !next) return next.error();
  const bool back =
      how == Roll::kPrevious || (how == Roll::kModifiedFollowing && *next > month_of(date).last);
  if (!back) return std::optional{*next};
  const auto previous = previous_business_day(date);
  if (!previous) return previous.error();
  return std::optional{*previous};
}

Result<Date> Calendar::shift(Date date, int n) const {
  if (!covers(date)) return refusal(date);
  const std::size_t from = index_from(date);
  const bool business = from < business_days_.size() && business_days_[from] == date;
  // Of a date between business days, `from` is already the first after it.
  const std::int64_t target = static_cast<std::int64_t>(from) + n - (n > 0 && !business ? 1 : 0);
  if (target < 0) return refusal(rules_.first - days{1});
  if (target >= static_cast<std::int64_t>(business_days_.size()))
    return refusal(rules_.last + days{1});
  return business_days_[static_cast<std::size_t>(target)];
}

bool Calendar::begins_week(Date date) const {
  // Beyond what is covered, weeks go on as they are at its ends.
  const WeekHours* week = week_on(rules_, std::clamp(date, rules_.first, rules_.last));
  const unsigned first = week == nullptr
                             ? std::chrono::Monday.c_encoding()
                             : weeks_begin_[static_cast<std::size_t>(week - rules_.weeks.data())];
  return std::chrono::weekday{date}.c_encoding() == first;
}

DateSpan Calendar::span_of(Period period, Date date) const {
  if (period == Period::kMonth) return month_of(date);
  Date first = date;
  while (!begins_week(first))
    first -= days{1};
  Date after = date + days{1};
  while (!begins_week(after))
    after += days{1};
  return {first, after - days{1}};
}

Result<std::optional<Date>> Calendar::nth_business_day(Period period, Date date, int n) const {
  if (!covers(date)) return refusal(date);
  const DateSpan span = span_of(period, date);
  const auto begin = static_cast<std::int64_t>(index_from(span.first));
  const auto end = static_cast<std::int64_t>(index_from(span.last + days{1}));
  const std::int64_t index = n > 0 ? begin + n - 1 : end + n;
  const bool found = begin <= index && index < end;
  // The side that is counted from must be known, and all of it where there are too few.
  if ((n > 0 || !found) && !covers(span.first)) return refusal(span.first);
  if ((n < 0 || !found) && !covers(span.last)) return refusal(span.last);
  if (!found) return std::optional<Date>{};
  return std::optional{business_days_[static_cast<std::size_t>(index)]};
}

Result<Date> Calendar::business_date_of(TimePoint at) const {
  const Date date = date_at(*zone_, at);
  if (!rules_.why_unknown.empty() && covers(date))
    return Refusal{"NO_CALENDAR_DATA", rules_.why_unknown};
  const auto after = std::ranges::upper_bound(parts_, at, {}, &OpenPart::begin);
  if (after != parts_.begin() && at < std::prev(after)->end)
    return business_days_[std::prev(after)->day];
  if (!covers(date)) return refusal(date);
  const std::size_t day = index_from(date);
  // After the last session that is known may come one, this evening, of a date that is not.
  const bool last = day + 1 >= business_days_.size() && after == parts_.end();
  if (last && longest_lead_ > Micros{0}) return refusal(rules_.last + days{1});
  if (day == business_days_.size()) return refusal(rules_.last + days{1});
  return business_days_[day];
}

std::int64_t Calendar::days_left(TimePoint now) const {
  return (rules_.last - date_at(*zone_, now)).count();
}

std::optional<std::string> Calendar::ends_soon(TimePoint now) const {
  const std::int64_t left = days_left(now);
  if (left > kWarnDays) return std::nullopt;
  if (left < 0)
    return fmt::format(
        "calendar '{}' ended on {}: occurrences after it are refused; extend it "
        "({})",
        name(), iso_date(rules_.last), rules_.source);
  return fmt::format(
      "calendar '{}' ends on {}, in {} days: occurrences after it will be refused; "
      "extend it ({})",
      name(), iso_date(rules_.last), left, rules_.source);
}

}  // namespace systask
