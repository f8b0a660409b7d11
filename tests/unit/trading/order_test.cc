#include "trading/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "trading/decimal.h"

namespace systask::trading {
namespace {

Message event(int function_no, Quantity quantity = 0) {
  Message message;
  message.function = find_function(function_no);
  message.deal_price = PriceTicks{10 * kTicksPerUnit};
  if (message.kind() == Kind::kFilled) message.deal_quantity = quantity;
  if (message.kind() == Kind::kCancelled) message.cancel_quantity = quantity;
  return message;
}

Order order_of(Quantity quantity) {
  Order order;
  order.number = "E1";
  order.quantity = quantity;
  return order;
}

// Every order in which the events can come; the state that all of them must lead to.
void expect_one_state(std::vector<Message> events, OrderState state) {
  std::vector<std::size_t> turn(events.size());
  for (std::size_t i = 0; i < turn.size(); ++i)
    turn[i] = i;
  std::optional<Order> first;
  do {
    Order order = order_of(300);
    for (const std::size_t i : turn)
      ASSERT_TRUE(apply_event(order, events[i]).has_value());
    EXPECT_EQ(order.state(), state);
    if (!first) first = order;
    EXPECT_EQ(order, *first);
  } while (std::ranges::next_permutation(turn).found);
}

TEST(Order, FillsAndConfirmationsInAnyOrderGiveOneState) {
  expect_one_state({event(402213), event(402208), event(402206, 100), event(402206, 50)},
                   OrderState::kPartlyFilled);
  expect_one_state({event(402208), event(402206, 100), event(402206, 150), event(402206, 50)},
                   OrderState::kFilled);
  expect_one_state({event(402208), event(402206, 100), event(402212, 200)},
                   OrderState::kPartlyCancelled);
  expect_one_state({event(402213), event(402208), event(402212, 300)}, OrderState::kCancelled);
  expect_one_state({event(402213), event(402207)}, OrderState::kRejected);
}

TEST(Order, TheImpossibleIsRefusedAndChangesNothing) {
  struct Case {
    std::vector<Message> before;
    Message then;
  };
  const std::vector<Case> cases{
      {{event(402206, 300)}, event(402206, 1)},
      {{event(402206, 200)}, event(402206, 101)},
      {{event(402207)}, event(402206, 1)},
      {{event(402206, 1)}, event(402207)},
      {{event(402207)}, event(402212, 1)},
      {{event(402206, 200)}, event(402212, 101)},
      {{event(402212, 300)}, event(402206, 1)},
      {{}, event(402206, 0)},
      {{}, event(402206, -1)},
      {{}, event(402212, -1)},
      {{}, event(402238)},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Order order = order_of(300);
    for (const Message& message : cases[i].before)
      ASSERT_TRUE(apply_event(order, message).has_value()) << i;
    const Order before = order;
    const auto refused = apply_event(order, cases[i].then);
    ASSERT_TRUE(refused.has_error()) << i;
    EXPECT_EQ(refused.error().code, "IMPOSSIBLE") << i;
    EXPECT_EQ(order, before) << i;
  }
}

TEST(Order, AnAmountThatDoesNotFitIsRefused) {
  Order order = order_of(9'000'000'000);
  Message large = event(402206, 4'000'000'000);
  large.deal_price = PriceTicks{20 * kTicksPerUnit};
  const Order before = order;
  EXPECT_TRUE(apply_event(order, large).has_value());
  EXPECT_TRUE(apply_event(order, large).has_error());
  EXPECT_EQ(order.filled, 4'000'000'000);
  EXPECT_NE(order, before);
}

TEST(Order, ACancelWithoutAQuantityTakesOffTheRest) {
  Order order = order_of(300);
  ASSERT_TRUE(apply_event(order, event(402206, 100)).has_value());
  ASSERT_TRUE(apply_event(order, event(402210)).has_value());
  EXPECT_EQ(order.state(), OrderState::kCancelPending);
  ASSERT_TRUE(apply_event(order, event(402212)).has_value());
  EXPECT_EQ(order.cancelled, 200);
  EXPECT_FALSE(order.open());
  EXPECT_FALSE(order.cancel_pending);
}

TEST(Order, ACancelRequestOfAClosedOrderIsNotPending) {
  Order order = order_of(300);
  ASSERT_TRUE(apply_event(order, event(402206, 300)).has_value());
  ASSERT_TRUE(apply_event(order, event(402210)).has_value());
  EXPECT_FALSE(order.cancel_pending);
  EXPECT_EQ(order.state(), OrderState::kFilled);
}

TEST(Order, ARejectedCancelLeavesTheOrderAsItWas) {
  Order order = order_of(300);
  Message rejected = event(402211);
  rejected.cause = "too late";
  ASSERT_TRUE(apply_event(order, event(402208)).has_value());
  ASSERT_TRUE(apply_event(order, event(402210)).has_value());
  ASSERT_TRUE(apply_event(order, rejected).has_value());
  EXPECT_EQ(order.state(), OrderState::kReported);
  EXPECT_EQ(order.cause, "too late");
}

// What an operator forces: the facts give way, and never below what is known of fills.
TEST(ForcedEvent, TheFactsGiveWay) {
  Order over = order_of(300);
  ASSERT_TRUE(apply_event(over, event(402206, 200)));
  ASSERT_TRUE(apply_event(over, event(402212, 50)));
  EXPECT_FALSE(apply_event(over, event(402206, 200)));
  ASSERT_TRUE(force_event(over, event(402206, 200)));
  EXPECT_EQ(over.filled, 400);
  EXPECT_EQ(over.cancelled, 0) << "the 50 came back";
  EXPECT_EQ(over.quantity, 400) << "and 100 more were bought";
  EXPECT_EQ(over.state(), OrderState::kFilled);

  Order rejected = order_of(300);
  ASSERT_TRUE(apply_event(rejected, event(402207)));
  ASSERT_TRUE(force_event(rejected, event(402206, 100)));
  EXPECT_EQ(rejected.state(), OrderState::kPartlyFilled);

  Order late = order_of(300);
  ASSERT_TRUE(apply_event(late, event(402206, 100)));
  ASSERT_TRUE(force_event(late, event(402207)));
  EXPECT_EQ(late.state(), OrderState::kPartlyCancelled);
  EXPECT_EQ(late.filled, 100);

  Order much = order_of(300);
  ASSERT_TRUE(force_event(much, event(402212, 301)));
  EXPECT_EQ(much.state(), OrderState::kCancelled);
}

TEST(ForcedEvent, WhatIsPossibleIsAppliedAsItIsAndWhatHasNoSenseIsRefused) {
  Order order = order_of(300);
  ASSERT_TRUE(force_event(order, event(402207)));
  EXPECT_EQ(order.state(), OrderState::kRejected);
  Order other = order_of(300);
  const Order before = other;
  EXPECT_FALSE(force_event(other, event(402206, 0)));
  EXPECT_FALSE(force_event(other, event(402238)));
  EXPECT_EQ(other, before);
}

}  // namespace
}  // namespace systask::trading
