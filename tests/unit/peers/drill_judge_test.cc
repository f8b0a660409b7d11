#include "peers/drill/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "peers/link/secrets.h"

namespace systask::peers::drill {
namespace {

constexpr std::int64_t kPlan = 7;

SiteTrace process(const std::string& site, const std::vector<std::string>& lines) {
  SiteTrace trace{site, 1, false, {}};
  for (const std::string& line : lines) {
    const auto parsed = parse_site_line(line);
    EXPECT_TRUE(parsed) << line;
    if (parsed) trace.lines.push_back(*parsed);
  }
  return trace;
}

// Six messages m1 to m6 of plan 7, numbers 2 to 8. Site A has it to number 4 (and was sent 5,
// which it never recorded), B takes over: 6 is a repeat, found at replay, so a skip.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    evidence.requests[kPlan] = {.details = {{1, "ESH4", 1, 0}}};
    evidence.folds[kPlan] = {.unique = 6,
                             .totals = {{1, "ESH4", 1, 10, 4, "19196"}},
                             .open = {{1, "500", "-", 1, 6, 0, "4"}}};
    evidence.flow.sent[kPlan] = {"m1", "m2", "m3", "m4", "m5", "m6"};
    digest = digest_of(kPlan, evidence.requests[kPlan], evidence.folds[kPlan]);
    evidence.platform[kPlan] = {"2", 8, 1, digest};
    a = {"S 1 0", "C 7 1 1 asset.algo.scheme_start", "E 7 1 2 t m1", "E 7 1 3 t m2",
         "E 7 1 4 t m3"};
    b = {"S 2 0", "R 7 3 5 0", "K 7 3 6", "E 7 3 7 t m5", "E 7 3 8 t m6", "D 7 3 8 " + digest};
  }

  Verdict verdict() {
    evidence.sites = {process("A", a), process("B", b)};
    return judge(evidence);
  }
  static std::vector<Fault> faults(const Verdict& verdict) {
    std::vector<Fault> faults;
    for (const Breach& breach : verdict.breaches)
      faults.push_back(breach.fault);
    return faults;
  }

  Evidence evidence;
  std::string digest;
  std::vector<std::string> a;
  std::vector<std::string> b;
};

TEST_F(JudgeTest, FindsNothingWhereAllIsWell) {
  const Verdict found = verdict();
  for (const Breach& breach : found.breaches)
    ADD_FAILURE() << breach.detail;
  EXPECT_TRUE(found.good());
  EXPECT_EQ(found.seen_by_sites, 5);
  EXPECT_EQ(found.compared_at_sites, 1);
  EXPECT_EQ(found.digest, digest_over({{kPlan, digest}}));
}

TEST_F(JudgeTest, SeesAMessageThatNobodyGotThoughTheLineIsWhole) {
  b = {"S 2 0", "R 7 3 5 0", "K 7 3 6", "E 7 3 7 t m6", "D 7 3 7 " + digest};
  evidence.platform[kPlan].last = 7;
  const Verdict found = verdict();
  EXPECT_EQ(found.lost, 1);
  ASSERT_THAT(faults(found), ::testing::ElementsAre(Fault::kLost));
  EXPECT_EQ(found.breaches[0].message_id, "m4");
}

TEST_F(JudgeTest, SeesALossByTheCountAloneWhereNoSiteSawTheEnd) {
  a = {"S 1 0", "C 7 1 1 asset.algo.scheme_start"};
  b = {"S 2 0", "R 7 3 7 1", "D 7 3 7 " + digest};
  evidence.platform[kPlan].last = 7;
  const Verdict found = verdict();
  EXPECT_EQ(found.lost, 1);
  EXPECT_THAT(faults(found), ::testing::ElementsAre(Fault::kLost));
}

TEST_F(JudgeTest, SeesAMessageUnderTwoNumbers) {
  b = {"S 2 0", "R 7 3 5 0", "E 7 3 6 t m3", "E 7 3 7 t m5", "E 7 3 8 t m6", "D 7 3 8 " + digest};
  evidence.platform[kPlan].skipped = 0;
  const Verdict found = verdict();
  EXPECT_EQ(found.doubled, 1);
  const auto doubled = std::ranges::find(found.breaches, Fault::kDoubled, &Breach::fault);
  ASSERT_NE(doubled, found.breaches.end());
  EXPECT_EQ(doubled->message_id, "m3");
  EXPECT_EQ(doubled->seq, 6);
}

