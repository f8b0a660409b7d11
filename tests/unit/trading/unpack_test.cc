#include "trading/unpack.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "trading/decimal.h"

namespace systask::trading {
namespace {

constexpr const char* kFill =
    R"({"function_no":402206,"business_date":20260522,"market_no":1,"entrust_no":"E1",)"
    R"("deal_no":"D1","deal_amount":100,"deal_price":"10.5"})";

std::string minimal(const Function& function) {
  std::string more;
  if (function.kind == Kind::kFilled) more = R"(,"deal_no":"D1","deal_amount":1)";
  if (function.kind == Kind::kCombinedPlaced)
    more = R"(,"buy_entrust_no":"B","sell_entrust_no":"S")";
  return fmt::format(
      R"({{"function_no":{},"business_date":20260522,"market_no":1,"entrust_no":"E1"{}}})",
      function.number, more);
}

void expect_refused(const std::string& topic, const std::string& body, const std::string& why) {
  const auto refused = unpack(topic, body);
  ASSERT_TRUE(refused.has_error()) << body;
  EXPECT_EQ(refused.error().code, "BAD_BODY");
  EXPECT_NE(refused.error().message.find(why), std::string::npos) << refused.error().message;
}

TEST(Unpack, TakesAMinimalBodyOfEveryFunction) {
  int known = 0;
  for (const Function& function : functions()) {
    if (function.kind == Kind::kPlanChange) continue;
    const std::string body = minimal(function);
    for (const std::string_view topic : {function.topic_in, function.topic_in2}) {
      if (topic.empty()) continue;
      const auto message = unpack(topic, body);
      ASSERT_TRUE(message.has_value()) << message.error().message;
      EXPECT_EQ(message->function->number, function.number);
      EXPECT_EQ(message->order_number(), "E1");
      EXPECT_EQ(message->body, body);
      EXPECT_FALSE(message->message_id.empty());
    }
    ++known;
  }
  EXPECT_EQ(known, 20);
}

// docs/domain.md has a row for each, and no other.
TEST(Functions, StandInTheDocument) {
  std::ostringstream page;
  page << std::ifstream{"docs/domain.md"}.rdbuf();
  std::string text = std::move(page).str();
  for (const std::string mark = " (source)"; text.find(mark) != std::string::npos;)
    text.erase(text.find(mark), mark.size());
  for (const Function& function : functions()) {
    if (function.kind == Kind::kPlanChange) continue;
    const std::string also =
        function.topic_in2.empty() ? "" : fmt::format(", {}", function.topic_in2);
    const std::string row = fmt::format("| {} | {} | {}{} | {} |\n", function.number, function.name,
                                        function.topic_in, also, function.topic_out);
    const std::size_t at = text.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    text.erase(at, row.size());
  }
  EXPECT_EQ(text.find("| 4022"), std::string::npos) << "a function that is none";
}

TEST(Unpack, AClientsChangeNeverComesFromALink) {
  for (const Function& function : functions())
    if (function.kind == Kind::kPlanChange)
      expect_refused("stp.api.entrust", minimal(function), "came on stp.api.entrust");
}

TEST(Unpack, NumbersMayBeStrings) {
  const auto message =
      unpack("stp.api.realdeal",
             R"({"function_no":"402206","business_date":"20260522","business_time":"93001",)"
             R"("market_no":"1",)"
             R"("scheme_id":"31","entrust_no":88231,"deal_no":7,"deal_amount":"100.00",)"
             R"("deal_price":10.5})");
  ASSERT_TRUE(message.has_value()) << message.error().message;
  EXPECT_EQ(message->plan, PlanId{31});
  EXPECT_EQ(message->number, "88231");
  EXPECT_EQ(message->deal_no, "7");
  EXPECT_EQ(message->deal_quantity, 100);
  EXPECT_EQ(message->deal_price, PriceTicks{1'050'000'000});
  EXPECT_EQ(message->time, 93001);
}

TEST(Unpack, TakesNothingBehindTheObject) {
  expect_refused("", std::string{kFill} + "%", "is no JSON: extra data");
  EXPECT_TRUE(unpack("", std::string{kFill} + " \n"));
  EXPECT_TRUE(unpack("", " \r\n\t" + std::string{kFill})) << "blanks may also come before it";
  expect_refused("", " [" + std::string{kFill} + "]", "is JSON, but no object");
}

// What is said of a message is kept with it.
TEST(Unpack, QuotesNoLongTopic) {
  for (const char* const body :
       {"{}", "7", "{", kFill, R"({"function_no":402206,"market_no":[]})"}) {
    const auto refused = unpack(std::string(100'000, 'x') + "\x1b[2J", body);
    ASSERT_TRUE(refused.has_error()) << body;
    EXPECT_LT(refused.error().message.size(), 500U) << body;
    EXPECT_EQ(refused.error().message.find('\x1b'), std::string::npos) << body;
  }
}

TEST(Unpack, QuotesWholeCharacters) {
  std::string price(63, 'x');
  price += "\u6052\u751f";
  const auto refused = unpack("", R"({"function_no":402206,"entrust_price":")" + price + R"("})");
  ASSERT_TRUE(refused.has_error());
  EXPECT_NE(refused.error().message.find(std::string(63, 'x') + "'"), std::string::npos)
      << refused.error().message;
}

TEST(Unpack, NamesWhatIsMissing) {
  for (const char* const field :
       {"business_date", "market_no", "entrust_no", "deal_no", "deal_amount"}) {
    std::string body = kFill;
    const auto at = body.find(fmt::format("\"{}\"", field));
    body.insert(at + 1, "x_");
    expect_refused("stp.api.realdeal", body, fmt::format("{} of function 402206", field));
  }
  expect_refused("stp.api.cbentrust",
                 R"({"function_no":402238,"business_date":20260522,"market_no":1,)"
                 R"("entrust_no":"C","buy_entrust_no":"B"})",
                 "sell_entrust_no");
}

TEST(Unpack, NamesWhatHasTheWrongForm) {
  std::string body = kFill;
  body.replace(body.find("\"10.5\""), 6, "\"ten\"");
  expect_refused("stp.api.realdeal", body, "'deal_price' is 'ten'");
  body = kFill;
  body.replace(body.find("20260522"), 8, "true");
  expect_refused("stp.api.realdeal", body,
                 "business_date of function 402206 is 1: expected a date, YYYYMMDD");
  expect_refused("stp.api.realdeal", "[1]", "is JSON, but no object");
  expect_refused("stp.api.realdeal", R"({"function_no":402206)", "is no JSON: it ends too early");
  const std::string deep = R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}";
  expect_refused("stp.api.realdeal", deep, "is over a limit: ");
  expect_refused("stp.api.realdeal", R"({"entrust_no":"E1"})", "function_no is absent");
  expect_refused("stp.api.realdeal", R"({"function_no":0})", "function_no is 0");
  expect_refused("stp.api.realdeal", R"({"entrust_no":"a b"})",
                 "'entrust_no' is 'a b': expected 1 to 128 bytes without blanks");
  expect_refused("stp.api.realdeal", R"({"message_id":")" + std::string(300, '1') + R"("})",
                 "expected 256 bytes at most");
  expect_refused("stp.api.realdeal", R"({"deal_amount":"x"})", "expected its documented form");
  expect_refused("stp.api.realdeal", "", "is no JSON");
  expect_refused("stp.api.realdeal", R"({"function_no":1})", "function_no is 1");
}

TEST(Unpack, AFieldIsGivenOnce) {
  const std::string fill{kFill};
  for (const auto& [more, name] : {std::pair{R"(,"deal_amount":100})", "deal_amount"},
                                   std::pair{R"(,"function_no":402206})", "function_no"}})
    expect_refused("stp.api.realdeal", fill.substr(0, fill.size() - 1) + more,
                   fmt::format("'{}' is '{}': expected no second value", name,
                               name == std::string{"deal_amount"} ? "100" : "402206"));
  const std::string unknown = fill.substr(0, fill.size() - 1) + R"(,"x":1,"x":2})";
  EXPECT_TRUE(unpack("stp.api.realdeal", unknown).has_value());
}

TEST(Unpack, SaysTheRightThing) {
  expect_refused("stp.api.realdeal",
                 R"({"function_no":402206,"note":")" + std::string(900'000, 'x') + "\"}",
                 "is over a limit: a string may have 65536 bytes");
  std::string body = kFill;
  body.replace(body.find("20260522"), 8, "0");
  expect_refused("stp.api.realdeal", body,
                 "business_date of function 402206 is 0: expected a date, YYYYMMDD");
}

TEST(Unpack, TheFunctionDecidesAndItsTopicMustCarryIt) {
  expect_refused("stp.api.entrust", kFill, "expected stp.api.realdeal");
  const auto requested = unpack("stp.api.cbwthdrw", minimal(*find_function(402234)));
  const auto cancelled = unpack("stp.api.cbwthdrw", minimal(*find_function(402235)));
  ASSERT_TRUE(requested.has_value() && cancelled.has_value());
  EXPECT_EQ(requested->kind(), Kind::kCombinedCancelRequested);
  EXPECT_EQ(cancelled->kind(), Kind::kCombinedCancelled);
  EXPECT_TRUE(unpack("stp.api.cbwthdrwok", minimal(*find_function(402235))).has_value());
  expect_refused("stp.api.cbwthdrwok", minimal(*find_function(402234)), "came on");
}

// What the body of kFill is refused for with this instead of its member.
void expect_out_of_range(const std::string& member, const std::string& value,
                         const std::string& why) {
  std::string body = kFill;
  const auto at = body.find(fmt::format("\"{}\":", member)) + member.size() + 3;
  body.replace(at, body.find_first_of(",}", at) - at, value);
  expect_refused("", body, why);
}

TEST(Unpack, NamesWhatIsOutOfItsRange) {
  for (const char* const date : {"20261399", "99999999", "20260231", "0", "-1"})
    expect_out_of_range("business_date", date, "expected a date, YYYYMMDD");
  for (const char* const market : {"0", "-3"})
    expect_out_of_range("market_no", market, "expected a number above 0");
  for (const char* const amount : {"0", "-5", "1000000000000001"})
    expect_out_of_range("deal_amount", amount,
                        fmt::format("deal_amount of function 402206 is {}: expected 1 to "
                                    "1000000000000000",
                                    amount));
  for (const char* const price : {"\"0\"", "\"-10\"", "\"10000000000.01\""})
    expect_out_of_range("deal_price", price, "expected above 0 and at most 10000000000");
  expect_out_of_range("deal_amount", "10000000000", "expected at most 92233720368.54775807");
  const auto of = [](int function, const std::string& more) {
    return fmt::format(
        R"({{"function_no":{},"business_date":20260522,"market_no":1,"entrust_no":"E1",{}}})",
        function, more);
  };
  for (const char* const wrong :
       {R"("entrust_amount":0)", R"("entrust_amount":-1)", R"("entrust_price":"-0.01")",
        R"("entrust_direction":3)", R"("entrust_price":"10000","entrust_amount":1000000000)"})
    expect_refused("", of(402213, wrong), "expected");
  EXPECT_TRUE(unpack("", of(402213, R"("entrust_price":0,"entrust_amount":1)"))) << "no limit";
  EXPECT_TRUE(unpack("", of(402206, R"("deal_no":"D","deal_amount":1,"entrust_amount":-1)")))
      << "it is not asked for";
  for (const char* const off : {"-1", "1000000000000001"}) {
    expect_refused("", of(402212, fmt::format(R"("cancel_amount":{})", off)), "cancel_amount");
    expect_refused("", of(402235, fmt::format(R"("sell_cancel_amount":{})", off)),
                   "sell_cancel_amount");
  }
  const std::string legs = R"("buy_entrust_no":"B","sell_entrust_no":"S",)";
  for (const char* const wrong :
       {R"("buy_entrust_amount":0)", R"("sell_entrust_amount":-1)", R"("sell_entrust_price":"-1")"})
    expect_refused("", of(402238, legs + wrong), "entrust_");
}

TEST(Unpack, DerivesAnIdFromWhatMakesTheMessage) {
  const auto id = [](const std::string& more) {
    std::string body = R"({"business_date":20260522,"market_no":1,)" + more + "}";
    return unpack("", body)->message_id;
  };
  const std::string fill =
      id(R"("function_no":402206,"entrust_no":"E1","deal_no":"D1","deal_amount":1)");
  EXPECT_EQ(id(R"("function_no":402206,"entrust_no":"E1","deal_no":"D1","deal_amount":2)"), fill);
  EXPECT_NE(id(R"("function_no":402206,"entrust_no":"E1","deal_no":"D2","deal_amount":1)"), fill);
  EXPECT_NE(id(R"("function_no":402206,"entrust_no":"E2","deal_no":"D1","deal_amount":1)"), fill);
  const auto cancel = [&](int amount, int time) {
    return id(fmt::format(R"("function_no":402212,"cancel_entrust_no":"E1","cancel_amount":{},)"
                          R"("business_time":{})",
                          amount, time));
  };
  EXPECT_EQ(cancel(5, 93000), cancel(5, 93000));
  EXPECT_NE(cancel(6, 93000), cancel(5, 93000));
  EXPECT_NE(cancel(5, 93001), cancel(5, 93000));
  EXPECT_EQ(id(R"("function_no":402208,"entrust_no":"E1","message_id":"given")"), "given");
}

TEST(Unpack, SkipsNestedAndUnknownMembers) {
  const auto message = unpack(
      "stp.api.entrust_confirm",
      R"({"function_no":402208,"more":{"entrust_no":"X","list":[{"market_no":9}]},"unknown":1,)"
      R"("business_date":20260522,"market_no":1,"entrust_no":"E\u0031","scheme_id":null})");
  ASSERT_TRUE(message.has_value()) << message.error().message;
  EXPECT_EQ(message->number, "E1");
  EXPECT_EQ(message->market, Market{1});
}

TEST(Unpack, ReadsBothLegsOfACombinedOrder) {
  const auto message =
      unpack("stp.api.cbentrust",
             R"({"function_no":402238,"business_date":20260522,"market_no":1,"entrust_no":"C1",)"
             R"("buy_entrust_no":"B","buy_entrust_price":"1.1","buy_entrust_amount":10,)"
             R"("buy_entrust_state":"4","sell_entrust_no":"S","sell_entrust_amount":20})");
  ASSERT_TRUE(message.has_value()) << message.error().message;
  EXPECT_EQ(message->buy.number, "B");
  EXPECT_EQ(message->buy.price, PriceTicks{110'000'000});
  EXPECT_EQ(message->buy.quantity, 10);
  EXPECT_EQ(message->buy.state, '4');
  EXPECT_EQ(message->sell.number, "S");
  EXPECT_EQ(message->sell.quantity, 20);
}

}  // namespace
}  // namespace systask::trading
