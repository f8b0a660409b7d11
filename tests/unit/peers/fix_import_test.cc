// What messages of FIX become: the order system's reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peers/flow/fix/orders.h"
#include "tests/unit/peers/fix_log.h"
#include "tests/unit/peers/quickfix_log.h"

namespace systask::peers::flow::fix {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNew = "11=1|37=o1|150=0|39=0|55=600570|54=1|38=100|14=0|151=100";

TEST(FixImport, TellsALifeByTheExecTypesOfEachVersion) {
  const auto life = [](const std::string& version, const std::string& part,
                       const std::string& rest) {
    std::string log;
    for (const std::string& one :
         {buy("1"), tell("8", kNew),
          tell("8", part + "|11=1|37=o1|17=e1|39=1|31=10.25|32=40|14=40|151=60|6=10.25"),
          tell("8", rest + "|11=1|37=o1|17=e2|39=2|31=10.5|32=60|14=100|151=0|6=10.4")})
      log += message(one, version) + "\n";
    return Import{log}.lives();
  };
  const auto expected =
      ElementsAre("402213 #1 100", "402208 #1", "402206 #1 40@10.25", "402206 #1 60@10.5");
  EXPECT_THAT(life("FIX.4.2", "20=0|150=1", "20=0|150=2"), expected);
  EXPECT_THAT(life("FIX.4.3", "150=F", "150=F"), expected);
  EXPECT_THAT(life("FIX.4.4", "150=F", "150=F"), expected);
  EXPECT_THAT(life("FIXT.1.1", "1128=9|150=F", "1128=9|150=F"), expected);
}

TEST(FixImport, KeepsWhatAnOrderIs) {
  const Import import{lines({ask("D", "11=1|55=IBM|54=5|38=7|40=1|60=20260522-01:30:05"),
                             ask("D", "11=2|55=[N/A]|48=US4592001014|54=3|38=1|44=99.125")}),
                      {7, 8}};
  ASSERT_EQ(import.all.size(), 2U);
  const auto& [at_us, first] = import.all[0];
  EXPECT_EQ(first.order.direction, 2);  // sold short
  EXPECT_EQ(first.order.price, 0);      // at the market
  EXPECT_EQ(first.order.plan, 7);
  EXPECT_EQ(first.order.business_date, 20260522);
  EXPECT_EQ(first.time, 13'005);
  const Report& second = import.all[1].report;
  EXPECT_EQ(second.order.security, "US4592001014");
  EXPECT_EQ(second.order.direction, 1);
  EXPECT_EQ(second.order.price, 9'912'500'000);
  EXPECT_EQ(second.order.plan, 8);
}

TEST(FixImport, KeepsTheTimeBetweenMessages) {
  const Import import{lines({buy("1"), tell("8", kNew)})};
  ASSERT_EQ(import.all.size(), 2U);
  EXPECT_EQ(import.all[0].at_us, 0);
  EXPECT_EQ(import.all[1].at_us, 250'000);
}

TEST(FixImport, FollowsCancelsThroughTheirClOrdIds) {
  const Import import{lines({
      buy("1"),
      tell("8", kNew),
      ask("F", "11=2|41=1|55=600570|54=1|38=100"),
      tell("8", "11=2|41=1|37=o1|150=6|39=6|14=0|151=100"),
      tell("9", "11=2|41=1|37=o1|39=0|434=1|102=3"),
      ask("F", "11=3|41=1|55=600570|54=1|38=100"),
      tell("8", "11=1|37=o1|150=F|39=1|31=10|32=30|14=30|151=70"),
      tell("8", "11=3|41=1|37=o1|150=4|39=4|14=30|151=0"),
  })};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402208 #1", "402210 #1", "402211 #1 CxlRejReason 3",
                          "402210 #1", "402206 #1 30@10", "402212 #1 70"));
}

TEST(FixImport, MakesAReplacementACancelOfTheRestAndANewOrder) {
  const Import import{lines({
      buy("1"),
      tell("8", kNew),
      tell("8", "11=1|37=o1|150=F|39=1|31=10|32=30|14=30|151=70"),
      ask("G", "11=2|41=1|55=600570|54=1|38=150|40=2|44=11"),
      tell("8", "11=2|41=1|37=o1|150=E|39=E|14=30|151=70"),
      tell("8", "11=2|41=1|37=o2|150=5|39=5|14=30|151=120"),
      tell("8", "11=2|37=o2|150=F|39=2|31=11|32=120|14=150|151=0"),
  })};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402208 #1", "402206 #1 30@10", "402210 #1",
                          "402212 #1 70", "402213 #2 120", "402208 #2", "402206 #2 120@11"));
  EXPECT_EQ(import.all[5].report.order.price, 1'100'000'000);
  EXPECT_EQ(import.all[5].report.order.plan, import.all[0].report.order.plan);
}

TEST(FixImport, RejectsWithTheReason) {
  const Import import{lines({buy("1"), tell("8", "11=1|37=NONE|150=8|39=8|103=3|58=\xE9puis\xE9"),
                             buy("2"), tell("8", "11=2|37=NONE|150=8|39=8|103=11")})};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402207 #1 \u00e9puis\u00e9",
                                          "402213 #2 100", "402207 #2 OrdRejReason 11"));
}