TEST_F(JudgeTest, SeesANumberAppliedTwiceByOneProcess) {
  a.insert(a.end() - 1, "E 7 1 3 t m2");
  const Verdict found = verdict();
  EXPECT_EQ(found.doubled, 1);
  ASSERT_THAT(faults(found), ::testing::ElementsAre(Fault::kDoubled));
  EXPECT_EQ(found.breaches[0].seq, 3);
}

TEST_F(JudgeTest, SeesASuccessorThatAppliesAgainWhatWasApplied) {
  b.insert(b.begin() + 2, "E 7 3 4 t m3");
  b.insert(b.begin() + 3, "E 7 3 5 t m4");
  b[1] = "R 7 3 3 0";
  const Verdict found = verdict();
  EXPECT_EQ(found.doubled, 1);
  EXPECT_THAT(faults(found), ::testing::ElementsAre(Fault::kDoubled));
}

TEST_F(JudgeTest, SeesAFillThatCountedAgainUnderANewId) {
  evidence.flow.resent["m9"] = "m3";
  b[2] = "E 7 3 6 t m9";
  evidence.platform[kPlan].skipped = 0;
  const Verdict found = verdict();
  EXPECT_EQ(found.doubled, 1);
  EXPECT_EQ(found.lost, 0);
}

TEST_F(JudgeTest, SeesMessagesOutOfOrder) {
  std::swap(evidence.flow.sent[kPlan][4], evidence.flow.sent[kPlan][5]);
  const Verdict found = verdict();
  EXPECT_EQ(found.out_of_order, 1);
  EXPECT_THAT(faults(found), ::testing::Contains(Fault::kOutOfOrder));
}

TEST_F(JudgeTest, SeesAHoleInATenure) {
  a.erase(a.begin() + 3);
  const Verdict found = verdict();
  ASSERT_THAT(faults(found), ::testing::ElementsAre(Fault::kGap));
  EXPECT_EQ(found.breaches[0].seq, 4);
}

TEST_F(JudgeTest, SeesALineWhoseEndReachedNoSite) {
  b.erase(b.begin() + 4);
  const Verdict found = verdict();
  ASSERT_THAT(faults(found), ::testing::ElementsAre(Fault::kGap));
  EXPECT_EQ(found.breaches[0].seq, 8);
}

TEST_F(JudgeTest, ExcusesTheEndOfACompletedPlanWhoseSiteWasKilled) {
  evidence.requests[kPlan].details[0].quantity = 4;
  const auto completed = digest_of(kPlan, evidence.requests[kPlan], evidence.folds[kPlan]);
  evidence.platform[kPlan] = {"b", 8, 1, completed};
  b.resize(4);
  evidence.sites = {process("A", a), process("B", b)};
  EXPECT_THAT(faults(judge(evidence)), ::testing::ElementsAre(Fault::kGap));
  evidence.sites[1].disturbed = true;
  EXPECT_TRUE(judge(evidence).good());
}

TEST_F(JudgeTest, SeesTwoSitesInOneEpoch) {
  b[1] = "R 7 1 5 0";
  for (std::size_t i = 2; i < b.size(); ++i)
    b[i].replace(4, 1, "1");
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount));
}

TEST_F(JudgeTest, SeesAMessageThatNobodySent) {
  b[3] = "E 7 3 7 t m77";
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kUnknown));
}

TEST_F(JudgeTest, SeesEachWrongDigest) {
  b.back() = "D 7 3 8 beef";
  EXPECT_THAT(faults(verdict()), ::testing::ElementsAre(Fault::kDigest));
  evidence.platform[kPlan].digest = "beef";
  EXPECT_THAT(faults(verdict()), ::testing::ElementsAre(Fault::kDigest, Fault::kDigest));
}

TEST_F(JudgeTest, SeesAPlanThatIsStuckOrThatNoSiteHas) {
  evidence.platform[kPlan].status = "h";
  b.pop_back();
  EXPECT_THAT(faults(verdict()), ::testing::ElementsAre(Fault::kStatus, Fault::kAccount));
}

