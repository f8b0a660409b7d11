// The Observer holds the platform to R1-R13: after every step it reads the tables, folds the
// published reports by rules of its own (fold.h) and compares; and it listens to all that is
// asked, answered, pushed and acknowledged. The first breach ends the simulation. It believes
// nothing that the platform says about itself except which number a message took. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/fold.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/market.h"
#include "tests/support/memory_tables.h"
#include "trading/platform.h"

namespace systask::simulation {

class Observer {
 public:
  Observer(support::MemoryTables& tables, const Market& market, Journal& journal)
      : t_(tables), market_(market), journal_(journal) {}

  // What a client asked for, and what it was told.
  void plan_created(PlanNo plan, Fold fold) { folds_.emplace(plan, std::move(fold)); }
  void change_accepted(PlanNo plan, trading::LineNumber number, const std::string& name);

  // From the service.
  void service_started();
  void service_stalled(Micros length);
  void taken(int link, const std::string& id);
  void acknowledged(const std::string& id);
  void order_left(const trading::OutRow& row);
  void pushed(const trading::Push& push);
  void published(const trading::Publication& publication);
  void logged_in(trading::SessionId session, const std::string& site, Micros now);
  void heard(trading::SessionId session, Micros now);
  void disconnected(trading::SessionId session, Micros now);
  void session_lost(trading::SessionId session, Micros now);

  // From sites: a request reaches the platform; its answer is decided.
  void asked(const std::string& site, const trading::SiteRequest& who, const std::string& what);
  void judged(const trading::SiteRequest& who, const std::string& what, const std::string& code);
  void claimed(const trading::SiteRequest& who, const trading::ClaimAnswer& answer,
               const std::vector<std::string>& pages);

  // The tables have changed, perhaps.
  void look();
  void at(Micros now) { now_ = now; }
  // A day's turn applies what no site took.
  void day_turns() { day_turns_ = true; }
  // Everything is quiet: nothing may be missing. Digests by plan, as the platform says them.
  void at_the_end(const std::map<PlanNo, std::string>& digests);
  // "" or what keeps a plan from being normal.
  [[nodiscard]] std::string unrest() const;
  [[nodiscard]] const support::MemoryTables& tables() const { return t_; }

 private:
  using LineKey = std::pair<trading::PlanId, trading::LineNumber>;

  void read_messages();
  void check_stream();
  void check_row(const trading::MessageRow& row);
  void check_parked(const trading::MessageRow& row);
  void check_plan(const trading::Plan& plan);
  void check_hands(const trading::Plan& before, const trading::Plan& plan);
  void accept_orders(const trading::Plan* before, const trading::Plan& plan, Fold& fold);
  void fold_numbers(const trading::Plan& plan, Fold& fold);
  void fold_number(const trading::Plan& plan, Fold& fold, trading::LineNumber number);
  bool gave_up(trading::PlanId plan, trading::LineNumber number);
  void compare(const trading::Plan& plan, const Fold& fold);
  void compare_orders(const trading::Plan& plan, const Fold& fold);
  void compare_digest_with_market(PlanNo plan, char status);
  [[nodiscard]] bool replaced(trading::SessionId session) const;
  [[nodiscard]] const Report* report_of(const std::string& id) const;
  [[nodiscard]] const MarketOrder* truth_of(const Report& report) const;
  [[nodiscard]] PlanNo plan_of(const Report& report) const;
  [[nodiscard]] const trading::MessageRow* row_of(const std::string& id) const;

  support::MemoryTables& t_;
  const Market& market_;
  Journal& journal_;
  Micros now_{0};
  bool day_turns_ = false;

  std::map<PlanNo, Fold> folds_;
  std::map<trading::PlanId, trading::Plan> before_;
  std::map<LineKey, const trading::MessageRow*> lines_;  // as of this look
  std::map<LineKey, std::string> cached_as_;             // what a number was when it was cached
  trading::MessageNo looked_at_;                         // the newest at the last look
  std::set<trading::MessageNo> gave_up_;                 // a number, between two looks
  // What came on the order system's newest connection, in that order.
  struct Stream {
    int link = 0;
    trading::MessageNo from;  // the newest row when it began
    std::vector<std::string> ids;
    std::size_t recorded = 0;  // so many of them, from the first on, have a row
  };
  Stream stream_;
  std::set<std::string> acked_;
  std::vector<std::string> newly_acked_;
  std::map<std::pair<PlanNo, std::int64_t>, std::string> changes_;
  std::set<std::pair<PlanNo, std::string>> accepted_;  // orders: the site was told so
  std::map<std::pair<trading::PlanId, trading::Epoch>, trading::SessionId> holders_;
  std::set<std::pair<trading::PlanId, trading::Epoch>> paged_;
  std::set<std::string> published_;  // bodies without a number: what was passed on

  struct Lease {
    Micros heard{0};
    Micros closed{-1};                 // -1: it is open
    std::pair<Micros, Micros> late{};  // the last silence that could have been its end
  };
  std::map<trading::SessionId, Lease> leases_;
  std::map<trading::SessionId, std::string> names_;
  std::vector<std::pair<Micros, Micros>> stalls_;  // end, length
  Micros started_{0};
};

}  // namespace systask::simulation