TEST(FixImport, EndsExpiredAndDoneOrders) {
  const Import import{lines({buy("1"), tell("8", "11=1|37=a|150=C|39=C|14=0|151=0"), buy("2"),
                             tell("8", "11=2|37=b|150=3|39=3|14=0|151=0")})};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402212 #1 100", "402213 #2 100", "402212 #2 100"));
}

TEST(FixImport, CountsWhatIsSaidTwiceOnce) {
  const std::string fill = tell("8", "11=1|37=o1|17=e1|150=F|39=1|31=10|32=30|14=30|151=70");
  const std::string end = tell("8", "11=3|41=1|37=o1|150=4|39=4|14=30|151=0");
  const std::string cancel = ask("F", "11=3|41=1|55=600570|54=1");
  const Import import{lines({buy("1"), buy("1"), tell("8", kNew), tell("8", kNew), fill,
                             fill + "|43=Y", cancel, cancel, end, end, buy("1") + "|43=Y"})};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402208 #1", "402206 #1 30@10",
                                          "402210 #1", "402212 #1 70"))
      << import.account;
}

TEST(FixImport, MakesAnOrderThatBeganBeforeTheLogKnownWithWhatIsLeft) {
  const Import import{lines({
      tell("8", "11=9|37=o9|150=F|39=1|55=IBM|54=2|38=100|44=10|31=10|32=20|14=60|151=40"),
      tell("8", "11=9|37=o9|150=F|39=2|31=10|32=40|14=100|151=0"),
      tell("8", "11=8|37=o8|150=4|39=4|14=0|151=0"),
      ask("F", "11=6|41=7|55=IBM|54=1"),
  })};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 60", "402208 #1", "402206 #1 20@10", "402206 #1 40@10"));
  EXPECT_THAT(import.account, HasSubstr("made known by their first report"));
  EXPECT_THAT(import.account, HasSubstr("do not say what was left, first on line 3"));
  EXPECT_THAT(import.account, HasSubstr("requests about orders that the log never placed"));
}

TEST(FixImport, MakesMissingFillsOfTheAverageAndSaysSo) {
  const Import import{lines({buy("1"), tell("8", kNew),
                             tell("8", "11=1|37=o1|150=F|39=1|31=10|32=30|14=70|151=30|6=9.5")})};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402208 #1", "402206 #1 40@9.5", "402206 #1 30@10"));
  EXPECT_THAT(import.account, HasSubstr("made of CumQty (14) at AvgPx (6), first on line 3"));
}

TEST(FixImport, TakesWhatNamesNothingForNoName) {
  for (const std::string nothing : {"0", "-1", "none", "Unknown", "[N/A]"}) {
    const Import import{
        lines({buy("1"), tell("8", std::string{kNew} + "|41=" + nothing),
               tell("8", "11=2|37=" + nothing + "|41=" + nothing +
                             "|150=F|39=1|55=IBM|54=2|38=50|31=11|32=5|14=5|151=45"),
               tell("8", "11=1|37=" + nothing + "|150=F|39=2|31=10|32=100|14=100|151=0")})};
    EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402208 #1", "402213 #2 50",
                                            "402208 #2", "402206 #2 5@11", "402206 #1 100@10"))
        << import.account;
  }
}

