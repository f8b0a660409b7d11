// Messages, the cache, and the turn of the day.
#pragma once

#include <algorithm>
#include <map>

#include "tests/conformance/stores_suite.h"

namespace systask::trading {

TYPED_TEST_P(TradingStores, AMessageIdIsTakenOnce) {
  this->commit([&](UnitOfWork& work) {
    MessageRow row = message_of(1, PlanId{1}, 1);
    EXPECT_TRUE(this->stores().messages.add(work, row));
    row.no = MessageNo{2};
    EXPECT_FALSE(this->stores().messages.add(work, row));
  });
  this->make_.reopen();
  this->commit([&](UnitOfWork& work) {
    EXPECT_FALSE(this->stores().messages.add(work, message_of(1, PlanId{1}, 1)));
  });
  EXPECT_EQ(this->stores().messages.last_no(), MessageNo{1});
}

TYPED_TEST_P(TradingStores, EventsComeInOrderAndOnlyThoseThatAre) {
  this->commit([&](UnitOfWork& work) {
    MessageStore& messages = this->stores().messages;
    EXPECT_TRUE(messages.add(work, message_of(1, PlanId{1}, 2)));
    EXPECT_TRUE(messages.add(work, message_of(2, PlanId{1}, 1)));
    EXPECT_TRUE(messages.add(work, message_of(3, PlanId{1}, 3, Disposition::kDuplicate)));
    EXPECT_TRUE(messages.add(work, message_of(4, PlanId{1}, 4, Disposition::kCached)));
    EXPECT_TRUE(messages.add(work, message_of(5, PlanId{2}, 1)));
    EXPECT_TRUE(messages.add(work, message_of(6, PlanId{1}, 0, Disposition::kPassed)));
    MessageRow settled = message_of(4, PlanId{1}, 4);
    settled.topic = "skip";
    messages.settle(work, settled);
    EXPECT_TRUE(messages.add(work, message_of(7, PlanId{1}, 5, Disposition::kCached)));
  });
  const auto numbers = [&](std::int64_t after, std::int64_t through, std::size_t limit) {
    std::vector<std::int64_t> found;
    this->look([&](UnitOfWork& work) {
      for (const LineEvent& event : this->stores().messages.events(
               work, PlanId{1}, LineNumber{after}, LineNumber{through}, limit)) {
        found.push_back(event.number.value());
      }
    });
    return found;
  };
  EXPECT_EQ(numbers(0, 9, 10), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(numbers(1, 3, 10), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(numbers(0, 9, 2), (std::vector<std::int64_t>{1, 2}));
  this->look([&](UnitOfWork& work) {
    const auto events =
        this->stores().messages.events(work, PlanId{1}, LineNumber{3}, LineNumber{4}, 1);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].topic, "skip");
    EXPECT_EQ(events[0].body, message_of(4, PlanId{1}, 4).body);
  });
}

TYPED_TEST_P(TradingStores, ACachedMessageThatIsAppliedKeepsItsRow) {
  const MessageRow cached = message_of(3, PlanId{1}, 4, Disposition::kCached);
  this->commit([&](UnitOfWork& work) {
    EXPECT_TRUE(this->stores().messages.add(work, cached));
    for (const auto& [no, plan, number, disposition] :
         {std::tuple{4, 1, 5, Disposition::kCached}, std::tuple{5, 1, 6, Disposition::kQuarantined},
          std::tuple{6, 1, 7, Disposition::kCached}, std::tuple{7, 2, 5, Disposition::kCached}})
      EXPECT_TRUE(
          this->stores().messages.add(work, message_of(no, PlanId{plan}, number, disposition)));
    // From a number that nothing in this table has: what is put into the cache by hand.
    this->stores().messages.applied(work, {PlanId{1}, LineNumber{3}, LineNumber{6}});
  });
  this->make_.reopen();
  this->look([&](UnitOfWork& work) {
    const auto kept = this->stores().messages.find(work, cached.no);
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->disposition, Disposition::kApplied);
    EXPECT_EQ(kept->plan, cached.plan);
    EXPECT_EQ(kept->number, cached.number);
    EXPECT_EQ(kept->topic, cached.topic);
    EXPECT_EQ(kept->body, cached.body);
    const auto became = [&](std::int64_t no) {
      return this->stores().messages.find(work, MessageNo{no})->disposition;
    };
    EXPECT_EQ(became(4), Disposition::kApplied);
    EXPECT_EQ(became(5), Disposition::kQuarantined);  // was not cached
    EXPECT_EQ(became(6), Disposition::kCached);       // behind the last of them
    EXPECT_EQ(became(7), Disposition::kCached);       // of another plan
  });
}

