// Orders, numbers, fills, and what leaves.
#pragma once

#include "tests/conformance/stores_suite.h"

namespace systask::trading {

TYPED_TEST_P(TradingStores, OrdersComeBackAsTheyWere) {
  Order order = order_of(1, PlanId{1}, "");  // placed elsewhere
  const Order other = order_of(2, PlanId{1}, "");
  CombinedOrder pair{OrderId{3}, PlanId{1}, kToday, kMarket, "C3", OrderId{1}, OrderId{2}};
  OrderNumber number = number_of(order, NumberKind::kBuyLeg);
  number.order = OrderId{};  // its message is still cached
  this->commit([&](UnitOfWork& work) {
    EXPECT_TRUE(this->stores().orders.insert(work, order, std::nullopt));
    EXPECT_TRUE(this->stores().orders.insert(work, other, std::nullopt));
    this->stores().orders.insert(work, pair);
    this->stores().orders.put_number(work, number);
  });
  order.number = "later";
  order.confirmed = true;
  order.cancel_pending = true;
  order.filled = 30;
  order.cancelled = 70;
  order.amount = AmountTicks{123};
  order.cause = "no reason";
  order.combined = OrderId{3};
  order.placed = true;
  order.cancels = SeenCancels{"402212 70 C1\n"};
  pair.confirmed = true;
  pair.cancelled = true;
  pair.cause = "why";
  pair.cancels = SeenCancels{"402235 1/2 C2\n"};
  number.order = order.id;
  this->commit([&](UnitOfWork& work) {
    this->stores().orders.update(work, order);
    this->stores().orders.update(work, pair);
    this->stores().orders.put_number(work, number);
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().orders.load_orders(), (std::vector{order, other}));
  EXPECT_EQ(this->stores().orders.load_combined(), std::vector{pair});
  EXPECT_EQ(this->stores().orders.load_numbers(), std::vector{number});
  EXPECT_EQ(this->stores().orders.last_id(), OrderId{3});
}

TYPED_TEST_P(TradingStores, AFillChangesItsOrderInNothingElse) {
  Order order = order_of(1, PlanId{1}, "");
  const Order other = order_of(2, PlanId{1}, "");
  this->commit([&](UnitOfWork& work) {
    EXPECT_TRUE(this->stores().orders.insert(work, order, std::nullopt));
    EXPECT_TRUE(this->stores().orders.insert(work, other, std::nullopt));
  });
  order.filled = 30;
  order.amount = AmountTicks{123};
  Order more = order;
  more.confirmed = true;
  more.cause = "no fill says this";
  this->commit([&](UnitOfWork& work) { this->stores().orders.update_filled(work, more); });
  this->make_.reopen();
  EXPECT_EQ(this->stores().orders.load_orders(), (std::vector{order, other}));
}

TYPED_TEST_P(TradingStores, AnAlgoOrdidIsUniqueWithinItsPlan) {
  this->commit([&](UnitOfWork& work) {
    OrderStore& orders = this->stores().orders;
    EXPECT_TRUE(orders.insert(work, order_of(1, PlanId{1}, "x"), std::nullopt));
    EXPECT_FALSE(orders.insert(work, order_of(2, PlanId{1}, "x"), std::nullopt));
    EXPECT_TRUE(orders.insert(work, order_of(3, PlanId{2}, "x"), std::nullopt));
  });
  EXPECT_EQ(this->stores().orders.load_orders().size(), 2U);
}

TYPED_TEST_P(TradingStores, AFencedWriteNeedsTheEpochAndALivePlan) {
  Plan plan = plan_of(1);
  plan.epoch = Epoch{4};
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, plan);
    this->stores().plans.insert(work, abnormal_plan_of(2));  // of epoch 4
  });
  this->commit([&](UnitOfWork& work) {
    OrderStore& orders = this->stores().orders;
    Outbox& outbox = this->stores().outbox;
    const OutRow row{OutNo{1}, OutKind::kOrder, "t", PlanId{1}, LineNumber{}, "a", "{}"};
    OutRow abnormal = row;
    abnormal.plan = PlanId{2};
    EXPECT_FALSE(orders.insert(work, order_of(1, PlanId{1}, "a"), Epoch{3}));
    EXPECT_FALSE(orders.insert(work, order_of(1, PlanId{2}, "a"), Epoch{4}));
    EXPECT_FALSE(orders.insert(work, order_of(1, PlanId{9}, "a"), Epoch{4}));
    EXPECT_FALSE(outbox.add(work, row, Epoch{3}));
    EXPECT_FALSE(outbox.add(work, abnormal, Epoch{4}));
    EXPECT_TRUE(orders.insert(work, order_of(1, PlanId{1}, "a"), Epoch{4}));
    EXPECT_TRUE(outbox.add(work, row, Epoch{4}));
  });
  EXPECT_EQ(this->stores().orders.load_orders().size(), 1U);
  EXPECT_EQ(this->stores().outbox.last_no(), OutNo{1});
}

TYPED_TEST_P(TradingStores, AFillIsKeptOnceAndSeenInItsOwnBatch) {
  const Order order = order_of(1, PlanId{1}, "");
  this->commit([&](UnitOfWork& work) {
    OrderStore& orders = this->stores().orders;
    EXPECT_FALSE(orders.find_fill(work, kToday, kMarket, order.number, "D1"));
    EXPECT_TRUE(orders.add_fill(work, fill_of(order, "D1")));
    EXPECT_TRUE(orders.find_fill(work, kToday, kMarket, order.number, "D1"));
    EXPECT_FALSE(orders.add_fill(work, fill_of(order, "D1")));
    EXPECT_TRUE(orders.add_fill(work, fill_of(order, "D2")));
    EXPECT_FALSE(orders.find_fill(work, kToday, Market{2}, order.number, "D1"));
    EXPECT_FALSE(orders.find_fill(work, kYesterday, kMarket, order.number, "D1"));
    EXPECT_EQ(orders.filled_by_order(work), (std::map<OrderId, Quantity>{{order.id, 20}}));
  });
  this->make_.reopen();
  this->commit([&](UnitOfWork& work) {
    EXPECT_FALSE(this->stores().orders.add_fill(work, fill_of(order, "D2")));
  });
}

