#include "trading/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace systask::trading {
namespace {

constexpr std::chrono::milliseconds kFirstHoldDown{500};
constexpr std::chrono::milliseconds kLongestHoldDown{30'000};

}  // namespace

std::string Placed::explain() const {
  if (reasons.empty()) return "no site is known: start one and log it in";
  return fmt::format("{}", fmt::join(reasons, "; "));
}

Placement::Loads Placement::loads(const Book& book) {
  Loads loads;
  book.plans.for_each([&](PlanId, const Plan& plan) {
    if (plan.session != SessionId{} && !ended(plan.status)) ++loads[plan.site];
  });
  return loads;
}

Placed Placement::choose(const Book& book, PlanId plan, const std::string& strategy,
                         const std::string& environment, MonotonicPoint now) const {
  return choose(book, loads(book), plan, strategy, environment, now);
}

Placed Placement::choose(const Book& book, const Loads& loads, PlanId plan,
                         const std::string& strategy, const std::string& environment,
                         MonotonicPoint now) const {
  Placed placed;
  int most_room = 0;
  std::vector<std::string> never = known_sites_;
  book.sites.for_each([&](SiteId id, const Site& site) {
    std::erase(never, site.name);
    const auto load = loads.find(id);
    const int has = load == loads.end() ? 0 : load->second;
    if (const auto why = objection(site, has, plan, strategy, environment, now)) {
      placed.reasons.push_back(fmt::format("{}: {}", site.name, *why));
      return;
    }
    const int room = site.capacity - has;
    const bool better = room > most_room || (room == most_room && placed.site && id < *placed.site);
    if (better) {
      placed.site = id;
      most_room = room;
    }
    placed.reasons.push_back(fmt::format("{}: can run it", site.name));
  });
  for (const std::string& name : never)
    placed.reasons.push_back(name + ": never logged in");
  std::ranges::sort(placed.reasons);
  return placed;
}

std::optional<std::string> Placement::objection(const Site& site, int load, PlanId plan,
                                                const std::string& strategy,
                                                const std::string& environment,
                                                MonotonicPoint now) const {
  if (!site.live || !watch_.is_connected(site.session)) {
    const auto silent = watch_.silent_for(site.session, now);
    if (!silent) return "not logged in";
    return fmt::format("silent for {:.1f} s", std::chrono::duration<double>{*silent}.count());
  }
  if (site.environment != environment)
    return fmt::format(
        "connected to the wrong environment: it is logged in to {}, the plan is "
        "for {}",
        site.environment, environment);
  if (!site.strategies.contains(strategy)) return fmt::format("does not run strategy {}", strategy);
  if (site.draining) return "draining";
  if (load >= site.capacity) return fmt::format("full ({} plans)", load);
  if (const auto it = held_.find({plan, site.id}); it != held_.end() && now < it->second.until)
    return fmt::format("failed to rebuild this plan: not asked again for {:.1f} s",
                       std::chrono::duration<double>{it->second.until - now}.count());
  return std::nullopt;
}

void Placement::hold_down(PlanId plan, SiteId site, MonotonicPoint now) {
  HoldDown& held = held_[{plan, site}];
  held.length =
      held.length.count() == 0 ? kFirstHoldDown : std::min(held.length * 2, kLongestHoldDown);
  held.until = now + held.length;
}

void Placement::forgive(PlanId plan) {
  std::erase_if(held_, [plan](const auto& entry) { return entry.first.first == plan; });
}

}  // namespace systask::trading
