// A Calendar says which dates are business days, and when their sessions open and close. It
// answers for the dates it covers, and refuses all others with NO_CALENDAR_DATA: it never
// guesses. Immutable, and shared; any thread. An answer costs a binary search.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "calendar/calendar_rules.h"

namespace systask {

// One session of a business date. Its parts are half-open: at its end a part is over.
struct Session {
  struct Open {
    TimePoint begin;
    TimePoint end;

    friend bool operator==(const Open&, const Open&) = default;
  };
  Date date;
  std::string name;
  std::vector<Open> parts;  // one or more, in order of time; between them it breaks

  [[nodiscard]] TimePoint open() const { return parts.front().begin; }
  [[nodiscard]] TimePoint close() const { return parts.back().end; }
};

// What becomes of a date that is no business day. Modified following: the next, unless that
// is in another month; then the previous.
enum class Roll { kSkip, kPrevious, kNext, kModifiedFollowing };

// A week begins after the weekend, or on the day that the rules say.
enum class Period { kWeek, kMonth };

// The month that holds the date.
[[nodiscard]] DateSpan month_of(Date date);

class Calendar {
 public:
  // Every fault of the rules, in order of date.
  static std::vector<CalendarFault> faults_in(const CalendarRules& rules);
  // BAD_CALENDAR, with the first fault.
  static Result<std::shared_ptr<const Calendar>> make(CalendarRules rules);

  [[nodiscard]] const std::string& name() const { return rules_.name; }
  [[nodiscard]] const Zone& zone() const { return rules_.zone; }
  [[nodiscard]] const ZoneTable& zone_table() const { return *zone_; }
  [[nodiscard]] const CalendarRules& rules() const { return rules_; }
  [[nodiscard]] bool covers(Date date) const { return rules_.first <= date && date <= rules_.last; }
  // Why there is no answer for a date that is not covered: the same for all of them.
  [[nodiscard]] std::string no_data() const;
  // Why sessions are not known though the date is covered; empty: they are.
  [[nodiscard]] const std::string& sessions_unknown() const { return rules_.why_unknown; }
  // It has session hours, or will have them from outside.
  [[nodiscard]] bool has_sessions() const {
    return rules_.sessions_from_outside || !parts_.empty();
  }
  [[nodiscard]] bool has_session(std::string_view name) const;

  // In order of time; none where it is no business day, or one without hours.
  [[nodiscard]] Result<std::vector<Session>> sessions(Date date) const;
  [[nodiscard]] Result<bool> is_business_day(Date date) const;
  // Strictly after, strictly before the date.
  [[nodiscard]] Result<Date> next_business_day(Date date) const;
  [[nodiscard]] Result<Date> previous_business_day(Date date) const;
  // Nothing: the date is no business day, and is skipped.
  [[nodiscard]] Result<std::optional<Date>> roll(Date date, Roll how) const;
  // T+n: the n-th business day after the date, or before it where n is negative; 0: the date
  // itself or, where it is no business day, the next.
  [[nodiscard]] Result<Date> shift(Date date, int n) const;
  // The month, or the week of this calendar, that holds the date; also one that is not covered.
  // Where the weekend moves from one day to another, one week is shorter or longer than the rest.
  [[nodiscard]] DateSpan span_of(Period period, Date date) const;
  // The n-th business day of the month or week that holds the date, from its end where n is
  // negative; nothing where it has fewer. n is not 0.
  [[nodiscard]] Result<std::optional<Date>> nth_business_day(Period period, Date date, int n) const;
  // The date whose session the instant lies in; outside of sessions its civil date or, where
  // that is no business day, the next one that is.
  [[nodiscard]] Result<Date> business_date_of(TimePoint at) const;

  // For schedules. All business days that are covered, in order.
  [[nodiscard]] std::span<const Date> business_days() const { return business_days_; }
  // One part of one session; all of them in order of time, none overlapping.
  struct OpenPart {
    TimePoint begin;
    TimePoint end;
    std::uint32_t day;      // index into business_days()
    std::uint32_t session;  // which of session_names()
  };
  [[nodiscard]] std::span<const OpenPart> parts() const { return parts_; }
  [[nodiscard]] std::span<const OpenPart> parts_of(std::size_t day) const;
  [[nodiscard]] const std::string& session_name(std::uint32_t index) const {
    return session_names_[index];
  }
  // How far sessions reach into the time before, and after, the civil day of their date.
  [[nodiscard]] Micros longest_lead() const { return longest_lead_; }
  [[nodiscard]] Micros longest_lag() const { return longest_lag_; }

  // So many days are left of the covered range at `now`: 0 on its last date, less after it.
  [[nodiscard]] std::int64_t days_left(TimePoint now) const;
  // A sentence, from 60 days before the last covered date; nothing while it lasts longer.
  [[nodiscard]] std::optional<std::string> ends_soon(TimePoint now) const;

 private:
  explicit Calendar(CalendarRules rules);
  std::vector<CalendarFault> compute();
  void add_session(Date date, const SessionHours& hours, std::vector<CalendarFault>& faults);
  [[nodiscard]] Refusal refusal(Date date) const;
  [[nodiscard]] std::size_t index_from(Date date) const;  // of the first at or after it
  [[nodiscard]] bool begins_week(Date date) const;

  CalendarRules rules_;
  const ZoneTable* zone_;
  std::vector<Date> business_days_;
  std::vector<OpenPart> parts_;
  std::vector<std::uint32_t> first_part_;  // by business day, and one more
  std::vector<std::string> session_names_;
  std::vector<unsigned> weeks_begin_;  // on which weekday, by week of the rules
  Micros longest_lead_{0};
  Micros longest_lag_{0};
};

}  // namespace systask
