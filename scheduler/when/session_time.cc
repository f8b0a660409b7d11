#include "scheduler/when/session_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using Edge = SessionTime::Edge;

struct EdgeName {
  std::string_view name;
  Edge edge;
};
constexpr std::array kEdgeNames{EdgeName{"open", Edge::kOpen}, EdgeName{"close", Edge::kClose},
                                EdgeName{"break_start", Edge::kBreakStart},
                                EdgeName{"break_end", Edge::kBreakEnd}};

std::string without_spaces(std::string_view text) {
  std::string found{text};
  std::erase_if(found, [](unsigned char c) { return std::isspace(c) != 0; });
  return found;
}

std::optional<SessionTime> parse_one(std::string_view text) {
  const std::string packed = without_spaces(text);
  std::string_view rest = packed;
  const std::string_view word = rest.substr(0, rest.find_first_of("+-["));
  rest.remove_prefix(word.size());
  const auto edge = std::ranges::find(kEdgeNames, word, &EdgeName::name);
  if (edge == kEdgeNames.end()) return std::nullopt;
  SessionTime time{edge->edge, kDaySession, {}};
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    time.session = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  }
  if (rest.empty()) return time;
  const bool back = rest.front() == '-';
  if (!back && rest.front() != '+') return std::nullopt;
  const auto offset = parse_duration(rest.substr(1));
  if (!offset || *offset > std::chrono::days{1}) return std::nullopt;
  time.offset = back ? -*offset : *offset;
  return time;
}

using Parts = std::vector<Calendar::OpenPart>;

void add_times(const Parts& parts, const SessionTime& time, std::vector<TimePoint>& into) {
  switch (time.edge) {
    case Edge::kOpen: into.push_back(parts.front().begin + time.offset); break;
    case Edge::kClose: into.push_back(parts.back().end + time.offset); break;
    case Edge::kBreakStart:
      for (std::size_t i = 0; i + 1 < parts.size(); ++i)
        into.push_back(parts[i].end + time.offset);
      break;
    case Edge::kBreakEnd:
      for (std::size_t i = 1; i < parts.size(); ++i)
        into.push_back(parts[i].begin + time.offset);
      break;
  }
}

}  // namespace

bool is_session_time(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin != std::string_view::npos &&
         std::isalpha(static_cast<unsigned char>(text[begin])) != 0;
}

Result<std::vector<SessionTime>> parse_session_times(std::string_view text) {
  std::vector<SessionTime> times;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    auto time = parse_one(rest.substr(0, comma));
    if (!time)
      return Refusal{"BAD_SESSION_TIME",
                     fmt::format("'{}' is no time of a session: expected open, close, break_start "
                                 "or break_end, such as open-30m, close+15m or open[night], at "
                                 "most a day away",
                                 rest.substr(0, comma))};
    times.push_back(*std::move(time));
    if (comma == std::string_view::npos) return times;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<TimePoint> times_of_day(const Calendar& calendar, std::size_t day,
                                    const std::vector<SessionTime>& times) {
  std::vector<TimePoint> found;
  for (const SessionTime& time : times) {
    Parts parts;
    for (const Calendar::OpenPart& part : calendar.parts_of(day))
      if (calendar.session_name(part.session) == time.session) parts.push_back(part);
    if (!parts.empty()) add_times(parts, time, found);
  }
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

}  // namespace systask::scheduler
