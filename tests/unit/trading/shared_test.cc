#include "trading/shared.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace systask::trading {
namespace {

using Texts = std::map<std::string, std::string>;

TEST(Shared, CopiesAreOneValueUntilOneIsGivenAnother) {
  const Shared<Texts> first{Texts{{"a", "1"}}};
  Shared<Texts> second = first;
  EXPECT_EQ(&*first, &*second);
  EXPECT_EQ(first, second);
  second = Texts{{"a", "2"}};
  EXPECT_EQ(first->at("a"), "1");
  EXPECT_EQ(second->at("a"), "2");
  EXPECT_NE(first, second);
}

TEST(Shared, IsEqualByItsValue) {
  EXPECT_EQ(Shared<Texts>{Texts({{"a", "1"}})}, Shared<Texts>{Texts({{"a", "1"}})});
  EXPECT_EQ(Shared<Texts>{}, Shared<Texts>{Texts{}});
}

TEST(Shared, WhatWasMovedFromStillHasItsValue) {
  Shared<Texts> first{Texts{{"a", "1"}}};
  const Shared<Texts> second = std::move(first);
  EXPECT_EQ(first->at("a"), "1");  // NOLINT(bugprone-use-after-move): that is what is shown
  EXPECT_EQ(second->at("a"), "1");
}

}  // namespace
}  // namespace systask::trading
