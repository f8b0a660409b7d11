#include "service/app/lane_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "service/config/setting_changes.h"

namespace systask::service {
namespace {

std::size_t threads_of(int priority, const scheduler::LaneSet& lanes) {
  for (const scheduler::Lanes::Depth& depth : lanes.depths())
    if (depth.priority == priority) return depth.threads;
  return 0;
}

}  // namespace

std::vector<std::string> apply_lanes(const std::map<int, LaneConfig>& after,
                                     std::map<int, LaneConfig>& now, scheduler::LaneSet& lanes,
                                     scheduler::LaneSizes& sizes) {
  std::vector<std::string> restart;
  for (const auto& [priority, lane] : after) {
    const auto known = now.find(priority);
    const bool is_new = known == now.end();
    const bool threads = is_new || known->second.threads != lane.threads;
    if (!is_new && known->second.reserved != lane.reserved)
      restart.push_back(fmt::format("lanes.{}.reserved", priority));
    if (!threads && known->second.queue == lane.queue) continue;
    scheduler::LaneOptions options{static_cast<std::size_t>(lane.threads), lane.queue, {}};
    if (is_new) options.reserved = lane.reserved;
    // What an operator gave it stays, where only its queue is another.
    const std::size_t given = threads_of(priority, lanes);
    if (threads) sizes.forget(priority);
    lanes.configure(priority, options);
    if (!threads && given != options.threads) lanes.resize(priority, given);
    LaneConfig& kept = now[priority];
    kept.threads = lane.threads;
    kept.queue = lane.queue;
    if (is_new) kept.reserved = lane.reserved;
    log::info("a lane has what the configuration now says",
              {{"lane", priority}, {"threads", lane.threads}, {"queue", lane.queue}});
  }
  for (const auto& [priority, lane] : now)
    if (!after.contains(priority)) restart.push_back(fmt::format("lanes.{}", priority));
  return restart;
}

void take_settings(const Config& fresh, Config& now, scheduler::LaneSet& lanes,
                   scheduler::LaneSizes& sizes) {
  const std::vector<std::string> restart = apply_lanes(fresh.lanes, now.lanes, lanes, sizes);
  log::set_level(fresh.service.log_level);
  const std::vector<SettingChange> changes = setting_changes(now, fresh);
  for (const SettingChange& change : changes) {
    const bool of_service = change.key.starts_with("service.");
    const auto names = [&](const std::string& key) { return change.key.starts_with(key); };
    const bool waits =
        of_service ? change.key != "service.log_level" : std::ranges::any_of(restart, names);
    if (waits) {
      log::warn("a change takes effect with a restart only: systemctl restart systask",
                {{"key", change.key}, {"change", text_of(change)}});
    } else {
      log::info("a change has taken effect", {{"key", change.key}, {"change", text_of(change)}});
      now.settings[change.key] = change.after;
    }
  }
  if (changes.empty()) log::info("nothing changed in service and lanes");
}

}  // namespace systask::service
