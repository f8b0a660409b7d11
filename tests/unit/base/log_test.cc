#include "base/log.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

// What is written to standard error meanwhile, without the time and its blank.
template <class Doing>
std::string logged(Doing doing) {
  testing::internal::CaptureStderr();
  doing();
  const std::string line = testing::internal::GetCapturedStderr();
  return line.empty() ? line : line.substr(line.find(' ') + 1);
}

std::string field(std::string_view value) {
  const std::string line = logged([&] { log::info("said", {{"what", value}}); });
  return line.substr(line.find("what=") + 5);
}

TEST(Log, WritesALevelASentenceAndItsFields) {
  EXPECT_EQ(logged([] {
              log::warn("a plan was lost", {{"plan", 31}, {"site", "A"}});
            }),
            "warning a plan was lost plan=31 site=A\n");
  EXPECT_EQ(logged([] { log::error("no more"); }), "error no more\n");
}

TEST(Log, QuotesWhatWouldNotStandAsOneWordOnOneLine) {
  EXPECT_EQ(field("plain"), "plain\n");
  EXPECT_EQ(field(""), "\"\"\n");
  EXPECT_EQ(field("two words"), "\"two words\"\n");
  EXPECT_EQ(field("a=b"), "\"a=b\"\n");
  EXPECT_EQ(field("say \"no\""), "\"say \\\"no\\\"\"\n");
  EXPECT_EQ(field("C:\\x y"), "\"C:\\\\x y\"\n");
  EXPECT_EQ(field("a\nb\x1f"), "\"a b \"\n");
  EXPECT_EQ(field("{} %s"), "\"{} %s\"\n");
}

TEST(Log, DropsWhatIsBelowItsLevel) {
  struct BackToInfo {
    ~BackToInfo() { log::set_level(log::Level::kInfo); }
  } const back;
  EXPECT_EQ(logged([] { log::debug("a detail"); }), "");
  EXPECT_FALSE(log::writes(log::Level::kDebug));
  EXPECT_TRUE(log::writes(log::Level::kInfo));
  log::set_level(log::Level::kWarn);
  EXPECT_EQ(logged([] { log::info("news"); }), "");
  EXPECT_FALSE(log::writes(log::Level::kInfo));
  EXPECT_TRUE(log::writes(log::Level::kWarn));
  log::set_level(log::Level::kError);
  EXPECT_EQ(logged([] { log::warn("trouble"); }), "");
  EXPECT_TRUE(log::writes(log::Level::kError));
  log::set_level(log::Level::kDebug);
  EXPECT_EQ(logged([] { log::debug("a detail"); }), "debug a detail\n");
}

}  // namespace
}  // namespace systask
