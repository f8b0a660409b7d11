// Plans, sites, the claim, and the unit of work itself.
#pragma once

#include "tests/conformance/stores_suite.h"

namespace systask::trading {

TYPED_TEST_P(TradingStores, PlansComeBackAsTheyWere) {
  Plan first = plan_of(1);
  first.tolerance_percent = 5;
  const Plan second = abnormal_plan_of(2);
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, second);
    this->stores().plans.insert(work, first);
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().plans.load(), (std::vector{first, second}));
  EXPECT_EQ(this->stores().plans.last_id(), PlanId{2});

  first.status = PlanStatus::kPaused;
  first.parameters = Parameters{{"until", "150000"}, {"note", "a\nb\\c"}};
  first.last = LineNumber{3};
  first.applied = LineNumber{3};
  first.skipped = 1;
  first.quarantine_reason = "look at it";
  first.fail_reason = "no price";
  first.details[1].filled = 300;
  first.details[1].ordered = 400;
  first.details[1].amount = AmountTicks{std::int64_t{1} << 60};
  const PlanDetail added{Market{2}, "000001", Side::kBuy, 0, 5, 5, AmountTicks{9}, false};
  first.details.push_back(added);
  this->commit([&](UnitOfWork& work) {
    EXPECT_TRUE(this->stores().plans.update(work, first, Epoch{1}));
    this->stores().plans.put_detail(work, first.id, first.details[1]);
    this->stores().plans.put_detail(work, first.id, added);
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().plans.load(), (std::vector{first, second}));
}

TYPED_TEST_P(TradingStores, AnUpdateOfAnotherEpochChangesNothing) {
  Plan plan = plan_of(1);
  this->commit([&](UnitOfWork& work) { this->stores().plans.insert(work, plan); });
  const Plan before = plan;
  plan.epoch = Epoch{2};
  plan.status = PlanStatus::kPaused;
  this->commit([&](UnitOfWork& work) {
    EXPECT_FALSE(this->stores().plans.update(work, plan, Epoch{2}));
    EXPECT_FALSE(this->stores().plans.update(work, plan_of(7), Epoch{1}));
  });
  EXPECT_EQ(this->stores().plans.load(), std::vector{before});
  this->commit(
      [&](UnitOfWork& work) { EXPECT_TRUE(this->stores().plans.update(work, plan, Epoch{1})); });
  EXPECT_EQ(this->stores().plans.load(), std::vector{plan});
}

TYPED_TEST_P(TradingStores, AdvancingMovesTheLineOfThePlansEpochAndNothingElse) {
  Plan plan = plan_of(1);
  this->commit([&](UnitOfWork& work) { this->stores().plans.insert(work, plan); });
  Plan moved = plan;
  moved.last = LineNumber{9};
  moved.applied = LineNumber{8};
  moved.skipped = 2;
  moved.status = PlanStatus::kPaused;
  moved.parameters = Parameters{{"until", "150000"}, {"note", "a\nb\\c"}};
  moved.epoch = Epoch{2};
  this->commit([&](UnitOfWork& work) {
    EXPECT_FALSE(this->stores().plans.advance(work, moved)) << "another epoch";
    EXPECT_FALSE(this->stores().plans.advance(work, plan_of(7))) << "no such plan";
  });
  EXPECT_EQ(this->stores().plans.load(), std::vector{plan});
  moved.epoch = plan.epoch;
  this->commit([&](UnitOfWork& work) { EXPECT_TRUE(this->stores().plans.advance(work, moved)); });
  plan.last = LineNumber{9};
  plan.applied = LineNumber{8};
  plan.skipped = 2;
  this->make_.reopen();
  EXPECT_EQ(this->stores().plans.load(), std::vector{plan});
}

