// A World is one simulation from one integer: three sites, an order system, clients and a
// network around the service, what goes wrong and when, and the Observer who is not deceived.
// run() lets things go wrong for a while, then lets everything heal, and asks whether every
// plan came to its right end. The same seed is the same run, on any machine. One thread.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "tests/simulation/observer.h"
#include "tests/simulation/service.h"
#include "tests/simulation/site.h"

namespace systask::simulation {

struct Verdict {
  std::string breach;  // empty: every rule held
  std::uint64_t steps = 0;
  std::deque<std::string> story;  // the last of it
  int crashes = 0;                // of the service
  int takeovers = 0;
  int reports = 0;
};

class World {
 public:
  // `told`: how many of the last lines of the story are kept; 0 is faster.
  World(std::uint64_t seed, std::size_t told);

  Verdict run();

 private:
  void create_plans();
  void create_plan(PlanNo plan);
  void chaos();
  void something_goes_wrong();
  void site_trouble(Site& site);
  void service_trouble();
  void set_wall_clock();
  void client_asks();
  void operator_looks();
  void heal();
  void run_until(Micros when);
  bool quiet();
  std::string unrest();
  void ask_digests();
  void turn_the_day();

  Dice dice_;
  ManualClock clock_;
  Journal journal_;
  Agenda agenda_{clock_, journal_};
  support::MemoryStores stores_;
  scheduler::MemoryLedger ledger_;
  Network network_;
  Service service_;
  Market market_;
  Observer observer_;
  std::array<std::unique_ptr<Site>, 3> sites_;
  PlanNo plans_ = 0;
  bool faults_ = true;
  int crashes_ = 0;
  Micros wall_moved_{0};
  std::int64_t trouble_ = 0;  // the mean time between two troubles, in microseconds
  std::set<std::string> drained_;
};

}  // namespace systask::simulation