TYPED_TEST_P(TradingStores, AQuarantinedMessageIsFoundAndReplacedButKeepsItsId) {
  const MessageRow alone = message_of(1, PlanId{}, 0, Disposition::kQuarantined);
  const MessageRow of_plan = message_of(2, PlanId{1}, 7, Disposition::kQuarantined);
  this->commit([&](UnitOfWork& work) {
    MessageStore& messages = this->stores().messages;
    EXPECT_TRUE(messages.add(work, alone));
    EXPECT_TRUE(messages.add(work, of_plan));
    EXPECT_TRUE(messages.add(work, message_of(3, PlanId{1}, 8, Disposition::kCached)));
    EXPECT_FALSE(messages.find(work, MessageNo{4}).has_value());
    ASSERT_EQ(messages.quarantined_of(work, PlanId{1}).size(), 1U);
    EXPECT_EQ(messages.quarantined_of(work, PlanId{1})[0].no, of_plan.no);
    MessageRow edited = of_plan;
    edited.message_id = "another";
    edited.body = "edited";
    edited.topic = "topic";
    edited.reason = "edited by operator";
    edited.order_number = "N9";
    edited.disposition = Disposition::kApplied;
    edited.received_at = from_micros(99);
    messages.replace(work, edited);
  });
  this->make_.reopen();
  this->look([&](UnitOfWork& work) {
    const auto found = this->stores().messages.find(work, of_plan.no);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->message_id, of_plan.message_id);
    EXPECT_EQ(found->received_at, of_plan.received_at);
    EXPECT_EQ(found->body, "edited");
    EXPECT_EQ(found->topic, "topic");
    EXPECT_EQ(found->order_number, "N9");
    EXPECT_EQ(found->reason, "edited by operator");
    EXPECT_EQ(found->number, LineNumber{7});
    EXPECT_EQ(found->disposition, Disposition::kApplied);
    EXPECT_TRUE(this->stores().messages.quarantined_of(work, PlanId{1}).empty());
  });
}

TYPED_TEST_P(TradingStores, AnEditedMessageIsKnownByWhatWasReceived) {
  const MessageRow as_it_came = message_of(1, PlanId{1}, 7, Disposition::kQuarantined);
  this->commit([&](UnitOfWork& work) {
    MessageStore& messages = this->stores().messages;
    EXPECT_TRUE(messages.add(work, as_it_came));
    EXPECT_FALSE(messages.received(work, "no such id").has_value());
    EXPECT_EQ(messages.received(work, as_it_came.message_id)->body, as_it_came.body);
    MessageRow edited = as_it_came;
    edited.order_number = "N9";
    messages.replace(work, edited);  // the body is what it was
    EXPECT_EQ(messages.received(work, as_it_came.message_id)->body, as_it_came.body);
    for (const char* const body : {"edited", "edited again"}) {
      edited.body = body;
      messages.replace(work, edited);
    }
  });
  this->make_.reopen();
  this->look([&](UnitOfWork& work) {
    MessageStore& messages = this->stores().messages;
    const auto received = messages.received(work, as_it_came.message_id);
    ASSERT_TRUE(received.has_value());
    EXPECT_EQ(received->body, as_it_came.body);
    EXPECT_EQ(received->order_number, "N9");
    EXPECT_EQ(messages.find(work, as_it_came.no)->body, "edited again");
  });
}

