// What every implementation of the trading ports must do, as typed tests. A fixture `Make`
// gives stores() (trading::Stores on a fresh, empty state), reopen() (the same state, as a
// restart would find it) and lose_next_transaction().
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "trading/ports/day_store.h"
#include "trading/ports/message_store.h"
#include "trading/ports/order_store.h"
#include "trading/ports/outbox.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/ports/site_store.h"
#include "trading/stores.h"

namespace systask::trading {

inline constexpr BusinessDate kYesterday{20260521};
inline constexpr BusinessDate kToday{20260522};
inline constexpr Market kMarket{1};

inline Plan plan_of(std::int64_t id, BusinessDate date = kToday) {
  Plan plan;
  plan.id = PlanId{id};
  plan.date = date;
  plan.last_date = date;
  plan.name = "plan \"" + std::to_string(id) + "\"";
  plan.strategy = "twap";
  plan.environment = "test";
  plan.parameters = Parameters{{"until", "113000"}, {"note", "a\nb\\c"}};
  plan.details = {PlanDetail{kMarket, "600570", Side::kSell, 500},
                  PlanDetail{kMarket, "600000", Side::kBuy, 10'000}};
  plan.status = PlanStatus::kRunning;
  plan.site = SiteId{1};
  plan.session = SessionId{11};
  plan.created_by = "tester";
  plan.created_at = from_micros(1'000'000);
  plan.status_at = from_micros(2'000'000);
  return plan;
}

inline Plan abnormal_plan_of(std::int64_t id) {
  Plan plan = plan_of(id);
  plan.status = PlanStatus::kAbnormal;
  plan.saved_status = PlanStatus::kRunning;
  plan.phase = RecoveryPhase::kOffered;
  plan.epoch = Epoch{4};
  plan.last = LineNumber{9};
  plan.applied = LineNumber{7};
  return plan;
}

inline Site site_of(int id, std::int64_t session, bool live = true) {
  return Site{SiteId{id}, "site " + std::to_string(id), "test", {"twap", "follow"}, 50,
              false,      SessionId{session},           live,   from_micros(5),     from_micros(0)};
}

inline Order order_of(std::int64_t id, PlanId plan, const std::string& ordid,
                      BusinessDate date = kToday) {
  Order order;
  order.id = OrderId{id};
  order.plan = plan;
  order.date = date;
  order.market = kMarket;
  order.security = "600570";
  order.side = Side::kSell;
  order.price = PriceTicks{1'234'500'000};
  order.quantity = 100;
  order.number = "N" + std::to_string(id);
  order.algo_ordid = ordid;
  order.epoch = Epoch{1};
  return order;
}

inline Order filled_order_of(std::int64_t id, PlanId plan, BusinessDate date) {
  Order order = order_of(id, plan, "", date);
  order.confirmed = true;
  order.filled = order.quantity;
  order.amount = AmountTicks{7};
  return order;
}

inline MessageRow message_of(std::int64_t no, PlanId plan, std::int64_t number,
                             Disposition disposition = Disposition::kApplied,
                             BusinessDate date = kToday) {
  return MessageRow{
      MessageNo{no},  "id-" + std::to_string(no), 402206,      date,
      plan,           LineNumber{number},         disposition, kMarket,
      "N1",           "asset.algo.realdeal",      "",          "{\"n\":" + std::to_string(no) + "}",
      from_micros(no)};
}

inline Fill fill_of(const Order& order, const std::string& deal) {
  return Fill{order.date, order.market,  order.number, deal,          order.id,
              order.plan, PriceTicks{5}, 10,           LineNumber{1}, from_micros(3)};
}

inline OrderNumber number_of(const Order& order, NumberKind kind = NumberKind::kOrder) {
  return OrderNumber{order.date, order.market, order.number, kind, order.plan, order.id};
}

template <class Make>
class TradingStores : public testing::Test {
 protected:
  // Runs `body` in a unit of work of its own and commits it.
  void commit(const std::function<void(UnitOfWork&)>& body) {
    const auto work = stores().transactions.begin();
    body(*work);
    work->commit();
  }
  // Looks inside a unit of work that changes nothing.
  template <class Look>
  auto look(Look&& look) {
    const auto work = stores().transactions.begin();
    return look(*work);
  }
  Stores stores() { return make_.stores(); }

  std::size_t archive_everything(BusinessDate before, std::size_t limit) {
    std::size_t total = 0;
    std::size_t moved = 0;
    do {
      commit([&](UnitOfWork& work) { moved = stores().day.archive_some(work, before, limit); });
      EXPECT_LE(moved, limit);
      total += moved;
    } while (moved > 0);
    return total;
  }

  Make make_;
};

TYPED_TEST_SUITE_P(TradingStores);

}  // namespace systask::trading