TEST(FixImport, BooksNoFillOnAnOrderOfAnotherSecurityOrSide) {
  for (const std::string other : {"55=IBM|54=1", "55=600570|54=2"}) {
    const Import import{
        lines({buy("1"), tell("8", kNew),
               tell("8", "11=2|37=o1|150=F|39=1|38=50|31=11|32=5|14=5|151=45|" + other)})};
    EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402208 #1", "402213 #2 50",
                                            "402208 #2", "402206 #2 5@11"));
    EXPECT_THAT(import.account, HasSubstr("of another security or side, passed over"));
  }
}

TEST(FixImport, LeavesOutTheLegsOfAnOrderOfMany) {
  const auto fill = [](const std::string& part) {
    return tell("8", "11=1|37=o1|150=F|39=1|38=100|" + part);
  };
  const Import import{
      lines({buy("1"), tell("8", kNew), fill("442=2|55=L1|54=1|32=40|31=50|14=40|151=60"),
             fill("442=2|55=L2|54=2|32=80|31=25|14=80|151=20"),
             fill("442=3|55=600570|54=1|32=40|31=1|14=40|151=60")})};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402208 #1", "402206 #1 40@1"));
  EXPECT_EQ(import.tally.of(Section::kLeftOut,
                            "reports of single legs, of orders of many (MultiLegReportingType 2)"),
            2);
}

TEST(FixImport, BeginsAnotherOrderWhereAClOrdIdComesAgainOnAnotherDay) {
  const auto on = [](const std::string& day, std::string part) {
    return part.replace(part.find("20260522"), 8, day);
  };
  const Import import{lines({on("20260521", buy("1")), on("20260521", tell("8", kNew)), buy("1", 7),
                             tell("8", "11=1|37=p1|150=F|39=2|31=10|32=7|14=7|151=0")})};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402208 #1", "402213 #2 7", "402206 #2 7@10"));
  EXPECT_THAT(import.account, HasSubstr("came again on another day"));
}

TEST(FixImport, TellsTheClientsBehindOneSessionApart) {
  const std::string of_one = "|11=1|37=a|150=F|39=2|31=10|32=100|14=100|151=0";
  const std::string of_two = "|11=1|37=b|150=F|39=2|31=11|32=7|14=7|151=0";
  const Import import{lines({buy("1") + "|115=X", buy("1", 7) + "|115=Y",
                             tell("8", "128=Y" + of_two), tell("8", "128=X" + of_one)})};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 100", "402213 #2 7", "402206 #2 7@11", "402206 #1 100@10"));
  // Where only the order names its client, its reports find it all the same.
  const Import unnamed{lines({buy("1") + "|115=X", tell("8", of_one.substr(1))})};
  EXPECT_THAT(unnamed.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10"));
}

TEST(FixImport, GoesOnWithAReplacementOfAnOrderThatIsFilledMeanwhile) {
  const Import import{lines({
      buy("1"),
      ask("G", "11=2|41=1|55=600570|54=1|38=200|44=11"),
      tell("8", "11=1|37=o1|150=F|39=2|31=10|32=100|14=100|151=0"),
      tell("8", "11=2|41=1|37=o1|150=5|39=1|38=200|44=11|14=100|151=100"),
      tell("8", "11=2|37=o1|150=F|39=2|31=11|32=100|14=200|151=0"),
  })};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402210 #1", "402206 #1 100@10",
                                          "402213 #2 100", "402208 #2", "402206 #2 100@11"));
  const Import refused{lines({
      buy("1"),
      ask("G", "11=2|41=1|55=600570|54=1|38=200|44=11"),
      tell("8", "11=1|37=o1|150=F|39=2|31=10|32=100|14=100|151=0"),
      tell("9", "11=2|41=1|37=o1|39=2|434=2|102=0"),
  })};
  EXPECT_THAT(refused.lives(), ElementsAre("402213 #1 100", "402210 #1", "402206 #1 100@10"));
  EXPECT_THAT(refused.account, HasSubstr("cancel rejects of orders that had ended"));
}

TEST(FixImport, KnowsALateFillFromARepeat) {
  const std::string fill = "11=1|37=o1|150=F|39=4|31=10|32=30|14=30|151=0";
  const std::string end = tell("8", "11=1|37=o1|150=4|39=4|14=0|151=0");
  const Import late{lines({buy("1"), end, tell("8", fill)})};
  EXPECT_EQ(late.tally.of(Section::kLeftOut, "fills of orders that had ended"), 1);
  const Import repeated{lines({buy("1"), tell("8", fill), end, tell("8", fill)})};
  EXPECT_EQ(repeated.tally.total(Section::kLeftOut), 0) << repeated.account;
  EXPECT_EQ(repeated.tally.of(Section::kNoted, "reports about orders that had ended"), 1);
}

