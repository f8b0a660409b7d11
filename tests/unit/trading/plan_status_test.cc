#include "trading/plan_status.h"

#include <gtest/gtest.h>

#include <set>

#include "trading/route.h"

namespace systask::trading {
namespace {

std::vector<PlanStatus> all() {
  std::vector<PlanStatus> statuses;
  for (const char c : kPlanStatusChars)
    statuses.push_back(plan_status(c).value());
  return statuses;
}

TEST(PlanStatus, EveryCharacterIsAStatusWithANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const PlanStatus status : all())
    names.insert(name_of(status));
  EXPECT_EQ(names.size(), kPlanStatusChars.size());
  EXPECT_FALSE(names.contains("unknown"));
  for (const char c : {'i', ' ', '\0', 'A'})
    EXPECT_FALSE(plan_status(c).has_value());
}

TEST(PlanStatus, NothingLeavesAnEndButTheDayExpired) {
  for (const PlanStatus from : all())
    for (const PlanStatus to : all()) {
      if (ended(from) && from != PlanStatus::kExpiredForDay) {
        EXPECT_FALSE(allowed(from, to)) << name_of(from) << " -> " << name_of(to);
      }
      if (from == to) {
        EXPECT_FALSE(allowed(from, to) && from != PlanStatus::kAbnormal) << name_of(from);
      }
    }
}

TEST(PlanStatus, WhatASiteHoldsCanBecomeAbnormalAndComeBack) {
  for (const PlanStatus status : all()) {
    EXPECT_EQ(allowed(status, PlanStatus::kAbnormal), held_by_site(status)) << name_of(status);
    if (held_by_site(status)) {
      EXPECT_TRUE(allowed(PlanStatus::kAbnormal, status)) << name_of(status);
    }
  }
}

TEST(PlanStatus, UnansweredRequestsAreFiveAndHeldByASite) {
  std::string waiting;
  for (const PlanStatus status : all())
    if (awaits_site(status)) waiting += static_cast<char>(status);
  EXPECT_EQ(waiting, "1479g");
}

TEST(Route, EveryKindInEveryStatus) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kPlanChange); ++kind)
    for (const PlanStatus status : all())
      for (const bool quarantined : {false, true}) {
        const auto what = static_cast<Kind>(kind);
        Route expected = Route::kApply;
        if (status == PlanStatus::kAbnormal || quarantined) expected = Route::kCache;
        if (what == Kind::kApproval) expected = Route::kPassThrough;
        EXPECT_EQ(route_for(what, status, quarantined), expected) << kind << name_of(status);
      }
}

}  // namespace
}  // namespace systask::trading