TYPED_TEST_P(TradingStores, ParkedMessagesAreFoundOldestFirst) {
  const auto numbers = [](const std::vector<MessageRow>& rows) {
    std::vector<std::int64_t> found;
    for (const MessageRow& row : rows)
      found.push_back(row.no.value());
    return found;
  };
  this->commit([&](UnitOfWork& work) {
    MessageStore& messages = this->stores().messages;
    for (const std::int64_t no : {3, 1, 2}) {
      EXPECT_TRUE(messages.add(work, message_of(no, PlanId{}, 0, Disposition::kParked)));
    }
    MessageRow other = message_of(4, PlanId{}, 0, Disposition::kParked);
    other.order_number = "N2";
    EXPECT_TRUE(messages.add(work, other));
    EXPECT_TRUE(messages.add(work, message_of(5, PlanId{1}, 1)));
    EXPECT_EQ(numbers(messages.parked_of(work, kToday, kMarket, "N1")),
              (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_TRUE(messages.parked_of(work, kYesterday, kMarket, "N1").empty());
    EXPECT_EQ(numbers(messages.parked(work)), (std::vector<std::int64_t>{1, 2, 3, 4}));
    messages.settle(work, message_of(2, PlanId{1}, 2));
    EXPECT_EQ(numbers(messages.parked(work)), (std::vector<std::int64_t>{1, 3, 4}));
  });
  EXPECT_EQ(this->stores().messages.count(Disposition::kParked), 3);
  EXPECT_EQ(this->stores().messages.count(Disposition::kApplied), 2);
  EXPECT_EQ(this->stores().messages.count(Disposition::kQuarantined), 0);
}

TYPED_TEST_P(TradingStores, TheCacheIsReadByNumberAndEmptiedWithTheApplying) {
  this->commit([&](UnitOfWork& work) {
    for (const std::int64_t no : {2, 1, 3}) {
      this->stores().cache.append(work, message_of(no, PlanId{1}, no, Disposition::kCached));
    }
    this->stores().cache.append(work, message_of(4, PlanId{2}, 1, Disposition::kCached));
  });
  {  // not committed: applied and still cached must never both be
    const auto work = this->stores().transactions.begin();
    this->stores().cache.remove(*work, {PlanId{1}, LineNumber{1}, LineNumber{1}});
    EXPECT_EQ(this->stores().cache.depth(*work, PlanId{1}), 2);
  }
  this->make_.reopen();
  this->commit([&](UnitOfWork& work) {
    MessageCache& cache = this->stores().cache;
    EXPECT_EQ(cache.depth(work, PlanId{1}), 3);
    const auto oldest = cache.oldest_first(work, PlanId{1}, 2);
    ASSERT_EQ(oldest.size(), 2U);
    EXPECT_EQ(oldest[0].number, LineNumber{1});
    EXPECT_EQ(oldest[0].message_id, "id-1");
    EXPECT_EQ(oldest[0].body, message_of(1, PlanId{1}, 1).body);
    EXPECT_EQ(oldest[0].topic, "asset.algo.realdeal");
    EXPECT_EQ(oldest[0].disposition, Disposition::kCached);
    EXPECT_EQ(oldest[1].number, LineNumber{2});
    cache.append(work, message_of(5, PlanId{1}, 4, Disposition::kCached));
    cache.remove(work, {PlanId{1}, LineNumber{0}, LineNumber{2}});
    EXPECT_EQ(cache.depth(work, PlanId{1}), 2);
    EXPECT_EQ(cache.oldest_first(work, PlanId{1}, 2)[0].number, LineNumber{3});
  });
  const auto depths = this->stores().cache.depths();
  ASSERT_EQ(depths.size(), 2U);
  EXPECT_EQ(depths[0].messages, 2);
  EXPECT_EQ(depths[1].plan, PlanId{2});
  EXPECT_EQ(depths[1].messages, 1);
}

TYPED_TEST_P(TradingStores, TheDayAndItsSessionsAreKept) {
  EXPECT_EQ(this->stores().day.open_date(), std::nullopt);
  this->commit([&](UnitOfWork& work) {
    this->stores().day.set_open_date(work, kYesterday);
    this->stores().day.set_open_date(work, kToday);
    this->stores().day.add_session_text(work, kMarket, "093000-113000");
    this->stores().day.add_session_text(work, kMarket, "000000-240000");
  });
  this->make_.reopen();
  EXPECT_EQ(this->stores().day.open_date(), kToday);
  EXPECT_EQ(this->stores().day.session_texts(),
            (std::map<Market, std::string>{{kMarket, "093000-113000"}}));
}

TYPED_TEST_P(TradingStores, AStaleCacheIsArchivedAndTodaysStays) {
  this->commit([&](UnitOfWork& work) {
    MessageCache& cache = this->stores().cache;
    cache.append(work, message_of(2, PlanId{2}, 1, Disposition::kCached, kYesterday));
    cache.append(work, message_of(1, PlanId{1}, 5, Disposition::kCached, kYesterday));
    cache.append(work, message_of(3, PlanId{1}, 6, Disposition::kCached, kToday));
  });
  this->commit([&](UnitOfWork& work) {
    DayStore& day = this->stores().day;
    const auto stale = day.stale_cache(work, kToday, 10);
    ASSERT_EQ(stale.size(), 2U);
    EXPECT_EQ(stale[0].plan, PlanId{1});
    EXPECT_EQ(stale[1].plan, PlanId{2});
    EXPECT_EQ(day.stale_cache(work, kToday, 1).size(), 1U);
    for (const MessageRow& row : stale)
      day.archive_cached(work, row.plan, row.number, "applied");
    EXPECT_TRUE(day.stale_cache(work, kToday, 10).empty());
    EXPECT_EQ(this->stores().cache.depth(work, PlanId{1}), 1);
    EXPECT_EQ(day.prune_cache_archive(work, kYesterday), 0U);
    EXPECT_EQ(day.prune_cache_archive(work, kToday), 2U);
  });
}

TYPED_TEST_P(TradingStores, AnEndedPlanLeavesWithAllThatIsItsOwn) {
  Plan ended_plan = plan_of(1, kYesterday);
  ended_plan.status = PlanStatus::kCompleted;
  const Plan today = plan_of(2, kToday);
  const Order order = filled_order_of(1, ended_plan.id, kYesterday);
  const Order left_open = order_of(2, ended_plan.id, "x", kYesterday);
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, ended_plan);
    this->stores().plans.insert(work, today);
    for (const Order& o : {order, left_open, order_of(3, today.id, "x", kToday)}) {
      EXPECT_TRUE(this->stores().orders.insert(work, o, std::nullopt));
      this->stores().orders.put_number(work, number_of(o));
    }
    EXPECT_TRUE(this->stores().orders.add_fill(work, fill_of(order, "D1")));
    const auto add = [&](const MessageRow& row) {
      EXPECT_TRUE(this->stores().messages.add(work, row));
    };
    add(message_of(1, ended_plan.id, 1, Disposition::kApplied, kYesterday));
    add(message_of(2, PlanId{}, 0, Disposition::kQuarantined, kYesterday));
    add(message_of(3, PlanId{}, 0, Disposition::kParked, kYesterday));
    add(message_of(4, today.id, 1, Disposition::kApplied, kToday));
  });
  // 1 message, 1 fill, 2 numbers, 2 orders, 1 plan.
  EXPECT_EQ(this->archive_everything(kToday, 1), 7U);
  EXPECT_EQ(this->archive_everything(kToday, 10), 0U);
  this->make_.reopen();
  EXPECT_EQ(this->stores().plans.load(), std::vector{today});
  EXPECT_EQ(this->stores().plans.last_id(), PlanId{2});
  ASSERT_EQ(this->stores().orders.load_orders().size(), 1U);
  EXPECT_EQ(this->stores().orders.load_numbers().size(), 1U);
  EXPECT_EQ(this->stores().orders.last_id(), OrderId{3});
  EXPECT_EQ(this->stores().messages.last_no(), MessageNo{4});
  EXPECT_EQ(this->stores().messages.count(Disposition::kQuarantined), 1);
  EXPECT_EQ(this->stores().messages.count(Disposition::kParked), 1);
  EXPECT_EQ(this->stores().messages.count(Disposition::kApplied), 1);
}

