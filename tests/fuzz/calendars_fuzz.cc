// Whatever text is given as calendars, the reader answers with calendars or with mistakes that say
// where and what; and a calendar that it accepts has its business days and sessions in order.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "service/config/calendars.h"

namespace {

using namespace systask;

constexpr int kDays = 40;

void check_sessions(const Calendar& calendar, Date date) {
  const auto sessions = calendar.sessions(date);
  if (!sessions) return;  // not covered, or not known
  TimePoint last = TimePoint::min();
  for (const Session& session : *sessions) {
    CHECK(session.date == date, "a session of another date");
    CHECK(!session.parts.empty(), "a session without hours");
    for (const Session::Open& part : session.parts) {
      CHECK(last <= part.begin, "sessions overlap");
      CHECK(part.begin < part.end, "a part ends before it begins");
      last = part.end;
    }
  }
}

void check_calendar(const Calendar& calendar) {
  CHECK(calendar.rules().first <= calendar.rules().last, "it covers nothing");
  CHECK(!calendar.sessions(calendar.rules().last + std::chrono::days{1}), "it guesses");
  Date date = calendar.rules().first;
  for (int i = 0; i < kDays; ++i) {
    check_sessions(calendar, date);
    const auto next = calendar.next_business_day(date);
    if (!next) break;
    CHECK(*next > date, "the next business day is not later");
    CHECK(calendar.is_business_day(*next).value(), "the next business day is none");
    CHECK(calendar.shift(*next, 0).value() == *next, "T+0 is another day");
    date = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  const auto read = service::read_calendars(text, "fuzz/calendar.yaml");
  if (!read) {
    CHECK(!read.error().all.empty(), "refused, and no mistake is named");
    CHECK(!to_text(read.error()).empty(), "nothing to show");
    return 0;
  }
  for (const auto& [name, named] : read->calendars)
    check_calendar(*named.calendar->edition());
  return 0;
}
