// Times that hang on the sessions of a business date: "open-30m", "close+15m",
// "open[night]", "break_start". Plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "calendar/calendar.h"

namespace systask::scheduler {

struct SessionTime {
  enum class Edge { kOpen, kClose, kBreakStart, kBreakEnd };
  Edge edge = Edge::kOpen;
  std::string session = kDaySession;
  Micros offset{0};  // at most a day, either way
};

// It begins with a word, as no time of day does.
[[nodiscard]] bool is_session_time(std::string_view text);
// Several separated by commas. BAD_SESSION_TIME.
[[nodiscard]] Result<std::vector<SessionTime>> parse_session_times(std::string_view text);

// The instants of one business day, given by its index: in order, each once. A day without
// such a session, or without a break, has none; one with several breaks has several.
[[nodiscard]] std::vector<TimePoint> times_of_day(const Calendar& calendar, std::size_t day,
                                                  const std::vector<SessionTime>& times);

}  // namespace systask::scheduler