TYPED_TEST_P(TradingStores, APlanOfSeveralDaysKeepsWhatIsOpen) {
  Plan waits = plan_of(1, kYesterday);
  waits.status = PlanStatus::kExpiredForDay;
  waits.last_date = kToday;
  Plan over = plan_of(2, kYesterday);
  over.status = PlanStatus::kExpiredForDay;
  const Order open = order_of(1, waits.id, "a", kYesterday);
  const Order closed = filled_order_of(2, waits.id, kYesterday);
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, waits);
    this->stores().plans.insert(work, over);
    for (const Order& order : {open, closed}) {
      EXPECT_TRUE(this->stores().orders.insert(work, order, std::nullopt));
      this->stores().orders.put_number(work, number_of(order));
      EXPECT_TRUE(this->stores().orders.add_fill(work, fill_of(order, "D")));
    }
    Order told = closed;
    told.said = SaidTotal{30};
    this->stores().orders.update_filled(work, told);
    EXPECT_TRUE(this->stores().messages.add(
        work, message_of(1, waits.id, 1, Disposition::kApplied, kYesterday)));
    const MessageRow cached = message_of(2, waits.id, 2, Disposition::kCached, kYesterday);
    EXPECT_TRUE(this->stores().messages.add(work, cached));
    this->stores().cache.append(work, cached);
  });
  // 1 message, and fill, number and row of the closed order; the plan that is over.
  EXPECT_EQ(this->archive_everything(kToday, 10), 5U);
  EXPECT_EQ(this->stores().plans.load(), std::vector{waits});
  EXPECT_EQ(this->stores().orders.load_orders(), std::vector{open});
  EXPECT_EQ(this->stores().orders.load_numbers(), std::vector{number_of(open)});
  EXPECT_EQ(this->stores().messages.count(Disposition::kCached), 1);
  this->look([&](UnitOfWork& work) {
    EXPECT_TRUE(this->stores().orders.find_fill(work, kYesterday, kMarket, open.number, "D"));
    EXPECT_FALSE(this->stores().orders.find_fill(work, kYesterday, kMarket, closed.number, "D"));
    EXPECT_EQ(
        this->stores().messages.events(work, waits.id, LineNumber{0}, LineNumber{9}, 9).size(), 1U)
        << "a plan that goes on can still be told what happened yesterday";
    // The check of totals sees the archived order of the plan that goes on, and all its fills.
    const auto archived = this->stores().orders.archived_of_plans(work);
    ASSERT_EQ(archived.size(), 1U);
    EXPECT_EQ(archived[0].id, closed.id);
    EXPECT_EQ(archived[0].plan, waits.id);
    EXPECT_EQ(archived[0].filled, closed.filled);
    EXPECT_EQ(archived[0].amount, closed.amount);
    EXPECT_EQ(archived[0].said, SaidTotal{30});
    EXPECT_EQ(this->stores().orders.filled_by_order(work),
              (std::map<OrderId, Quantity>{{open.id, 10}, {closed.id, 10}}));
  });
}