TYPED_TEST_P(TradingStores, TheOutboxKeepsOrderAndNeverReusesANumber) {
  const auto row = [](std::int64_t no, OutKind kind) {
    return OutRow{OutNo{no}, kind,           "t",
                  PlanId{1}, LineNumber{no}, "a" + std::to_string(no),
                  "{}",      from_micros(no)};
  };
  this->commit([&](UnitOfWork& work) {
    for (const std::int64_t no : {1, 2, 4}) {
      EXPECT_TRUE(this->stores().outbox.add(work, row(no, OutKind::kOrder), std::nullopt));
    }
    EXPECT_TRUE(this->stores().outbox.add(work, row(3, OutKind::kPublication), std::nullopt));
    this->stores().outbox.failed_again(work, OutNo{3}, "timeout");
    this->stores().outbox.failed_again(work, OutNo{3}, "again");
  });
  const auto pending = [&](OutKind kind, std::int64_t after, std::size_t limit) {
    std::vector<std::int64_t> numbers;
    this->look([&](UnitOfWork& work) {
      for (const OutRow& r : this->stores().outbox.pending(work, kind, OutNo{after}, limit)) {
        EXPECT_EQ(r.line.value(), r.no.value());
        numbers.push_back(r.no.value());
      }
    });
    return numbers;
  };
  EXPECT_EQ(pending(OutKind::kOrder, 0, 10), (std::vector<std::int64_t>{1, 2, 4}));
  EXPECT_EQ(pending(OutKind::kOrder, 1, 1), (std::vector<std::int64_t>{2}));
  this->look([&](UnitOfWork& work) {
    const auto rows = this->stores().outbox.pending(work, OutKind::kPublication, OutNo{0}, 5);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].attempts, 2);
    EXPECT_EQ(rows[0].last_error, "again");
    EXPECT_EQ(rows[0].created_at, from_micros(3));
  });
  this->commit([&](UnitOfWork& work) { this->stores().outbox.remove_through(work, OutNo{3}); });
  EXPECT_EQ(pending(OutKind::kOrder, 0, 10), (std::vector<std::int64_t>{4}));
  EXPECT_EQ(pending(OutKind::kPublication, 0, 10), (std::vector<std::int64_t>{3}));
  this->commit([&](UnitOfWork& work) {
    this->stores().outbox.remove_through(work, OutNo{9});
    this->stores().outbox.remove(work, std::vector{OutNo{3}});
  });
  this->make_.reopen();
  EXPECT_EQ(pending(OutKind::kOrder, 0, 10), std::vector<std::int64_t>{});
  EXPECT_EQ(this->stores().outbox.last_no(), OutNo{4});
}

TYPED_TEST_P(TradingStores, AnAttemptIsBegunOnceAndThenGoesOn) {
  RecoveryAttempt attempt;
  attempt.id = AttemptId{7};
  attempt.plan = PlanId{1};
  attempt.outcome = "running";
  attempt.disagreements = 2;
  attempt.held = std::chrono::milliseconds{4'000};
  attempt.moving = true;
  attempt.move_from = SiteId{3};
  attempt.move_to = SiteId{4};
  attempt.lost_at = from_micros(5);
  attempt.claimed_at = from_micros(9);
  RecoveryAttempt other;
  other.id = AttemptId{3};
  other.plan = PlanId{1};
  other.outcome = "the site failed";
  this->commit([&](UnitOfWork& work) {
    this->stores().records.put(work, attempt);
    this->stores().records.put(work, other);
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().records.running(), std::vector{attempt});
  attempt.to_site = "B";
  attempt.offered_at = from_micros(10);
  attempt.rebuilt_at = from_micros(11);
  attempt.claimed_at = from_micros(12);
  attempt.replayed_at = from_micros(13);
  attempt.finished_at = from_micros(14);
  attempt.replayed = 6;
  attempt.site_digest = "a";
  attempt.platform_digest = "b";
  attempt.disagreements = 3;
  attempt.held = std::chrono::milliseconds{8'000};
  attempt.moving = false;
  attempt.move_from = SiteId{};
  attempt.move_to = SiteId{};
  RecoveryAttempt begun_otherwise = attempt;
  begun_otherwise.plan = PlanId{2};
  begun_otherwise.attempt = 9;
  begun_otherwise.from_site = "C";
  begun_otherwise.why = "another reason";
  begun_otherwise.lost_at = begun_otherwise.noticed_at = from_micros(99);
  this->commit([&](UnitOfWork& work) { this->stores().records.put(work, begun_otherwise); });
  this->make_.reopen();
  EXPECT_EQ(this->stores().records.running(), std::vector{attempt});
  attempt.outcome = "recovered";
  this->commit([&](UnitOfWork& work) {
    this->stores().records.put(work, attempt);
    this->stores().records.add(
        work, AuditEntry{from_micros(1), "operator", "pause", "plan 1", "2", "5", "test"});
  });
  EXPECT_TRUE(this->stores().records.running().empty());
  EXPECT_EQ(this->stores().records.last_attempt(), AttemptId{7});
}

}  // namespace systask::trading
