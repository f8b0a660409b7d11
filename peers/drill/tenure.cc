#include "peers/drill/tenure.h"

#include <algorithm>

namespace systask::peers::drill {
namespace {

Tenure& tenure_in(std::vector<Tenure>& tenures, const SiteTrace& process, std::int64_t epoch) {
  for (Tenure& tenure : tenures)
    if (tenure.process == &process && tenure.epoch == epoch) return tenure;
  return tenures.emplace_back(Tenure{&process, epoch});
}

void add_line(Tenure& tenure, const SiteLine& line) {
  switch (line.kind) {
    case 'R': tenure.rebuilt = &line; break;
    case 'E':
    case 'K':
    case 'C': tenure.line.push_back(&line); break;
    case 'X': tenure.dropped = true; break;
    case 'D': tenure.digest = &line; break;
    default: break;
  }
}

}  // namespace

std::map<std::int64_t, std::vector<Tenure>> tenures_of(const std::vector<SiteTrace>& sites) {
  std::map<std::int64_t, std::vector<Tenure>> tenures;
  for (const SiteTrace& process : sites)
    for (const SiteLine& line : process.lines)
      if (std::string_view{"REKCXD"}.find(line.kind) != std::string_view::npos)
        add_line(tenure_in(tenures[line.plan], process, line.epoch), line);
  for (auto& [plan, of_plan] : tenures)
    std::ranges::stable_sort(of_plan, {}, &Tenure::epoch);
  return tenures;
}

}  // namespace systask::peers::drill
