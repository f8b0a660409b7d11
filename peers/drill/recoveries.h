// The platform's record of takeovers, set against what the drill did: how long each phase
// took after each kill, and takeovers that no kill explains. Values; pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace systask::peers::drill {

// One attempt to recover one plan: a row of GET /api/recoveries.
struct Recovery {
  std::int64_t plan = 0;
  std::int64_t attempt = 0;
  std::string from_site;
  std::string to_site;
  std::string outcome;
  std::int64_t replayed = 0;
  std::optional<TimePoint> noticed_at;
  std::optional<TimePoint> offered_at;
  std::optional<TimePoint> rebuilt_at;
  std::optional<TimePoint> claimed_at;
  std::optional<TimePoint> replayed_at;
  std::optional<TimePoint> finished_at;
};

// Accepts a list, or an object with one.
[[nodiscard]] std::vector<Recovery> read_recoveries(const boost::json::value& rows);

// Something that the drill did to a process.
struct Kill {
  std::string target;      // a site's name, or "service"
  std::string signal;      // "KILL", "STOP", "TERM"
  std::int64_t acked = 0;  // messages acknowledged to the flow by then
  TimePoint at;
  std::optional<TimePoint> back_at;  // when it was started or continued again
};

// Milliseconds: of each phase the longest that any plan took; nothing where no plan came
// to it. `all_normal` is from the kill until the last plan ran again.
struct Phases {
  std::size_t plans = 0;
  std::optional<double> notice;
  std::optional<double> choose;
  std::optional<double> rebuild;
  std::optional<double> claim;
  std::optional<double> replay;
  std::optional<double> finish;
  std::optional<double> all_normal;
};
[[nodiscard]] Phases phases_of(const std::vector<Kill>& kills, std::size_t which,
                               const std::vector<Recovery>& recoveries);

// Plans given to another site though nothing had been done to theirs.
[[nodiscard]] std::vector<Recovery> unexplained(const std::vector<Kill>& kills,
                                                const std::vector<Recovery>& recoveries);

}  // namespace systask::peers::drill
