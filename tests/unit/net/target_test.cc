#include "net/target.h"

#include <gtest/gtest.h>

#include "net/address.h"

namespace systask::net {
namespace {

TEST(Target, IsAPathAndAQueryDecoded) {
  const auto target = parse_target("/api/plans/7%2F8?limit=10&reason=a%20b+c&flag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/plans/7/8");
  const std::map<std::string, std::string> expected{
      {"limit", "10"}, {"reason", "a b c"}, {"flag", ""}};
  EXPECT_EQ(target->query, expected);
}

TEST(Target, MayBeAbsoluteAndSaysWhatItHasTwice) {
  EXPECT_EQ(parse_target("http://x:1/api?a=1")->path, "/api");
  EXPECT_EQ(parse_target("http://x")->path, "/");
  EXPECT_EQ(parse_target("*")->path, "*");
  EXPECT_EQ(parse_target("/api?a=1&b=2")->repeated, "");
  EXPECT_EQ(parse_target("/api?a=1&b=2&a=3")->repeated, "a");
}

TEST(Target, RefusesWhatIsNoPathAndWrongEscapes) {
  for (const char* text : {"", "api", "ftp://x/api", "/a%2", "/a?b=%zz", "/a b"})
    EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Address, IsAHostAndAPort) {
  EXPECT_EQ(parse_address("trading.example:8787")->host, "trading.example");
  EXPECT_EQ(parse_address("[::1]:9000")->host, "::1");
  EXPECT_EQ(parse_address("[::1]:9000")->port, "9000");
  for (const char* text : {"", "8787", ":8787", "host:", "host:http", "::1:8787", "[]:1"})
    EXPECT_TRUE(parse_address(text).has_error()) << text;
}

}  // namespace
}  // namespace systask::net
