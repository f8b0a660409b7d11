// Fails while orders wait longer than `longest` for an order system to acknowledge them: because
// none is connected, or because the one that gets them says nothing.
#include <fmt/format.h>

#include <stdexcept>

#include "scheduler/when/duration.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules watch_order_system_parameters() {
  return {duration("longest", std::chrono::seconds{10}, std::chrono::seconds{1})};
}

scheduler::Body watch_order_system(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) -> std::string {
    const Given given{run, watch_order_system_parameters()};
    const Micros longest = given.duration("longest");
    const trading::OrdersOutView out = parts.platform.orders_out();
    const std::string to = out.receiver.empty() ? "nobody" : out.receiver;
    if (out.waiting == 0) return fmt::format("no orders wait; they go to {}", to);
    const std::string waiting = fmt::format(
        "{} orders and cancels wait to be acknowledged, the first for {}", out.waiting,
        scheduler::format_duration(std::chrono::floor<std::chrono::seconds>(out.longest)));
    if (out.longest <= longest) return fmt::format("{}; they go to {}", waiting, to);
    if (out.receiver.empty())
      throw std::runtime_error(waiting +
                               ": no order system is connected. Start it; where it runs, its log "
                               "says why it cannot log in");
    throw std::runtime_error(fmt::format(
        "{}: order system {} gets them and acknowledges nothing. Look at it, and restart it: it is "
        "sent again what it has not acknowledged",
        waiting, out.receiver));
  };
}

}  // namespace systask::tasks
