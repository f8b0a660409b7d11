// Logs of others that went wrong: each test is a kind that was found in one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peers/flow/fix/cutter.h"
#include "tests/unit/peers/fix_log.h"

namespace systask::peers::flow::fix {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// As tell() and buy(), numbered as an engine does.
std::string numbered(const std::string& text, int number) {
  return text + "|34=" + std::to_string(number);
}

TEST(FixCases, ARefusedDuplicateLeavesTheOrderThatItDuplicates) {
  const std::string fill = "11=1|37=o1|150=F|39=2|31=10|32=100|14=100|151=0";
  const std::string accepted = tell("8", "11=1|37=o1|17=e0|150=0|39=0|14=0|151=100");
  for (const char* const refusal :
       {"11=1|37=o2|150=8|39=0|103=6|58=duplicate order", "11=1|37=NONE|150=8|39=8|103=6",
        "11=1|37=o2|150=8|39=8|58=no", "11=1|150=8|39=8|58=no"}) {
    const Import import{lines({buy("1"), accepted, buy("1"), tell("8", refusal), tell("8", fill)})};
    EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402208 #1", "402206 #1 100@10"))
        << refusal;
    EXPECT_THAT(import.account, HasSubstr("rejections of a second order under the ClOrdID"));
  }
  const Import refused{lines({buy("1"), accepted, tell("8", "11=1|37=o1|150=8|39=8|58=no")})};
  EXPECT_THAT(refused.lives(), ElementsAre("402213 #1 100", "402208 #1", "402207 #1 no"))
      << "its own rejection is one";
}

TEST(FixCases, ALogThatIsSaidTwiceCountsOnce) {
  const std::string once =
      lines({numbered(buy("1"), 1),
             numbered(tell("8", "11=1|37=o1|17=e1|150=F|39=2|31=10|32=100|14=100|151=0"), 1)});
  const Import import{once + once};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10"));
  const Import again{once + lines({numbered(buy("1"), 2)})};
  EXPECT_THAT(again.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10", "402213 #2 100"))
      << "a ClOrdID that comes again is another order";
}

TEST(FixCases, AFillThatIsSaidTwiceWithoutCumQtyCountsOnce) {
  const std::string fill = "11=1|37=o1|17=e1|150=F|39=1|31=10|32=40|151=60";
  const Import import{lines({buy("1"), tell("8", fill), numbered(tell("8", fill), 9),
                             tell("8", "11=1|37=o1|17=e2|150=F|39=2|31=10|32=60|151=0")})};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402206 #1 40@10", "402206 #1 60@10"));
}

TEST(FixCases, AFilledOrderThatAReplacementOpensAgainIsFollowed) {
  const std::vector<std::string> log{
      buy("1"),
      tell("8", "11=1|37=o1|150=F|39=2|31=10|32=100|14=100|151=0|55=600570|54=1"),
      ask("G", "11=2|41=1|55=600570|54=1|38=150|44=10"),
      tell("8", "11=2|41=1|37=o1|150=E|39=E|38=100|151=0|14=100"),
      tell("8", "11=2|41=1|37=o1|150=5|39=1|38=150|151=50|14=100"),
      tell("8", "11=2|37=o1|150=F|39=2|38=150|31=10|32=50|14=150|151=0")};
  const Import import{lines(log), {7, 8}};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10", "402213 #2 50",
                                          "402208 #2", "402206 #2 50@10"));
  EXPECT_EQ(import.all.back().report.order.plan, 7) << "it stays with its plan";
  EXPECT_THAT(import.account, HasSubstr("filled orders that a replacement opened again"));
  // The same replacement, of an order that it did open and that was cancelled since.
  const Import cancelled{lines(
      {log[0], log[1], log[2], log[4], tell("8", "11=2|37=o1|150=4|39=4|14=100|151=0"), log[4]})};
  EXPECT_THAT(cancelled.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10", "402213 #2 50",
                                             "402208 #2", "402212 #2 50"));
}

TEST(FixCases, AnOrderThatIsGivenUpIsCancelledOnThePlatform) {
  const Import import{lines({
      buy("1"),
      tell("8", "11=1|37=o1|17=e1|150=F|39=1|31=10|32=40|14=40|151=60"),
      tell("8", "11=1|37=o1|17=e2|19=e1|150=H|39=0|31=10|32=40|14=0|151=100"),
      tell("8", "11=1|37=o1|17=e3|150=F|39=1|31=10|32=80|14=80|151=20"),
      tell("8", "11=1|37=o1|150=4|39=4|14=80|151=0"),
  })};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402206 #1 40@10", "402210 #1", "402212 #1 60"));
  EXPECT_THAT(import.account, HasSubstr("of which the rest is cancelled on the platform"));
  EXPECT_THAT(import.account, Not(HasSubstr("open at the end")));
}

