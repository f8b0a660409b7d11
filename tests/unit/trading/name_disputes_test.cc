#include "trading/name_disputes.h"

#include <gtest/gtest.h>

namespace systask::trading {
namespace {

using namespace std::chrono_literals;

TEST(NameDisputes, AreClosedAfterThreeReplacementsWithinAMinute) {
  NameDisputes disputes;
  const MonotonicPoint begin{1h};
  disputes.replaced("A", "h1", begin);
  disputes.replaced("A", "h2", begin + 1s);
  EXPECT_EQ(disputes.closed_for("A", begin + 1s), 0s);
  disputes.replaced("A", "h1", begin + 2s);
  EXPECT_EQ(disputes.closed_for("A", begin + 2s), 58s);
  EXPECT_EQ(disputes.closed_for("A", begin + 60s), 0s);
  EXPECT_EQ(disputes.closed_for("B", begin + 2s), 0s);
  EXPECT_EQ(disputes.holder("A"), "h1");
  EXPECT_EQ(disputes.replacements(), 3U);
}

TEST(NameDisputes, AreSeenAsLongAsLoginsAreRefused) {
  NameDisputes disputes;
  const MonotonicPoint begin{1h};
  disputes.logged_in("A", "h1");
  EXPECT_TRUE(disputes.view(begin).empty());
  disputes.refused("A", "h2", begin);
  disputes.refused("A", "h3", begin + 30s);
  const auto seen = disputes.view(begin + 90s);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].site, "A");
  EXPECT_EQ(seen[0].holder, "h1");
  EXPECT_EQ(seen[0].refused_from, "h3");
  EXPECT_EQ(seen[0].refused, 2);
  EXPECT_TRUE(disputes.view(begin + 91s).empty());
  disputes.refused("A", "h2", begin + 10min);
  EXPECT_EQ(disputes.view(begin + 10min).at(0).refused, 1) << "another dispute";
}

}  // namespace
}  // namespace systask::trading
