#include "peers/drill/recoveries.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "peers/drill/rows.h"
#include "peers/flow/api.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;
using flow::integer_member;
using flow::text_member;

// A site that came back may still be given up for its old process within this time.
constexpr std::chrono::seconds kAftermath{5};

std::optional<TimePoint> time_member(const json::value& row, std::string_view key) {
  return from_rfc3339(text_member(row, key));
}

void raise(std::optional<double>& longest, std::optional<TimePoint> from,
           std::optional<TimePoint> to) {
  if (!from || !to) return;
  const double ms = std::chrono::duration<double, std::milli>(*to - *from).count();
  longest = std::max(longest.value_or(0), ms);
}

bool belongs(const Recovery& row, const std::vector<Kill>& kills, std::size_t which) {
  const Kill& kill = kills[which];
  if (row.from_site != kill.target || !row.noticed_at || *row.noticed_at < kill.at) return false;
  return std::none_of(kills.begin() + static_cast<std::ptrdiff_t>(which) + 1, kills.end(),
                      [&](const Kill& later) {
                        return later.target == kill.target && later.at <= *row.noticed_at;
                      });
}

}  // namespace

std::vector<Recovery> read_recoveries(const json::value& rows) {
  std::vector<Recovery> recoveries;
  for (const json::value& row : rows_of(rows))
    recoveries.push_back({.plan = integer_member(row, "plan"),
                          .attempt = integer_member(row, "attempt"),
                          .from_site = text_member(row, "from_site"),
                          .to_site = text_member(row, "to_site"),
                          .outcome = text_member(row, "outcome"),
                          .replayed = integer_member(row, "replayed"),
                          .noticed_at = time_member(row, "noticed_at"),
                          .offered_at = time_member(row, "offered_at"),
                          .rebuilt_at = time_member(row, "rebuilt_at"),
                          .claimed_at = time_member(row, "claimed_at"),
                          .replayed_at = time_member(row, "replayed_at"),
                          .finished_at = time_member(row, "finished_at")});
  return recoveries;
}

Phases phases_of(const std::vector<Kill>& kills, std::size_t which,
                 const std::vector<Recovery>& recoveries) {
  Phases phases;
  std::vector<std::int64_t> plans;
  for (const Recovery& row : recoveries) {
    if (!belongs(row, kills, which)) continue;
    plans.push_back(row.plan);
    // A later attempt begins where the one before it failed.
    if (row.attempt <= 1) raise(phases.notice, kills[which].at, row.noticed_at);
    raise(phases.choose, row.noticed_at, row.offered_at);
    raise(phases.rebuild, row.offered_at, row.rebuilt_at ? row.rebuilt_at : row.claimed_at);
    raise(phases.claim, row.rebuilt_at, row.claimed_at);
    raise(phases.replay, row.claimed_at, row.replayed_at);
    raise(phases.finish, row.replayed_at, row.finished_at);
    raise(phases.all_normal, kills[which].at, row.finished_at);
  }
  std::ranges::sort(plans);
  plans.erase(std::unique(plans.begin(), plans.end()), plans.end());
  phases.plans = plans.size();
  return phases;
}

std::vector<Recovery> unexplained(const std::vector<Kill>& kills,
                                  const std::vector<Recovery>& recoveries) {
  std::vector<Recovery> found;
  for (const Recovery& row : recoveries) {
    const bool given_away = row.claimed_at && row.to_site != row.from_site;
    const bool explained = std::ranges::any_of(kills, [&](const Kill& kill) {
      return kill.target == row.from_site && row.noticed_at && *row.noticed_at >= kill.at &&
             (!kill.back_at || *row.noticed_at <= *kill.back_at + kAftermath);
    });
    if (given_away && !explained) found.push_back(row);
  }
  return found;
}

}  // namespace systask::peers::drill