TYPED_TEST_P(TradingStores, ACombinedOrderLeavesWithItsLegs) {
  const Plan plan = plan_of(1, kYesterday);
  const auto pair_of = [&](std::int64_t id, const Order& buy, const Order& sell) {
    return CombinedOrder{OrderId{id}, plan.id, kYesterday, kMarket, "C" + std::to_string(id),
                         buy.id,      sell.id};
  };
  Order buy = filled_order_of(1, plan.id, kYesterday);
  Order sell = filled_order_of(2, plan.id, kYesterday);
  Order kept_buy = filled_order_of(3, plan.id, kYesterday);
  Order kept_sell = order_of(4, plan.id, "", kYesterday);  // open, and so is its pair
  buy.combined = sell.combined = OrderId{5};
  kept_buy.combined = kept_sell.combined = OrderId{6};
  this->commit([&](UnitOfWork& work) {
    this->stores().plans.insert(work, plan);
    OrderStore& orders = this->stores().orders;
    for (const Order& order : {buy, sell, kept_buy, kept_sell}) {
      EXPECT_TRUE(orders.insert(work, order, std::nullopt));
      orders.put_number(work, number_of(order, NumberKind::kBuyLeg));
    }
    for (const CombinedOrder& pair : {pair_of(5, buy, sell), pair_of(6, kept_buy, kept_sell)}) {
      orders.insert(work, pair);
      orders.put_number(work, OrderNumber{pair.date, pair.market, pair.number,
                                          NumberKind::kCombined, pair.plan, pair.id});
    }
  });
  // Three numbers, and one pair, whose legs go along uncounted.
  EXPECT_EQ(this->archive_everything(kToday, 2), 4U);
  EXPECT_EQ(this->stores().orders.load_orders(), (std::vector{kept_buy, kept_sell}));
  EXPECT_EQ(this->stores().orders.load_combined(), std::vector{pair_of(6, kept_buy, kept_sell)});
  EXPECT_EQ(this->stores().orders.load_numbers().size(), 3U);
  EXPECT_EQ(this->stores().orders.last_id(), OrderId{6});
}

}  // namespace systask::trading