TYPED_TEST_P(TradingStores, TheFirstClaimWinsAndEveryConditionCounts) {
  const Plan plan = abnormal_plan_of(1);
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, plan);
    this->stores().plans.insert(work, plan_of(2));  // runs, so nobody can claim it
    this->stores().sites.put(work, site_of(1, 11));
    this->stores().sites.put(work, site_of(2, 22));
    this->stores().sites.put(work, site_of(3, 33, false));
  });
  const Claim good{plan.id, plan.epoch, plan.applied, SiteId{2}, SessionId{22}};
  const auto claim = [&](const Claim& c) {
    bool won = false;
    this->commit([&](UnitOfWork& work) { won = this->stores().plans.claim(work, c); });
    return won;
  };
  Claim bad = good;
  bad.epoch = Epoch{3};
  EXPECT_FALSE(claim(bad)) << "another epoch";
  bad = good;
  bad.snapshot = LineNumber{8};
  EXPECT_FALSE(claim(bad)) << "another snapshot";
  bad = good;
  bad.session = SessionId{21};
  EXPECT_FALSE(claim(bad)) << "an earlier login of the site";
  bad = good;
  bad.site = SiteId{3};
  bad.session = SessionId{33};
  EXPECT_FALSE(claim(bad)) << "a dead session";
  bad = good;
  bad.site = SiteId{9};
  EXPECT_FALSE(claim(bad)) << "no such site";
  bad = good;
  bad.plan = PlanId{2};
  bad.epoch = Epoch{1};
  bad.snapshot = LineNumber{0};
  EXPECT_FALSE(claim(bad)) << "a plan that is not abnormal";
  EXPECT_EQ(this->stores().plans.load().front(), plan);

  EXPECT_TRUE(claim(good));
  EXPECT_FALSE(claim(good)) << "its epoch is raised now";
  EXPECT_FALSE(claim(Claim{plan.id, plan.epoch, plan.applied, SiteId{1}, SessionId{11}}));
  Plan won = plan;
  won.site = SiteId{2};
  won.session = SessionId{22};
  won.epoch = Epoch{5};
  won.phase = RecoveryPhase::kReplaying;
  EXPECT_EQ(this->stores().plans.load().front(), won);
}

TYPED_TEST_P(TradingStores, SitesAreReplacedByTheirNumber) {
  Site site = site_of(1, 11);
  this->commit([&](UnitOfWork& work) { this->stores().sites.put(work, site); });
  site.live = false;
  site.draining = true;
  site.lost_at = from_micros(99);
  site.strategies = {"other, with a comma", "\"quoted\""};
  this->commit([&](UnitOfWork& work) {
    this->stores().sites.put(work, site);
    this->stores().sites.put(work, site_of(2, 22));
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().sites.load(), (std::vector{site, site_of(2, 22)}));
}

TYPED_TEST_P(TradingStores, UndoTakesBackOnlyTheCommand) {
  this->commit([&](UnitOfWork& work) {
    work.savepoint();
    this->stores().plans.insert(work, plan_of(1));
    work.keep();
    work.savepoint();
    this->stores().plans.insert(work, plan_of(2));
    EXPECT_TRUE(this->stores().messages.add(work, message_of(1, PlanId{2}, 1)));
    work.undo();
    work.savepoint();
    EXPECT_TRUE(this->stores().messages.add(work, message_of(1, PlanId{3}, 1)));
    this->stores().plans.insert(work, plan_of(3));
    work.keep();
    EXPECT_FALSE(work.lost());
  });
  EXPECT_EQ(this->stores().plans.load(), (std::vector{plan_of(1), plan_of(3)}));
}

TYPED_TEST_P(TradingStores, WhatIsNotCommittedIsGone) {
  {
    const auto work = this->stores().transactions.begin();
    this->stores().plans.insert(*work, plan_of(1));
  }
  EXPECT_TRUE(this->stores().plans.load().empty());
  this->commit([&](UnitOfWork& work) { this->stores().plans.insert(work, plan_of(1)); });
  EXPECT_EQ(this->stores().plans.load().size(), 1U);
}

// A full disk takes the whole transaction, not the one statement: the unit of work knows,
// refuses to commit, and the next one starts clean.
TYPED_TEST_P(TradingStores, ALostTransactionIsKnownAndKeepsNothing) {
  this->commit([&](UnitOfWork& work) { this->stores().plans.insert(work, plan_of(1)); });
  this->make_.lose_next_transaction();
  {
    const auto work = this->stores().transactions.begin();
    work->savepoint();
    const auto write_much = [&] {
      MessageRow row = message_of(1, PlanId{1}, 1);
      row.body.assign(100'000, 'x');
      for (int i = 1; i < 1'000; ++i) {
        row.no = MessageNo{i};
        row.message_id = "big-" + std::to_string(i);
        this->stores().messages.add(*work, row);
      }
    };
    EXPECT_ANY_THROW(write_much());
    EXPECT_TRUE(work->lost());
    work->undo();
    EXPECT_ANY_THROW(work->commit());
  }
  this->make_.recover_space();
  EXPECT_EQ(this->stores().plans.load(), std::vector{plan_of(1)});
  EXPECT_EQ(this->stores().messages.last_no(), MessageNo{});
  this->commit([&](UnitOfWork& work) {
    EXPECT_FALSE(work.lost());
    EXPECT_TRUE(this->stores().messages.add(work, message_of(1, PlanId{1}, 1)));
  });
  EXPECT_EQ(this->stores().messages.last_no(), MessageNo{1});
}

}  // namespace systask::trading
