#include "trading/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace systask::trading {
namespace {

constexpr std::chrono::milliseconds kFirstHoldDown{500};
constexpr std::chrono::milliseconds kLongestHoldDown{30'000};

int count_of(const std::map<SiteId, int>& counts, SiteId site) {
  const auto it = counts.find(site);
  return it == counts.end() ? 0 : it->second;
}

// The site that had the plan last, and did not fail it: there it need not move.
bool had_it(const Book& book, PlanId plan, const Site& site) {
  const RecoveryAttempt* const attempt = book.attempts.find(plan);
  return attempt != nullptr && attempt->from_site == site.name &&
         book.holds.find({plan, site.id}) == nullptr;
}

}  // namespace

std::string Placed::explain() const {
  if (reasons.empty()) return "no site is known: start one and log it in";
  return fmt::format("{}", fmt::join(reasons, "; "));
}

Placed Placement::choose(const Book& book, PlanId plan, const std::string& strategy,
                         const std::string& environment, MonotonicPoint now) const {
  return choose(book, book.loads(), plan, strategy, environment, now);
}

Placed Placement::choose(const Book& book, const Loads& loads, PlanId plan,
                         const std::string& strategy, const std::string& environment,
                         MonotonicPoint now) const {
  Placed placed;
  std::vector<std::tuple<bool, int, SiteId>> able;  // elsewhere, less room, id: the least first
  std::vector<std::string> never = known_sites_;
  book.sites.for_each([&](SiteId id, const Site& site) {
    std::erase(never, site.name);
    if (const auto why = why_not(book, loads, site, {plan, strategy, environment}, now)) {
      placed.reasons.push_back(fmt::format("{}: {}", site.name, *why));
      return;
    }
    const int room = site.capacity - count_of(loads.plans, id);
    able.emplace_back(!had_it(book, plan, site), -room, id);
    placed.reasons.push_back(fmt::format("{}: can run it", site.name));
  });
  std::ranges::sort(able);
  for (const auto& [elsewhere, room, id] : able)
    placed.sites.push_back(id);
  if (!placed.sites.empty()) placed.site = placed.sites.front();
  for (const std::string& name : never)
    placed.reasons.push_back(name + ": never logged in");
  std::ranges::sort(placed.reasons);
  return placed;
}

std::optional<std::string> Placement::objection(const Book& book, const Loads& loads,
                                                const Site& site, const Plan& plan,
                                                MonotonicPoint now) const {
  return why_not(book, loads, site, {plan.id, plan.strategy, plan.environment}, now);
}

std::optional<std::string> Placement::why_not(const Book& book, const Loads& loads,
                                              const Site& site, const Wanted& wanted,
                                              MonotonicPoint now) const {
  if (!site.live || !watch_.is_connected(site.session)) {
    const auto silent = watch_.silent_for(site.session, now);
    if (!silent) return "not logged in";
    return fmt::format("silent for {:.1f} s", std::chrono::duration<double>{*silent}.count());
  }
  if (site.environment != wanted.environment)
    return fmt::format(
        "connected to the wrong environment: it is logged in to {}, the plan is "
        "for {}",
        site.environment, wanted.environment);
  if (!site.strategies.contains(wanted.strategy))
    return fmt::format("does not run strategy {}", wanted.strategy);
  if (site.draining) return "draining";
  const int load = count_of(loads.plans, site.id);
  if (load >= site.capacity) return fmt::format("full ({} plans)", load);
  if (const HoldDown* const held = book.holds.find({wanted.plan, site.id});
      held != nullptr && now < held->until)
    return fmt::format("failed to rebuild this plan: not asked again for {:.1f} s",
                       std::chrono::duration<double>{held->until - now}.count());
  const int rebuilds = count_of(loads.rebuilds, site.id);
  if (wanted.plan != PlanId{} && rebuilds >= rebuilds_per_site_)
    return fmt::format("rebuilds {} plans already", rebuilds);
  return std::nullopt;
}

void Placement::hold_down(Book& book, PlanId plan, SiteId site, MonotonicPoint now) {
  const HoldDown* const before = book.holds.find({plan, site});
  HoldDown held;
  held.length = before == nullptr ? kFirstHoldDown : std::min(before->length * 2, kLongestHoldDown);
  held.until = now + held.length;
  book.holds.put({plan, site}, held);
}

void Placement::forgive(Book& book, PlanId plan) {
  std::vector<HoldKey> of_plan;
  book.holds.for_each([&](const HoldKey& key, const HoldDown&) {
    if (key.plan == plan) of_plan.push_back(key);
  });
  for (const HoldKey& key : of_plan)
    book.holds.erase(key);
}

}  // namespace systask::trading
