// What the other processes wrote about themselves, parsed: the traces of sites and flow.
// Values; the parsers are pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace systask::peers::drill {

// One line of a site's trace. `seq` is a place in the plan's line: of E, K, C the number,
// of R the snapshot, of D and F the last.
struct SiteLine {
  char kind = 0;  // S R E K C F X O D .
  std::int64_t plan = 0;
  std::int64_t epoch = 0;
  std::int64_t seq = 0;
  std::int64_t skipped = 0;  // of R
  std::string text;          // message id of E, topic of C, digest of D
};

// Nothing where the line is not one of the format.
[[nodiscard]] std::optional<SiteLine> parse_site_line(std::string_view line);

// All that one process of a site recorded.
struct SiteTrace {
  std::string site;
  int process = 1;         // of this site, from 1
  bool disturbed = false;  // the drill killed or stopped it
  std::vector<SiteLine> lines;
};

// What the flow sent first, plan by plan in the order sent, and the ids under which it sent
// fills again, which must have no effect.
struct FlowTrace {
  std::map<std::int64_t, std::vector<std::string>> sent;
  std::unordered_map<std::string, std::string> resent;  // its id: that of the first
};

// False where the line is not one of the format.
bool add_flow_line(FlowTrace& trace, std::string_view line);

}  // namespace systask::peers::drill