TEST_F(JudgeTest, SeesARepeatByTheCountAloneWhereNoSiteSawIt) {
  a = {"S 1 0", "C 7 1 1 asset.algo.scheme_start"};
  b = {"S 2 0", "R 7 3 9 1", "D 7 3 9 " + digest};
  evidence.platform[kPlan].last = 9;
  const Verdict found = verdict();
  EXPECT_EQ(found.doubled, 1);
  EXPECT_THAT(faults(found), ::testing::ElementsAre(Fault::kDoubled));
}

TEST_F(JudgeTest, ExcusesNoPlanThatGoesOn) {
  b.resize(4);
  b.push_back("D 7 3 7 " + digest);
  evidence.sites = {process("A", a), process("B", b)};
  evidence.sites[1].disturbed = true;
  EXPECT_THAT(faults(judge(evidence)), ::testing::ElementsAre(Fault::kGap));
}

TEST_F(JudgeTest, SeesANumberBeyondTheEndOfTheLine) {
  evidence.platform[kPlan].last = 7;
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount));
}

TEST_F(JudgeTest, SeesEachDigestThatDiffersInOneDigit) {
  std::string other = digest;
  other[0] = other[0] == '0' ? '1' : '0';
  b.back() = "D 7 3 8 " + other;
  EXPECT_THAT(faults(verdict()), ::testing::ElementsAre(Fault::kDigest));
  b.back() = "D 7 3 8 " + digest;
  evidence.platform[kPlan].digest = other;
  EXPECT_THAT(faults(verdict()), ::testing::ElementsAre(Fault::kDigest));
}

TEST_F(JudgeTest, SeesANumberThatWasTwoMessages) {
  b.insert(b.begin() + 2, "E 7 3 4 t m4");
  b[1] = "R 7 3 3 0";
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount)) << "another message";
  b[2] = "K 7 3 4";
  evidence.platform[kPlan].skipped = 2;
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount)) << "a skip";
}

TEST_F(JudgeTest, IsGoodOnlyWhereItFoundNothing) {
  EXPECT_TRUE(verdict().good());
  evidence.platform[kPlan].status = "h";
  const Verdict found = verdict();
  EXPECT_EQ(found.lost + found.doubled + found.out_of_order, 0);
  EXPECT_FALSE(found.good());
}

TEST_F(JudgeTest, SeesAPlanThatThePlatformForgot) {
  evidence.platform.clear();
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount));
}

TEST_F(JudgeTest, SeesSkipsOfWhichTheSitesKnowNothing) {
  evidence.platform[kPlan].skipped = 2;
  EXPECT_THAT(faults(verdict()), ::testing::Contains(Fault::kAccount));
}

TEST(Account, WritesTheLinesOfTheDigestAsTheProtocolSaysThem) {
  PlanRequest request;
  request.parameters = {{"slices", "6"}, {"price", "48.00"}};
  request.details = {{1, "600570", 1, 0}};
  const PlanFold fold{2,
                      {{1, "ESH4", 2, 10, 4, "192.5"}},
                      {{1, "9", "-", 2, 6, 0, "4"}, {1, "10", "4-1", 2, 6, 1, "a"}}};
  EXPECT_EQ(digest_text(31, request, fold),
            "plan 31\nstatus 2\nparameter price=48.00\nparameter slices=6\n"
            "total 1 600570 1 0 0 0\ntotal 1 ESH4 2 10 4 192.5\n"
            "open 1 10 4-1 2 6 1 a\nopen 1 9 - 2 6 0 4\n");
  EXPECT_EQ(digest_of(31, request, fold), sha256(digest_text(31, request, fold)));
}

TEST(Account, ExpectsAPlanToCompleteOnlyWhereItHadATarget) {
  const PlanFold fold{.totals = {{1, "600570", 1, 100, 100, "4800"}}};
  EXPECT_EQ(expected_status({.details = {{1, "600570", 1, 100}}}, fold), 'b');
  EXPECT_EQ(expected_status({.details = {{1, "600570", 1, 101}}}, fold), '2');
  EXPECT_EQ(expected_status({.details = {{1, "600570", 1, 0}}}, fold), '2');
}

}  // namespace
}  // namespace systask::peers::drill
