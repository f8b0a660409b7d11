#include "trading/identifiers.h"

#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
#include "trading/book.h"
#include "trading/plan_json.h"
#include "trading/unpack.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

TEST(Identifiers, HoldNoBlanksAndNothingUnseen) {
  for (const char* text :
       {"600570", "4-17", "ES.Z4/C#1", "K\xC3\xB6ln", "\xE6\x81\x92\xE7\x94\x9F", "\\"})
    EXPECT_TRUE(is_identifier(text)) << text;
  for (const char* text : {"",
                           " ",
                           "a b",
                           "a\n",
                           "a\tb",
                           "\x7F",
                           "a\xC2\x85",
                           "a\xC2\xA0"
                           "b",
                           "\xE2\x80\xA8",
                           "\xE2\x80\xAE",
                           "\xE2\x81\xA6",
                           "a\xE3\x80\x80",
                           "\xEF\xBB\xBFx",
                           "\xC2\xAD",
                           "\xE1\x9A\x80",
                           "a\xE2\x80\x80",
                           "a\xE2\x81\xAF",
                           "a\xD8\x9C",
                           "a\xE1\xA0\x8E",
                           "no utf-8: \xE6\x81"})
    EXPECT_FALSE(is_identifier(text)) << text;
  EXPECT_TRUE(is_identifier(std::string(128, 'x')));
  EXPECT_FALSE(is_identifier(std::string(129, 'x')));
}

TEST(Identifiers, AreLookedAtInEachByte) {
  for (std::size_t length = 1; length <= 20; ++length)
    for (std::size_t at = 0; at < length; ++at)
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string text(length, '!');
        text[at] = static_cast<char>(byte);
        const bool good = byte > 0x20 && byte < 0x7F && text != "-";
        ASSERT_EQ(is_identifier(text), good) << length << ' ' << at << ' ' << byte;
      }
}

TEST(Identifiers, AreNotTheDashOfAnEmptyNumber) {
  EXPECT_FALSE(is_identifier("-"));
  EXPECT_TRUE(is_identifier("--"));
  EXPECT_EQ(not_identifier("stock_code", "-"),
            "stock_code: found '-', expected 1 to 128 bytes without blanks and control characters, "
            "and not '-'");
  EXPECT_NE(not_identifier("strategy", std::string(300, 'x')).find("' of 300 bytes, expected 1 to"),
            std::string::npos);
}

TEST(Identifiers, FreeTextStaysInItsLineOfADigest) {
  EXPECT_EQ(in_one_line("a=b c"), "a=b c");
  EXPECT_EQ(in_one_line("a\nb"), "a\\nb");
  EXPECT_EQ(in_one_line("a\\nb"), "a\\\\nb");
  TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")).has_value());
  NewPlan tricky = support::plan_to_buy(100);
  tricky.parameters = {{"a", "1\nparameter b=2"}};
  NewPlan plain = support::plan_to_buy(100);
  plain.parameters = {{"a", "1"}, {"b", "2"}};
  const auto one = world.create(tricky);
  TradingWorld other;
  ASSERT_TRUE(other.login(support::login_of("A")).has_value());
  const auto two = other.create(plain);
  ASSERT_TRUE(one.has_value() && two.has_value());
  ASSERT_EQ(one->plan, two->plan) << "so nothing but the parameters differs";
  EXPECT_NE(world.view(one->plan)->digest, other.view(two->plan)->digest);
  Book book;
  Plan named;
  named.parameters = Parameters{{"a\\b", "c\\d"}};
  EXPECT_NE(digest_text(book, named).find("parameter a\\b=c\\\\d\n"), std::string::npos)
      << "a name is as it is";
}

TEST(Identifiers, OthersAreRefusedAtTheDoor) {
  TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")).has_value());
  const auto refused = [&](auto&& spoil) {
    NewPlan plan = support::plan_to_buy(100);
    spoil(plan);
    const auto made = world.create(plan);
    return made.has_error() ? made.error().message : "";
  };
  EXPECT_NE(
      refused([](NewPlan& p) { p.strategy = "t wap"; }).find("strategy: found 't wap', expected"),
      std::string::npos);
  EXPECT_NE(refused([](NewPlan& p) { p.environment = "a\n"; }).find("environment: found 'a"),
            std::string::npos);
  EXPECT_NE(refused([](NewPlan& p) { p.details[0].security = "600 570"; }).find("stock_code"),
            std::string::npos);
  for (const char* key : {"", "a=b", "a b", "a\nb"})
    EXPECT_NE(refused([&](NewPlan& p) { p.parameters[key] = "1"; }).find("in parameters: "),
              std::string::npos)
        << key;
  const auto made = world.create(support::plan_to_buy(100));
  const auto changed = world.ask<LineNumber>([&](const Answer<LineNumber>& answer) {
    world.platform().change(made->plan, PlanRequest::kModify, {{"a b", "1"}}, "tester", answer);
  });
  EXPECT_EQ(changed.error().code, "BAD_REQUEST");
  EXPECT_EQ(
      world.report(402213, {{"scheme_id", "1"}, {"entrust_no", "E 1"}, {"entrust_amount", "1"}}),
      "quarantined");
  EXPECT_EQ(world.report(402213, {{"scheme_id", "1"},
                                  {"entrust_no", "E1"},
                                  {"entrust_amount", "1"},
                                  {"revoke_cause", "no money"}}),
            "applied")
      << "a cause is free text";
}

}  // namespace
}  // namespace systask::trading
