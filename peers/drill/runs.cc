#include "peers/drill/runs.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "peers/drill/rows.h"
#include "peers/flow/api.h"

namespace systask::peers::drill {

RunAccount account_of_runs(const boost::json::value& rows, const std::vector<Kill>& kills) {
  TimePoint last_death = TimePoint::min();
  for (const Kill& kill : kills)
    if (kill.target == "service") last_death = std::max(last_death, kill.at);
  RunAccount account;
  for (const boost::json::value& row : rows_of(rows)) {
    const std::string outcome = flow::text_member(row, "outcome");
    const std::string nominal = flow::text_member(row, "nominal");
    ++account.outcomes[outcome];
    if (flow::integer_member(row, "attempt") > 1) ++account.made_again;
    const auto due = from_rfc3339(nominal);
    const bool open = outcome == "runs" || outcome == "waits";
    if (open && due && *due <= last_death)
      account.unsettled.push_back(
          fmt::format("run {} of {}, due at {}, was claimed when the service died, and has no "
                      "outcome",
                      flow::integer_member(row, "run"), flow::text_member(row, "task"), nominal));
  }
  return account;
}

}  // namespace systask::peers::drill
