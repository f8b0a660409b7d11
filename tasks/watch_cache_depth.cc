// Warns when plans without a site have gathered many messages: `most_per_plan` of one,
// `most_in_all` of all together.
#include <fmt/format.h>

#include "base/log.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules watch_cache_depth_parameters() {
  return {number("most_per_plan", 10'000, 1, 1'000'000'000),
          number("most_in_all", 100'000, 1, 1'000'000'000)};
}

scheduler::Body watch_cache_depth(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) -> std::string {
    const Given given{run, watch_cache_depth_parameters()};
    const std::int64_t most_per_plan = given.number("most_per_plan");
    const std::int64_t most_in_all = given.number("most_in_all");
    std::int64_t all = 0;
    trading::MessageCache::Depth deepest;
    const auto depths = parts.cache.depths();
    for (const auto& depth : depths) {
      all += depth.messages;
      if (depth.messages > deepest.messages) deepest = depth;
    }
    if (deepest.messages > most_per_plan || all > most_in_all)
      log::warn(
          "many messages wait for plans that no site runs: start a site that can run them "
          "(systask sites says why none is chosen)",
          {{"run", run.id},
           {"messages", all},
           {"deepest_plan", deepest.plan},
           {"its_messages", deepest.messages}});
    if (all == 0) return "no messages are cached";
    return fmt::format("{} messages of {} plans are cached, most of plan {}: {}", all,
                       depths.size(), deepest.plan.value(), deepest.messages);
  };
}

}  // namespace systask::tasks
