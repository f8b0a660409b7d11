#include "trading/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace systask::trading {
namespace {

TEST(Decimal, ReadsAndWritesWhatItWrote) {
  struct Case {
    const char* text;
    std::int64_t ticks;
    const char* written;
  };
  for (const Case& c : {Case{"0", 0, "0"}, Case{"12.34", 1'234'000'000, "12.34"},
                        Case{"-12.34", -1'234'000'000, "-12.34"},
                        Case{"48.00", 4'800'000'000, "48"}, Case{"0.00000001", 1, "0.00000001"},
                        Case{"-0.5", -50'000'000, "-0.5"}, Case{"007", 700'000'000, "7"},
                        Case{"92233720368.54775807", std::numeric_limits<std::int64_t>::max(),
                             "92233720368.54775807"}}) {
    ASSERT_EQ(parse_ticks(c.text), c.ticks) << c.text;
    EXPECT_EQ(format_ticks(c.ticks), c.written);
    EXPECT_EQ(parse_ticks(format_ticks(c.ticks)), c.ticks);
  }
}

TEST(Decimal, RefusesWhatIsNoSuchNumberOrDoesNotFit) {
  for (const char* const text :
       {"", "-", ".", "1.", ".5", "1.123456789", "1e3", " 1", "1 ", "1,5", "+1", "--1", "1.2.3",
        "92233720368.54775808", "99999999999999999999"})
    EXPECT_FALSE(parse_ticks(text).has_value()) << text;
}

TEST(Decimal, WritesTheSmallestNumber) {
  EXPECT_EQ(format_ticks(std::numeric_limits<std::int64_t>::min()), "-92233720368.54775808");
}

TEST(Decimal, AnAmountThatDoesNotFitIsNone) {
  EXPECT_EQ(amount_of(PriceTicks{kTicksPerUnit}, 100), AmountTicks{100 * kTicksPerUnit});
  EXPECT_FALSE(amount_of(PriceTicks{100 * kTicksPerUnit}, 1'000'000'000).has_value());
}

}  // namespace
}  // namespace systask::trading