TEST(FixImport, CountsAFillByWhatItSaysWhereCumQtyDoesNot) {
  const Import zero{lines({buy("1"), tell("8", "11=1|37=o1|150=2|39=2|31=10|32=100|14=0|151=0")})};
  EXPECT_THAT(zero.lives(), ElementsAre("402213 #1 100", "402206 #1 100@10"));
  // An old engine's acknowledgement, whatever ExecType says.
  const Import confirmed{lines({buy("1"), tell("8", "11=1|37=o1|150=2|39=0|14=0|151=100")})};
  EXPECT_THAT(confirmed.lives(), ElementsAre("402213 #1 100", "402208 #1"));
  const std::string fill = tell("8", "11=1|37=o1|17=e1|150=F|39=1|31=10|32=40|151=60");
  const Import resent{lines({buy("1"), fill, fill + "|43=Y", tell("8", kNew)})};
  EXPECT_THAT(resent.lives(), ElementsAre("402213 #1 100", "402206 #1 40@10", "402208 #1"));
}

TEST(FixImport, SaysWhatStaysOpenAndWhatWasRefused) {
  const Import import{lines({tell("8", kNew), buy("2"), tell("3", "45=1|372=D|58=bad symbol"),
                             ask("AB", "11=3|55=S|54=1|38=1")})};
  EXPECT_EQ(import.tally.of(Section::kNoted, "orders that were open at the end of the log"), 2);
  EXPECT_THAT(import.account, HasSubstr("refusals (3, j) of orders and requests, which stay"));
  EXPECT_THAT(import.account, HasSubstr("not translated: NewOrderMultileg (AB), first on line 4"));
  EXPECT_THAT(import.account, Not(HasSubstr("repeats"))) << "an order made known is no repeat";
}

TEST(FixImport, LeavesOutCorrectionsAndGoesOn) {
  const Import import{lines({
      buy("1"),
      tell("8", "11=1|37=o1|17=e1|150=F|39=1|31=10|32=50|14=50|151=50"),
      tell("8", "11=1|37=o1|17=e2|19=e1|150=H|39=1|31=10|32=50|14=0|151=100"),
      tell("8", "11=1|37=o1|17=e3|150=F|39=1|31=11|32=30|14=30|151=70"),
  })};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100", "402206 #1 50@10", "402206 #1 30@11"));
  EXPECT_THAT(import.account, HasSubstr("1  trade cancels and corrections"));
  const Import old{message(tell("8", "20=1|11=1|37=o1|150=1|39=1|14=0"), "FIX.4.2")};
  EXPECT_THAT(old.account, HasSubstr("1  trade cancels and corrections"));
}

TEST(FixImport, GivesUpAnOrderThatContradictsItselfAndNoOther) {
  const Import import{lines({
      buy("1", 10),
      tell("8", "11=1|37=o1|150=F|39=2|31=10|32=11|14=11|151=0"),
      tell("8", "11=1|37=o1|150=4|39=4|14=11|151=0"),
      buy("2"),
      ask("D", "11=3|55=X|54=8|38=1"),
      ask("D", "11=4|55=X|54=1|38=0.5"),
      ask("D", "11=5|55=X|54=1|38=1|44=1e3"),
  })};
  EXPECT_THAT(import.lives(),
              ElementsAre("402213 #1 10", "402210 #1", "402212 #1 10", "402213 #2 100"))
      << "it does not stay open on the platform";
  for (const char* why :
       {"fills beyond the order's quantity", "messages about orders given up before",
        "neither buy nor sell", "orders of parts of a unit (38); --quantity-scale",
        "whose Price (44) is no decimal"})
    EXPECT_THAT(import.account, HasSubstr(why));
}

