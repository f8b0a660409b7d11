#include "net/target.h"

#include <gtest/gtest.h>

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

TEST(Target, RefusesWhatIsNoPathAndWrongEscapes) {
  for (const char* text : {"", "*", "api", "http://x/api", "/a%2", "/a?b=%zz", "/a b"})
    EXPECT_FALSE(parse_target(text)) << text;
}

}  // namespace
}  // namespace systask::net
