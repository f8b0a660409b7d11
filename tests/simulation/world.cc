#include "tests/simulation/world.h"

#include <algorithm>

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace {

constexpr Micros kTroubled{25'000'000};   // things go wrong for so long
constexpr Micros kLongestDelay{500'000};  // of a frame
constexpr Micros kHealing{120'000'000};   // and everything is right again after so long

}  // namespace

World::World(std::uint64_t seed, std::size_t told)
    : dice_(seed),
      clock_(from_rfc3339("2026-05-22T10:00:00+08:00").value()),
      journal_(told),
      network_(agenda_, dice_.fork()),
      service_({agenda_, network_, clock_, stores_, ledger_, journal_, dice_.fork()}),
      market_(agenda_, network_, service_, journal_, dice_.fork()),
      observer_(stores_.tables(), market_, journal_) {
  service_.watched_by(observer_);
  service_.on_crash([this] {
    ++crashes_;
    agenda_.after(Micros{dice_.between(20'000, 3'000'000)}, [this] { service_.start(); });
  });
  const char* const names[] = {"A", "B", "C"};
  for (std::size_t i = 0; i < sites_.size(); ++i)
    sites_[i] = std::make_unique<Site>(
        Site::Parts{agenda_, network_, service_, observer_, journal_, dice_.fork()}, names[i]);
  plans_ = dice_.between(1, 4);
  trouble_ = dice_.between(200'000, 3'000'000);
}

Verdict World::run() {
  service_.start();
  for (const auto& site : sites_)
    agenda_.after(Micros{dice_.between(0, 300'000)}, [&site] { site->start(); });
  create_plans();
  market_.begin(plans_, "20260522",
                [this] { return static_cast<PlanNo>(stores_.tables().plans.size()) == plans_; });
  agenda_.after(Micros{1'000'000}, [this] {
    service_.may_fail(true);
    chaos();
  });
  agenda_.after(Micros{1'500'000}, [this] { client_asks(); });
  agenda_.after(Micros{1'500'000}, [this] { operator_looks(); });
  run_until(kTroubled);
  if (!journal_.broken()) heal();
  if (!journal_.broken()) {
    service_.run_task("expire-sites");
    ask_digests();
  }
  if (!journal_.broken() && dice_.one_in(4)) turn_the_day();
  Verdict verdict;
  verdict.breach = journal_.breach_text();
  verdict.steps = agenda_.steps();
  verdict.story = journal_.lines();
  verdict.crashes = crashes_;
  verdict.reports = static_cast<int>(market_.reports().size());
  for (const auto& [id, attempt] : stores_.tables().recoveries)
    verdict.takeovers += attempt.outcome == "recovered" ? 1 : 0;
  return verdict;
}

void World::run_until(Micros when) {
  while (!journal_.broken() && agenda_.now() < when) {
    agenda_.step();
    observer_.at(agenda_.now());
  }
}

// --- plans and their clients ---

void World::create_plans() {
  for (PlanNo plan = 1; plan <= plans_; ++plan)
    agenda_.after(Micros{400'000 + plan * 20'000}, [this, plan] { create_plan(plan); });
}

void World::create_plan(PlanNo plan) {
  NewPlan request;
  request.name = fmt::format("plan {}", plan);
  request.strategy = "twap";
  request.parameters = {{"pace", "1"}};
  const int market = 1 + static_cast<int>(plan % 2);
  const Quantity quantity = dice_.one_in(3) ? 0 : dice_.between(5, 60) * 100;
  request.details = {
      {trading::Market{market}, fmt::format("60000{}", plan), Side::kBuy, quantity, 0, 0, {}}};
  request.actor = "client";
  // Told apart from what is made already by the tables, not by the answer, which may be lost.
  observer_.plan_created(
      plan, Fold{plan, request.parameters, {market, fmt::format("60000{}", plan), 1}, quantity});
  const auto again = std::make_shared<std::function<void()>>();
  *again = [this, plan, request, self = std::weak_ptr{again}] {
    const auto& made = stores_.tables().plans;
    if (made.contains(PlanId{plan})) return;
    const bool my_turn = plan == 1 || made.contains(PlanId{plan - 1});
    if (my_turn)
      service_.ask_here<CreatedPlan>(
          [request](Platform& p, Answer<CreatedPlan> a) { p.create(request, a); },
          [this, plan](const Result<CreatedPlan>& made_now) {
            if (made_now.has_value())
              journal_.say("plan {} is created on site {}", plan, made_now->site);
          });
    agenda_.after(Micros{50'000}, [run = self.lock()] { (*run)(); });
  };
  (*again)();
}

void World::client_asks() {
  if (!faults_) return;
  agenda_.after(Micros{dice_.between(300'000, 2'500'000)}, [this] { client_asks(); });
  const PlanNo plan = dice_.between(1, plans_);
  constexpr PlanRequest kRequests[] = {PlanRequest::kPause,  PlanRequest::kResume,
                                       PlanRequest::kModify, PlanRequest::kModify,
                                       PlanRequest::kPause,  PlanRequest::kResume};
  PlanRequest request = dice_.any_of(kRequests);
  if (dice_.one_in(40)) request = PlanRequest::kCancel;
  Parameters parameters;
  if (request == PlanRequest::kModify)
    parameters = {{"pace", fmt::to_string(dice_.between(1, 9))},
                  {fmt::format("k{}", dice_.below(3)), "x"}};
  service_.ask_here<LineNumber>(
      [plan, request, parameters](Platform& p, Answer<LineNumber> a) {
        p.change(PlanId{plan}, request, parameters, "client", a);
      },
      [this, plan, request](const Result<LineNumber>& number) {
        if (number.has_error()) return;
        journal_.say("a client's {} of plan {} has number {}", trading::name_of(request), plan,
                     number->value());
        observer_.change_accepted(plan, *number, std::string{trading::name_of(request)});
      });
}

// Somebody looks at what is quarantined, and skips it: there is nothing right in it.
void World::operator_looks() {
  agenda_.after(Micros{dice_.between(200'000, 2'000'000)}, [this] { operator_looks(); });
  for (const auto& [no, row] : stores_.tables().messages) {
    if (row.disposition != Disposition::kQuarantined || row.number == LineNumber{}) continue;
    journal_.say("an operator skips message {}: {}", row.message_id, row.reason);
    Decision decision;
    decision.message = no;
    decision.verdict = Decision::Verdict::kSkip;
    decision.actor = "operator";
    decision.reason = "it is impossible";
    service_.ask_here<Decided>(
        [decision](Platform& p, Answer<Decided> a) { p.decide(decision, a); }, {});
  }
}

// --- trouble ---

void World::chaos() {
  if (!faults_) return;
  agenda_.after(Micros{dice_.between(trouble_ / 10, trouble_ * 2)}, [this] { chaos(); });
  something_goes_wrong();
}

void World::something_goes_wrong() {
  Site& site = *dice_.any_of(sites_);
  const auto what = dice_.below(100);
  if (what < 62) return site_trouble(site);
  if (what < 82) return service_trouble();
  if (what < 87) {
    journal_.say("the order system loses its connection");
    return market_.disconnect();
  }
  if (what < 92) return set_wall_clock();
  if (what < 96) {
    journal_.say("no site can reach the service");
    for (const auto& one : sites_)
      one->cut(false);
    return;
  }
  if (!dice_.one_in(2)) return;
  drained_.insert(site.name());
  site.drain();
}

void World::site_trouble(Site& site) {
  const auto what = dice_.below(10);
  if (what < 3) {
    site.kill();
    agenda_.after(Micros{dice_.between(10'000, 4'000'000)}, [&site] { site.start(); });
  } else if (what < 6) {
    site.stop_for(Micros{dice_.between(100'000, 7'000'000)});
  } else {
    site.cut(what < 8);
  }
}

void World::service_trouble() {
  const auto what = dice_.below(10);
  if (what < 3) return service_.crash("it is killed");
  if (what < 6) return service_.stall(Micros{dice_.between(50'000, 6'000'000)});
  service_.lose_at_write(static_cast<int>(dice_.between(1, 25)), what < 8);
}

void World::set_wall_clock() {
  const Micros by{dice_.between(-20'000'000, 60'000'000)};
  if (abs(wall_moved_ + by) > Micros{240'000'000}) return;
  wall_moved_ += by;
  journal_.say("somebody sets the clock by {} s", by.count() / 1'000'000);
  clock_.set_wall(clock_.now() + by);
}

// --- the end ---

void World::heal() {
  journal_.say("nothing goes wrong from here on");
  faults_ = network_.faults = false;
  service_.may_fail(false);
  stores_.lose_transaction_at_write(0, 0);
  market_.stop_trading();
  for (const auto& site : sites_) {
    site->calm();
    if (drained_.contains(site->name())) site->kill();
    agenda_.after(Micros{10'000}, [&site] { site->start(); });
  }
  const Micros bound = agenda_.now() + kHealing;
  Micros look = agenda_.now();
  Micros noise = agenda_.now();  // the last that was heard
  while (!journal_.broken() && agenda_.now() < bound) {
    if (agenda_.now() >= look) {
      look = agenda_.now() + Micros{50'000};
      if (!quiet()) noise = agenda_.now();
      // By then nothing is on its way any more.
      if (agenda_.now() - noise > kLongestDelay) return;
    }
    agenda_.step();
    observer_.at(agenda_.now());
  }
  if (!journal_.broken())
    journal_.breach("R11", "after {} s without trouble {}", kHealing.count() / 1'000'000, unrest());
}

bool World::quiet() { return unrest().empty(); }

std::string World::unrest() {
  if (!service_.up()) return "the service is down";
  if (static_cast<PlanNo>(stores_.tables().plans.size()) < plans_) return "plans are not created";
  if (!market_.all_said()) return "reports are not acknowledged";
  if (auto why = observer_.unrest(); !why.empty()) return why;
  for (const auto& site : sites_)
    if (!site->idle()) return "site " + site->name() + " is busy";
  for (const auto& [id, plan] : stores_.tables().plans) {
    if (ended(plan.status)) continue;
    const Site* owner = nullptr;
    for (const auto& site : sites_)
      if (site->name() == stores_.tables().sites.at(plan.site).name) owner = site.get();
    const auto has = owner->through(id);
    if (!has || *has != plan.applied)
      return fmt::format("site {} has plan {} through {}, and {} is applied", owner->name(),
                         id.value(), has ? has->value() : -1, plan.applied.value());
  }
  return "";
}

void World::ask_digests() {
  std::map<PlanNo, std::string> digests;
  for (PlanNo plan = 1; plan <= plans_; ++plan)
    service_.ask_here<PlanView>(
        [plan](Platform& p, Answer<PlanView> a) { p.view(PlanId{plan}, a); },
        [&digests, plan](const Result<PlanView>& view) { digests[plan] = view->digest; });
  run_until(agenda_.now() + Micros{10'000});
  observer_.at_the_end(digests);
}

// Every site goes for good, the last reports come in, nobody takes them; a new day begins.
void World::turn_the_day() {
  journal_.say("the day ends, and every site with it");
  for (const auto& site : sites_)
    site->kill();
  run_until(agenda_.now() + Micros{500'000});
  market_.last_words();
  for (int i = 0; i < 30 && !market_.all_said(); ++i)
    run_until(agenda_.now() + Micros{1'000'000});
  if (journal_.broken()) return;
  journal_.say("the next morning: what waits is applied, the day is archived");
  observer_.day_turns();
  clock_.set_wall(from_rfc3339("2026-05-23T08:30:00+08:00").value());
  service_.turn_the_day();
  if (!stores_.tables().cache.empty())
    journal_.breach("R13", "{} cached messages of yesterday wait after the day's turn",
                    stores_.tables().cache.size());
  market_.say_late();
  for (int i = 0; i < 30 && !market_.all_said(); ++i)
    run_until(agenda_.now() + Micros{1'000'000});
  observer_.look();
  observer_.at_the_end({});
}

}  // namespace systask::simulation
