#include "scheduler/engine/exclusive.h"

#include <algorithm>
#include <set>

namespace systask::scheduler {

bool ExclusiveNames::enter(RunId run, std::span<const std::string> names) {
  for (const Waiting& earlier : line_)
    for (const std::string& name : names)
      if (std::ranges::count(earlier.names, name) > 0) {
        line_.push_back({run, {names.begin(), names.end()}});
        return false;
      }
  if (take(run, names)) return true;
  line_.push_back({run, {names.begin(), names.end()}});
  return false;
}

std::vector<RunId> ExclusiveNames::leave(RunId run) {
  std::erase_if(taken_, [run](const auto& taken) { return taken.second == run; });
  std::erase_if(line_, [run](const Waiting& waiting) { return waiting.run == run; });
  std::vector<RunId> started;
  std::set<std::string, std::less<>> wanted;  // by those earlier in the line
  for (auto at = line_.begin(); at != line_.end();) {
    const bool behind = std::ranges::any_of(
        at->names, [&](const std::string& name) { return wanted.contains(name); });
    if (!behind && take(at->run, at->names)) {
      started.push_back(at->run);
      at = line_.erase(at);
      continue;
    }
    wanted.insert(at->names.begin(), at->names.end());
    ++at;
  }
  return started;
}

RunId ExclusiveNames::holder(std::span<const std::string> names) const {
  for (const std::string& name : names)
    if (const auto found = taken_.find(name); found != taken_.end()) return found->second;
  return RunId{};
}

bool ExclusiveNames::take(RunId run, std::span<const std::string> names) {
  for (const std::string& name : names)
    if (taken_.contains(name)) return false;
  for (const std::string& name : names)
    taken_.emplace(name, run);
  return true;
}

}  // namespace systask::scheduler
