// R3-R8 in every state that two sites, one plan and three messages can come to.
#include "tests/model/takeover.h"

#include <gtest/gtest.h>

namespace systask::model {
namespace {

std::string story_of(const Found& found) {
  std::string text = found.breach;
  for (const std::string& step : found.story)
    text += "\n  " + step;
  return text;
}

TEST(Takeover, EveryRuleHoldsInEveryState) {
  const Found found = explore(Mistake::kNone);
  EXPECT_EQ(found.breach, "") << story_of(found);
  EXPECT_GT(found.states, 10'000U) << "the model has lost its troubles";
  GTEST_LOG_(INFO) << found.states << " states, " << found.steps << " steps";
}

struct Case {
  Mistake mistake;
  const char* rule;
};

class MistakenTakeover : public ::testing::TestWithParam<Case> {};

TEST_P(MistakenTakeover, IsFound) {
  const Found found = explore(GetParam().mistake);
  EXPECT_EQ(found.breach.substr(0, 2), GetParam().rule) << story_of(found);
  GTEST_LOG_(INFO) << "after " << found.states << " states: " << story_of(found);
}

INSTANTIATE_TEST_SUITE_P(
    All, MistakenTakeover,
    ::testing::Values(
        Case{Mistake::kFinishWithoutCacheCheck, "R7"},
        Case{Mistake::kFinishWithoutNumberCheck, "R7"}, Case{Mistake::kClaimWithoutEpoch, "R6"},
        Case{Mistake::kClaimWithoutLiveSession, "R5"}, Case{Mistake::kSecondClaimWins, "R5"},
        Case{Mistake::kEpochNeverRaised, "R5"}, Case{Mistake::kReplayFromSnapshotItself, "R3"},
        Case{Mistake::kReplayWithoutFence, "R6"}, Case{Mistake::kDeletedBeforeApplied, "R8"},
        Case{Mistake::kAppliedWhileAbnormal, "R4"}, Case{Mistake::kPlaceWithoutEpoch, "R6"},
        Case{Mistake::kSkipNotPushed, "R3"}, Case{Mistake::kResumeFromTheStart, "R3"}));

}  // namespace
}  // namespace systask::model
