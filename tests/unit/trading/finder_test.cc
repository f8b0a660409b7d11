#include "trading/finder.h"

#include <gtest/gtest.h>

namespace systask::trading {
namespace {

constexpr BusinessDate kDay{20260522};
constexpr Market kMarket{1};

// Plan 1 has order 11 (E1, algo 1-1); plan 2 has the combined order 20 (C1; legs 21 L1, 22 L2).
Book book_of_two() {
  Book book;
  for (const std::int64_t id : {1, 2}) {
    Plan plan;
    plan.id = PlanId{id};
    book.plans.put(plan.id, plan);
  }
  const auto number = [&](const char* text, NumberKind kind, std::int64_t plan,
                          std::int64_t order) {
    book.numbers.put({kDay, kMarket, space_of(kind), text},
                     {kDay, kMarket, text, kind, PlanId{plan}, OrderId{order}});
  };
  number("E1", NumberKind::kOrder, 1, 11);
  number("C1", NumberKind::kCombined, 2, 20);
  number("L1", NumberKind::kBuyLeg, 2, 21);
  number("L2", NumberKind::kSellLeg, 2, 22);
  book.by_algo.put({PlanId{1}, "1-1"}, OrderId{12});
  book.keep();
  return book;
}

Message about(int function_no, const std::string& number, std::int64_t plan = 0) {
  Message message;
  message.function = find_function(function_no);
  message.date = kDay;
  message.market = kMarket;
  message.number = number;
  message.plan = PlanId{plan};
  return message;
}

void expect_found(const Message& message, std::int64_t plan, std::int64_t order) {
  const auto found = find_plan(book_of_two(), message);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->plan, PlanId{plan}) << message.number;
  EXPECT_EQ(found->order, OrderId{order}) << message.number;
}

void expect_refused(const Book& book, const Message& message, const std::string& code) {
  const auto found = find_plan(book, message);
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().code, code);
}

TEST(Finder, ByTheOrdersNumber) {
  expect_found(about(402206, "E1"), 1, 11);
  expect_found(about(402206, "E1", 1), 1, 11);
}

TEST(Finder, ByEitherLegsNumber) {
  expect_found(about(402206, "L1"), 2, 21);
  expect_found(about(402206, "L2"), 2, 22);
}

TEST(Finder, ACombinedOrdersNumberIsApartFromOrders) {
  expect_found(about(402237, "C1"), 2, 20);
  expect_found(about(402206, "C1"), 0, 0);  // never a combined order's own number
  expect_found(about(402237, "L1"), 0, 0);  // combined events match combined numbers only
  expect_found(about(402237, "E1"), 0, 0);
}

TEST(Finder, ACancelNamesItsOrder) {
  Message cancel = about(402212, "X9");
  cancel.cancel_number = "E1";
  expect_found(cancel, 1, 11);
}

TEST(Finder, NumbersRepeatAcrossDaysAndMarkets) {
  Message other = about(402206, "E1");
  other.market = Market{2};
  expect_found(other, 0, 0);
  other = about(402206, "E1");
  other.date = BusinessDate{20260521};
  expect_found(other, 0, 0);
}

TEST(Finder, ByThePlanAndTheSitesOwnNumber) {
  Message early = about(402206, "E7", 1);
  expect_found(early, 1, 0);
  early.algo_ordid = "1-1";
  expect_found(early, 1, 12);
  early.plan = PlanId{2};
  expect_found(early, 2, 0);
}

TEST(Finder, NeverGuesses) {
  expect_refused(book_of_two(), about(402206, "E1", 2), "CONTRADICTION");
  expect_refused(book_of_two(), about(402206, "L1", 1), "CONTRADICTION");
  expect_refused(book_of_two(), about(402206, "E1", 9), "UNKNOWN_PLAN");
  Book book = book_of_two();
  book.numbers.put({kDay, kMarket, NumberSpace::kLeg, "E1"},
                   {kDay, kMarket, "E1", NumberKind::kBuyLeg, PlanId{2}, OrderId{21}});
  expect_refused(book, about(402206, "E1"), "AMBIGUOUS");
  expect_refused(book, about(402206, "E1", 1), "AMBIGUOUS");
}

}  // namespace
}  // namespace systask::trading