// The platform would quarantine them, and a drill would wait for them in vain.
TEST(FixCases, PricesThatThePlatformDoesNotTakeAreLeftOut) {
  constexpr const char* kOrders =
      "orders at a price (44) that the platform does not take: below 0 or too high";
  constexpr const char* kFills =
      "fills at a price (31, 6) that the platform does not take: 0, below or too high";
  const Import spread{lines({ask("D", "11=1|55=ESH4-ESM4|54=1|38=100|40=2|44=-0.25"),
                             ask("D", "11=2|55=ES|54=1|38=100|40=2|44=10000000000.5")})};
  EXPECT_THAT(spread.lives(), ElementsAre());
  EXPECT_EQ(spread.tally.of(Section::kLeftOut, kOrders), 2) << spread.account;
  for (const char* const price : {"0", "-0.25"}) {
    const Import filled{lines({buy("1"), tell("8", std::string{"11=1|37=o1|150=F|39=2|31="} +
                                                       price + "|32=100|14=100|151=0")})};
    EXPECT_THAT(filled.lives(), ElementsAre("402213 #1 100", "402210 #1", "402212 #1 100"));
    EXPECT_EQ(filled.tally.of(Section::kLeftOut, kFills), 1) << filled.account;
  }
  const Import replaced{lines({buy("1"), ask("G", "11=2|41=1|54=1|38=100|44=-1"),
                               tell("8", "11=2|41=1|37=o1|150=5|39=0|38=100|44=-1|14=0|151=100")})};
  EXPECT_EQ(replaced.tally.of(Section::kLeftOut, kOrders), 1) << replaced.account;
  EXPECT_EQ(replaced.lives().back(), "402212 #1 100");
}

TEST(FixCases, WhatIsSaidOfEndedOrdersAndOfStatusesHasItsLabel) {
  const Import bust{lines({
      buy("1"),
      tell("8", "11=1|37=o1|17=e1|150=F|39=2|31=10|32=100|14=100|151=0"),
      tell("8", "11=1|37=o1|17=e2|19=e1|150=H|39=0|31=10|32=100|14=0|151=100"),
      tell("8", "11=1|37=o1|17=e3|150=F|39=2|31=10|32=100|14=100|151=0"),
  })};
  EXPECT_EQ(
      bust.tally.of(Section::kLeftOut, "new fills behind a trade cancel, of orders that had ended"),
      1)
      << bust.account;
  const std::string status = tell("8", "11=1|37=o1|150=I|39=0|14=0|151=100|38=100");
  const Import asked{lines({buy("1"), status, tell("8", "11=1|37=o1|150=4|39=4|14=0"), status})};
  EXPECT_EQ(asked.tally.of(Section::kNoted,
                           "status reports (ExecType I, ExecTransType 3), which change nothing"),
            2)
      << asked.account;
}

TEST(FixCases, QuantitiesAreCountedInTheUnitOfTheScale) {
  const ScratchFolder folder;
  const std::string path = folder.file("a.log");
  std::ofstream{path} << lines(
      {ask("D", "11=1|55=BTC-USD|54=1|38=0.015|40=2|44=27000.5"),
       tell("8", "11=1|37=o1|150=F|39=2|31=27000.5|32=0.015|14=0.015|151=0|38=0.015")});
  EXPECT_EQ(survey({.path = path}).reports, 0);
  FixRecording recording{{.path = path, .quantity_scale = 3, .plans = {1}}};
  EXPECT_EQ(recording.next()->report.order.quantity, 15);
  EXPECT_EQ(recording.next()->report.deal_quantity, 15);
}

TEST(FixCases, AnEditedLogIsReadByItsSeparator) {
  std::string edited = message(buy("1"));
  edited.replace(edited.find("600570"), 6, "X");  // neither length nor sum match now
  const ScratchFolder folder;
  const std::string path = folder.file("a.log");
  std::ofstream{path} << edited << "\n" << message(buy("2")) << "\n";
  EXPECT_EQ(survey({.path = path}).reports, 1);
  EXPECT_THAT(survey({.path = path}).account, HasSubstr("--separator SOH"));
  EXPECT_EQ(survey({.path = path, .separator = "\x01"}).reports, 2);
  EXPECT_EQ(survey({.path = path, .separator = "\x01"}).first_security, "X");
}

TEST(FixCases, ASeparatorCannotBeWhatFieldsHave) {
  for (const char* const good : {"|", "^A", "\x01", ";", R"(\u0001)"})
    EXPECT_EQ(flaw_of_separator(good), "") << good;
  for (const char* const bad : {"", "=", "a=", "\n", "1", "a1", "123456789"})
    EXPECT_NE(flaw_of_separator(bad), "") << bad;
}

}  // namespace
}  // namespace systask::peers::flow::fix