TEST(FixImport, KeepsAmountsWithinWhatAPlanCanCount) {
  const Import import{lines({
      ask("D", "11=1|55=X|54=1|38=1000000|44=90000"),
      tell("8", "11=1|37=o1|150=F|39=1|31=90000|32=1000000|14=1000000|151=0"),
      ask("D", "11=2|55=X|54=1|38=1000000|44=90000"),
      tell("8", "11=2|37=o2|150=F|39=1|31=90000|32=1000000|14=1000000|151=0"),
  })};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 1000000", "402206 #1 1000000@90000",
                                          "402213 #2 1000000", "402210 #2", "402212 #2 1000000"));
  EXPECT_THAT(import.account, HasSubstr("beyond the amount that a plan can count"));
}

TEST(FixImport, TakesListsApart) {
  const std::string list =
      "66=L1|68=2|73=2|11=1|67=1|55=IBM|54=1|38=10|44=5|453=1|448=T|447=D|11=2|67=2|55=MSFT|54=2"
      "|38=20|44=6|453=1|448=T|447=D";
  const Import import{lines({
      ask("E", list),
      ask("L", "66=L1"),
      tell("N", "66=L1|429=2|73=2|11=1|39=0|14=0|151=10|11=2|39=8|14=0|151=0|58=no stock"),
      ask("K", "66=L1"),
      ask("K", "66=L2"),
      tell("8", "11=1|37=o1|150=4|39=4|14=0|151=0"),
  })};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 10", "402213 #2 20", "402208 #1",
                                          "402207 #2 no stock", "402210 #1", "402212 #1 10"))
      << import.account;
  EXPECT_EQ(import.all[1].report.order.security, "MSFT");
  EXPECT_EQ(import.all[1].report.order.direction, 2);
  EXPECT_EQ(import.tally.of(Section::kOrders, "ListExecute (L)"), 1);
}

// The library would allot an array of that many.
TEST(FixImport, RefusesAListWithATagThatNobodyNumbers) {
  const Import import{lines({ask("E", "66=l|73=1|11=1|67=1|55=600570|54=1|38=5|999999999=x"),
                             ask("E", "66=m|73=1|999999998=x|11=2"), buy("3")})};
  EXPECT_THAT(import.lives(), ElementsAre("402213 #1 100"));
  EXPECT_EQ(import.tally.of(Section::kBroken, "no message: a list has a tag beyond 99999"), 2);
}

TEST(FixImport, ForgetsAListWithItsLastOpenOrder) {
  Orders orders;
  Life& first = orders.begin({});
  Life& second = orders.begin({});
  orders.add_to_list("L1", first);
  orders.add_to_list("L1", second);
  orders.add_to_list("L2", orders.begin({}));
  EXPECT_THAT(orders.open_of_list("L1"), ElementsAre(&first, &second));
  orders.end(first);
  EXPECT_THAT(orders.open_of_list("L1"), ElementsAre(&second));
  EXPECT_EQ(orders.open_lists(), 2U);
  orders.forget(second);
  EXPECT_THAT(orders.open_of_list("L1"), ElementsAre());
  EXPECT_EQ(orders.open_lists(), 1U);
}

TEST(FixImport, CountsSessionAndUnknownMessagesByType) {
  const Import import{lines({ask("A", "98=0|108=30"), ask("0", "112=x"), ask("0", "112=y"),
                             ask("R", "131=q"), ask("U7", "5001=z"), ask("R", "131=q")})};
  EXPECT_TRUE(import.all.empty());
  EXPECT_EQ(import.tally.of(Section::kSession, "Heartbeat (0)"), 2);
  EXPECT_EQ(import.tally.of(Section::kUnknown, "MsgType U7"), 1);
  EXPECT_THAT(import.account, HasSubstr("2  QuoteRequest (R), first on line 4"));
}

TEST(FixImport, ReadsBackWhatQuickfixWrites) {
  const Import import{quickfix_log(50)};
  EXPECT_EQ(import.tally.total(Section::kBroken), 0) << import.account;
  EXPECT_EQ(import.tally.total(Section::kLeftOut), 0) << import.account;
  EXPECT_EQ(import.tally.of(Section::kMade, "402213 placed"), 50);
  EXPECT_EQ(import.tally.of(Section::kMade, "402208 confirmed"), 50);
  EXPECT_EQ(import.tally.of(Section::kMade, "402206 filled"), 100);
  std::int64_t filled = 0;
  for (const auto& [at_us, report] : import.all)
    filled += report.deal_quantity;
  EXPECT_EQ(filled, 50 * 100);
}

}  // namespace
}  // namespace systask::peers::flow::fix
