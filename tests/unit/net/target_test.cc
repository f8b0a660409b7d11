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

TEST(Address, IsAskedWhereItCanBeReached) {
  const auto asked = [](const std::string& listens) {
    return text_of(address_to_ask(parse_address(listens).value()));
  };
  EXPECT_EQ(asked("0.0.0.0:1"), "127.0.0.1:1");
  EXPECT_EQ(asked("[::]:1"), "[::1]:1");
  EXPECT_EQ(asked("[0:0::0]:1"), "[::1]:1");
  EXPECT_EQ(asked("[fe80::1]:1"), "[fe80::1]:1");
  EXPECT_EQ(asked("localhost:1"), "localhost:1");
}

TEST(Address, OfThisMachineAloneHasManySpellings) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "::1", "0:0:0:0::1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"", "::", "0.0.0.0", "127.0.0.1.evil.example", "127.evil", "10.0.0.1",
                           "localhost.evil.example", "::2"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace systask::net
