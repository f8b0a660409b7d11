// Placement says which site gets a plan: of those that can run it, the one with the most
// room left; and for each known site why it would not. It reads the book, the watch and the
// hold-downs, and changes nothing. Worker's thread only.
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
  // "B: full (500 plans)", one for each known site; what a client reads when there is none.
  std::vector<std::string> reasons;

  [[nodiscard]] std::string explain() const;
};

class Placement {
 public:
  Placement(const SiteWatch& watch, std::vector<std::string> known_sites)
      : watch_(watch), known_sites_(std::move(known_sites)) {}

  // For a plan that is not yet there, `plan` is 0.
  [[nodiscard]] Placed choose(const Book& book, PlanId plan, const std::string& strategy,
                              const std::string& environment, MonotonicPoint now) const;

  // The site failed to rebuild this plan: it is not asked again until its hold-down ends,
  // which doubles with every failure, from half a second to half a minute.
  void hold_down(PlanId plan, SiteId site, MonotonicPoint now);
  void forgive(PlanId plan);

  // How many plans each site has; count once for many choices.
  using Loads = std::map<SiteId, int>;
  [[nodiscard]] static Loads loads(const Book& book);
  [[nodiscard]] Placed choose(const Book& book, const Loads& loads, PlanId plan,
                              const std::string& strategy, const std::string& environment,
                              MonotonicPoint now) const;

 private:
  [[nodiscard]] std::optional<std::string> objection(const Site& site, int load, PlanId plan,
                                                     const std::string& strategy,
                                                     const std::string& environment,
                                                     MonotonicPoint now) const;

  struct HoldDown {
    MonotonicPoint until;
    std::chrono::milliseconds length{0};
  };

  const SiteWatch& watch_;
  const std::vector<std::string> known_sites_;
  std::map<std::pair<PlanId, SiteId>, HoldDown> held_;
};

}  // namespace systask::trading
