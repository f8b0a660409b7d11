#include "trading/placement.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace systask::trading {
namespace {

using std::chrono::milliseconds;

class PlacementTest : public testing::Test {
 protected:
  Site& add(const std::string& name, int capacity = 10) {
    Site site;
    site.id = SiteId{++sites};
    site.name = name;
    site.environment = "prod";
    site.strategies = {"twap"};
    site.capacity = capacity;
    site.session = SessionId{100 + sites};
    site.live = true;
    watch.connected(site.session, now);
    return book.sites.put(site.id, site);
  }
  void give_plan(std::int64_t id, const Site& site) {
    Plan plan;
    plan.id = PlanId{id};
    plan.status = PlanStatus::kRunning;
    plan.site = site.id;
    plan.session = site.session;
    book.plans.put(plan.id, plan);
  }
  Placed choose(std::int64_t plan = 0) {
    return placement.choose(book, PlanId{plan}, "twap", "prod", now);
  }

  int sites = 0;
  MonotonicPoint now{std::chrono::hours{1}};
  SiteWatch watch{SiteWatch::Limits{}};
  Book book;
  Placement placement{watch, {"A", "B", "Z"}};
};

TEST_F(PlacementTest, SaysForEachKnownSiteWhyItWouldNot) {
  add("A").strategies = {"follow"};
  add("B").environment = "test";
  add("C").draining = true;
  give_plan(1, add("D", 1));
  add("E").live = false;
  Site& silent = add("F");
  watch.disconnected(silent.session, now);
  Site& gone = add("G");
  gone.live = false;
  watch.forget(gone.session);
  add("H");
  Placement::hold_down(book, PlanId{7}, SiteId{8}, now);
  now += milliseconds{300};
  const Placed placed = choose(7);
  EXPECT_FALSE(placed.site.has_value());
  EXPECT_EQ(placed.explain(),
            "A: does not run strategy twap; "
            "B: connected to the wrong environment: it is logged in to test, the plan is for prod; "
            "C: draining; D: full (1 plans); E: silent for 0.3 s; F: silent for 0.3 s; "
            "G: not logged in; H: failed to rebuild this plan: not asked again for 0.2 s; "
            "Z: never logged in");
}

TEST_F(PlacementTest, WithoutAnySiteItSaysWhatToDo) {
  const Placement nobody{watch, {}};
  EXPECT_EQ(nobody.choose(book, PlanId{}, "twap", "prod", now).explain(),
            "no site is known: start one and log it in");
}

TEST_F(PlacementTest, TheSiteWithTheMostRoomThenTheFirst) {
  Site& a = add("A", 3);
  add("B", 3);
  EXPECT_EQ(choose().site, SiteId{1});
  give_plan(1, a);
  EXPECT_EQ(choose().site, SiteId{2});
  EXPECT_EQ(placement.choose(book, {.plans = {{SiteId{2}, 2}}}, PlanId{}, "twap", "prod", now).site,
            SiteId{1});
}

TEST_F(PlacementTest, AHoldDownOfABatchThatIsRunAgainDoesNotDouble) {
  add("A");
  book.keep();
  book.commit();
  Placement::hold_down(book, PlanId{7}, SiteId{1}, now);
  book.abandon();  // the batch is rolled back, and runs again
  Placement::hold_down(book, PlanId{7}, SiteId{1}, now);
  book.keep();
  book.commit();
  now += milliseconds{500};
  EXPECT_TRUE(choose(7).site.has_value());
}

TEST_F(PlacementTest, TheSiteThatHadItComesFirstUnlessItFailedIt) {
  add("A", 9);
  add("B", 3);
  RecoveryAttempt attempt;
  attempt.plan = PlanId{7};
  attempt.from_site = "B";
  book.attempts.put(PlanId{7}, attempt);
  EXPECT_EQ(choose(7).site, SiteId{2});
  Placement::hold_down(book, PlanId{7}, SiteId{2}, now);
  now += milliseconds{600};
  EXPECT_EQ(choose(7).sites, (std::vector{SiteId{1}, SiteId{2}}));
}

TEST_F(PlacementTest, OnlySoManyRebuildsAtATimeForASite) {
  const Site& a = add("A");
  add("B", 2);
  const Placement bounded{watch, {}, 1};
  Plan plan;
  plan.id = PlanId{1};
  plan.status = PlanStatus::kAbnormal;
  plan.phase = RecoveryPhase::kOffered;
  plan.site = a.id;
  plan.session = a.session;
  book.plans.put(plan.id, plan);
  const Placed placed = bounded.choose(book, PlanId{7}, "twap", "prod", now);
  EXPECT_EQ(placed.site, SiteId{2});
  EXPECT_EQ(placed.explain(), "A: rebuilds 1 plans already; B: can run it");
  EXPECT_EQ(bounded.choose(book, PlanId{}, "twap", "prod", now).site, SiteId{1}) << "a new plan";
}

// Counted along, they are what a count of all plans says, whatever commits, drops and fails.
TEST_F(PlacementTest, LoadsAreThoseOfAllPlans) {
  std::mt19937 chance{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same walk each time
  const auto below = [&](int most) {
    return static_cast<int>(chance() % static_cast<unsigned>(most));
  };
  for (const char* name : {"A", "B", "C"})
    add(name);
  book.keep();
  book.commit();
  for (int step = 0; step < 3'000; ++step) {
    const PlanId id{1 + below(40)};
    Plan plan;
    plan.id = id;
    plan.status = std::array{PlanStatus::kRunning, PlanStatus::kAbnormal,
                             PlanStatus::kCompleted}[static_cast<std::size_t>(below(3))];
    plan.phase = std::array{RecoveryPhase::kNone, RecoveryPhase::kWaiting, RecoveryPhase::kOffered,
                            RecoveryPhase::kReplaying}[static_cast<std::size_t>(below(4))];
    plan.site = SiteId{1 + below(3)};
    plan.session = SessionId{below(4) == 0 ? 0 : 100 + plan.site.value()};
    if (below(8) == 0)
      book.plans.erase(id);
    else
      book.plans.put(id, plan);
    if (below(5) == 0) book.asked.put(id, {SessionId{101 + below(3)}});
    switch (below(6)) {
      case 0: book.drop(); break;
      case 1: book.keep(), book.commit(); break;
      case 2: book.abandon(); break;
      default: book.keep();
    }
    Loads all;
    book.plans.for_each([&](PlanId each, const Plan& one) {
      all.count(one, 1);
      const bool rebuilt = one.session != SessionId{} && one.status == PlanStatus::kAbnormal &&
                           one.phase != RecoveryPhase::kWaiting;
      if (const auto* const asked = book.asked.find(each); rebuilt && asked != nullptr) {
        const SiteId other{static_cast<int>(asked->front().value() - 100)};
        ++all.plans[other];
        ++all.rebuilds[other];
      }
    });
    const Loads counted = book.loads();
    EXPECT_EQ(counted.rebuilding, all.rebuilding);
    for (int site = 1; site <= 3; ++site) {
      EXPECT_EQ(counted.plans.contains(SiteId{site}) ? counted.plans.at(SiteId{site}) : 0,
                all.plans[SiteId{site}]);
      EXPECT_EQ(counted.rebuilds.contains(SiteId{site}) ? counted.rebuilds.at(SiteId{site}) : 0,
                all.rebuilds[SiteId{site}]);
    }
    if (HasFailure()) FAIL() << "at step " << step;
  }
}

TEST_F(PlacementTest, EndedPlansTakeNoRoom) {
  give_plan(1, add("A", 1));
  EXPECT_FALSE(choose().site.has_value());
  book.plans.edit(PlanId{1}).status = PlanStatus::kCompleted;
  EXPECT_TRUE(choose().site.has_value());
}

TEST_F(PlacementTest, HoldDownsDoubleAreOfOnePlanAndAreForgiven) {
  add("A");
  milliseconds length{500};
  for (int failure = 0; failure < 10; ++failure) {
    Placement::hold_down(book, PlanId{7}, SiteId{1}, now);
    EXPECT_FALSE(choose(7).site.has_value());
    EXPECT_TRUE(choose(8).site.has_value());
    now += length - milliseconds{1};
    EXPECT_FALSE(choose(7).site.has_value()) << failure;
    now += milliseconds{1};
    EXPECT_TRUE(choose(7).site.has_value()) << failure;
    length = std::min(length * 2, milliseconds{30'000});
  }
  Placement::forgive(book, PlanId{7});
  Placement::hold_down(book, PlanId{7}, SiteId{1}, now);
  now += milliseconds{500};
  EXPECT_TRUE(choose(7).site.has_value());
}

}  // namespace
}  // namespace systask::trading
