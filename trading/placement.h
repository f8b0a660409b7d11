// Placement says which sites get a plan: of those that can run it the one it was with before,
// so that few plans move, then those with the most room left; and for each known site why it
// would not. It reads the book and the watch, and changes nothing but hold-downs, which are
// the book's. Worker's thread only.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "trading/book.h"
#include "trading/site_watch.h"

namespace systask::trading {

struct Placed {
  std::optional<SiteId> site;
  std::vector<SiteId> sites;  // all that can run it, the best first
  // "B: full (500 plans)", one for each known site; what a client reads when there is none.
  std::vector<std::string> reasons;

  [[nodiscard]] std::string explain() const;
};

class Placement {
 public:
  Placement(const SiteWatch& watch, std::vector<std::string> known_sites,
            int rebuilds_per_site = 256)
      : watch_(watch),
        known_sites_(std::move(known_sites)),
        rebuilds_per_site_(rebuilds_per_site) {}

  // For a plan that is not yet there, `plan` is 0.
  [[nodiscard]] Placed choose(const Book& book, PlanId plan, const std::string& strategy,
                              const std::string& environment, MonotonicPoint now) const;
  [[nodiscard]] Placed choose(const Book& book, const Loads& loads, PlanId plan,
                              const std::string& strategy, const std::string& environment,
                              MonotonicPoint now) const;

  // Why this site would not get this plan, which is there; nothing where it would.
  [[nodiscard]] std::optional<std::string> objection(const Book& book, const Loads& loads,
                                                     const Site& site, const Plan& plan,
                                                     MonotonicPoint now) const;

  // The site failed to rebuild this plan: it is not asked again until its hold-down ends,
  // which doubles with every failure, from half a second to half a minute.
  static void hold_down(Book& book, PlanId plan, SiteId site, MonotonicPoint now);
  static void forgive(Book& book, PlanId plan);

 private:
  struct Wanted {
    PlanId plan;
    const std::string& strategy;
    const std::string& environment;
  };
  [[nodiscard]] std::optional<std::string> why_not(const Book& book, const Loads& loads,
                                                   const Site& site, const Wanted& wanted,
                                                   MonotonicPoint now) const;

  const SiteWatch& watch_;
  const std::vector<std::string> known_sites_;
  const int rebuilds_per_site_;
};

}  // namespace systask::trading
