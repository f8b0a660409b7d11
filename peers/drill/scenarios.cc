#include "peers/drill/scenarios.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>
#include <stdexcept>

#include "peers/drill/director.h"

namespace systask::peers::drill {
namespace {

constexpr std::chrono::seconds kToNotice{3};

SiteSlot& any_site(Director& director) {
  SiteSlot* site = nullptr;
  director.until("a site to be up", [&] { return (site = director.choose_site()) != nullptr; });
  return *site;
}

void come_back(Director& director, SiteSlot& site) {
  director.for_at_most(director.options().restart_after, [] { return false; });
  director.stage().bring_back(site);
  director.until_logged_in();
}

}  // namespace

std::vector<std::string> strike_evenly(Director& director) {
  const DrillOptions& options = director.options();
  Stage& stage = director.stage();
  int sites = 0;
  int services = 0;
  // A site's k-th of n kills after k/(n+1) of the messages; the service's halfway between
  // such points, so that the two rarely meet.
  const auto site_turn = [&] { return director.expected() * (sites + 1) / (options.kills + 1); };
  const auto service_turn = [&] {
    return director.expected() * (2 * services + 1) / (2 * options.service_kills);
  };
  const bool bounded = options.speed != "recorded";
  std::string stuck;
  director.until(
      "the flow to end",
      [&] {
        if (services < options.service_kills && director.acked() >= service_turn()) {
          ++services;
          director.tell("SIGKILL to the service");
          stage.kill_service();
        }
        if (sites < options.kills && director.acked() >= site_turn()) {
          if (SiteSlot* site = director.choose_site()) {
            ++sites;
            director.kill(*site, options.signal, options.restart_after);
          }
        }
        if (director.over()) return true;
        if (bounded) stuck = director.why_not_over();
        return !stuck.empty();
      },
      bounded);
  std::vector<std::string> missed;
  if (!stuck.empty()) missed.push_back(stuck);
  if (sites < options.kills)
    missed.push_back(fmt::format("only {} of {} kills of sites were made before the flow ended",
                                 sites, options.kills));
  if (services < options.service_kills)
    missed.push_back(
        fmt::format("only {} of {} kills of the service were made before the flow "
                    "ended",
                    services, options.service_kills));
  return missed;
}

void edit_while_down(Director& director) {
  director.until_acked(director.expected() / 3);
  SiteSlot& site = any_site(director);
  director.kill(site, "KILL", {});
  // It is the only one: what has not ended waits for it.
  director.until("its plans to become abnormal", [&] { return director.abnormal_plans() > 0; });
  int count = 0;
  for (auto& [plan, request] : director.requests()) {
    const auto now = director.view(plan);
    if (now.has_error() || now->status == "b" || ++count % 2 == 0) continue;
    const bool priced = request.parameters.contains("price");
    director.modify(plan, priced ? std::map<std::string, std::string>{{"price", "123.45"}}
                                 : std::map<std::string, std::string>{{"edited", "while down"}});
  }
  if (count == 0)
    throw std::runtime_error("every plan was completed before it could be changed; use more plans");
  director.tell(
      fmt::format("{} plans were changed while site {} was down", (count + 1) / 2, site.name));
  come_back(director, site);
  director.until_normal();
  director.tell("the site has taken its plans back");
}

void hold_fills(Director& director) {
  Stage& stage = director.stage();
  director.until_acked(director.expected() / 5);
  director.until("fills to be held back", [&] { return stage.flow().held > 0; });
  SiteSlot& first = any_site(director);
  director.kill(first, "KILL", {});
  director.for_at_most(kToNotice, [&] { return director.abnormal_plans() > 0; });
  director.tell(
      fmt::format("{} fills are let go while site {} is down", stage.flow().held, first.name));
  stage.signal_flow(SIGUSR2);
  director.until("the fills to be let go", [&] { return stage.flow().held == 0; });
  come_back(director, first);
  director.until_normal();

  stage.signal_flow(SIGUSR2);
  director.for_at_most(kToNotice, [&] { return stage.flow().held > 0 || director.over(); });
  if (stage.flow().held == 0) {
    director.tell("no fill came to be held back a second time; more plans bring more");
    return stage.signal_flow(SIGUSR2);
  }
  SiteSlot& second = any_site(director);
  director.kill(second, "KILL", director.options().restart_after);
  director.until_normal();
  director.tell(fmt::format("{} fills are let go after the takeover", stage.flow().held));
  stage.signal_flow(SIGUSR2);
}

void restart_all(Director& director) {
  Stage& stage = director.stage();
  const auto steps = static_cast<std::int64_t>(stage.sites().size()) + 2;
  std::int64_t step = 0;
  for (SiteSlot& site : stage.sites()) {
    director.until_acked(director.expected() * ++step / steps);
    director.kill(site, "TERM", {});
    director.until("the site to end", [&] { return !site.child->running(); });
    if (site.child->status() != 0)
      throw std::runtime_error(fmt::format("site {}, told to end, ended with status {}", site.name,
                                           site.child->status().value_or(-1)));
    come_back(director, site);
    director.until_normal();
  }
  director.until_acked(director.expected() * ++step / steps);
  director.tell("SIGTERM to the service");
  stage.end_service();
  director.until("the service to end", [&] { return stage.service_ended(); });
  stage.start_service();
  director.until("the service to be ready",
                 [&] { return director.api().get("/readyz").has_value(); });
  director.until_normal();
  director.tell("every site and the service have been restarted");
}

}  // namespace systask::peers::drill
