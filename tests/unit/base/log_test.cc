#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "base/log_floods.h"
#include "base/log_writer.h"

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
  EXPECT_EQ(field("a\nb\x1f"), "\"a | b?\"\n");
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

TEST(Log, CutsAFieldAndShowsNoCommandOfATerminal) {
  const std::string long_one = field(std::string(1'000'000, 'x'));
  EXPECT_LT(long_one.size(), 1'010U);
  EXPECT_NE(long_one.find("[...]"), std::string::npos);
  EXPECT_EQ(field("\x1b[2J\xc2\x9bm\xe2\x80\xae\xe2\x80\xa8"
                  "e\xff"),
            "?[2J?m??e?\n");
  EXPECT_EQ(logged([] { log::info("a\x1b[2Jb\nc"); }), "info  a?[2Jb | c\n");
}

TEST(LogFloods, TakesSoManyLinesOfASentenceWithinASecond) {
  log::LogFloods floods;
  const MonotonicPoint begin{std::chrono::hours{1}};
  std::size_t written = 0;
  for (std::size_t i = 0; i < 362; ++i)
    written += floods.takes(log::Level::kWarn, "a login was refused", begin) ? 1 : 0;
  EXPECT_EQ(written, log::LogFloods::kLines);
  EXPECT_TRUE(floods.takes(log::Level::kWarn, "another sentence", begin));
  EXPECT_TRUE(floods.over(begin + std::chrono::milliseconds{999}).empty());
  const auto over = floods.over(begin + std::chrono::milliseconds{1'300});
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].sentence, "a login was refused");
  EXPECT_EQ(over[0].level, log::Level::kWarn);
  EXPECT_EQ(over[0].lines, 312U);
  EXPECT_TRUE(floods.over(begin + std::chrono::seconds{3}).empty()) << "told once";
  EXPECT_TRUE(
      floods.takes(log::Level::kWarn, "a login was refused", begin + std::chrono::seconds{3}));
}

TEST(LogFloods, ASentenceThatComesSlowlyIsAlwaysTaken) {
  log::LogFloods floods;
  MonotonicPoint now{std::chrono::hours{1}};
  for (int i = 0; i < 1'000; ++i, now += std::chrono::milliseconds{25})
    ASSERT_TRUE(floods.takes(log::Level::kInfo, "ticking", now)) << i;
}

TEST(LogFloods, ForgetsSentencesThatAreOver) {
  log::LogFloods floods;
  MonotonicPoint now{std::chrono::hours{1}};
  for (int i = 0; i < 2'000; ++i)
    EXPECT_TRUE(floods.takes(log::Level::kInfo, std::to_string(i), now));
  now += std::chrono::seconds{2};
  EXPECT_TRUE(floods.over(now).empty());
  for (std::size_t i = 0; i < log::LogFloods::kLines; ++i)
    EXPECT_TRUE(floods.takes(log::Level::kInfo, "new", now));
  EXPECT_FALSE(floods.takes(log::Level::kInfo, "new", now)) << "there was room to count it";
}

// Standard error is a pipe meanwhile.
class PipedLog : public testing::Test {
 protected:
  PipedLog() {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    kept_ = ::dup(STDERR_FILENO);
    ::dup2(ends_[1], STDERR_FILENO);
    ::close(ends_[1]);
  }
  ~PipedLog() override {
    restore();
    close_reader();
  }
  PipedLog(const PipedLog&) = delete;
  PipedLog& operator=(const PipedLog&) = delete;

  void restore() {
    if (kept_ < 0) return;
    ::dup2(kept_, STDERR_FILENO);
    ::close(std::exchange(kept_, -1));
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(std::exchange(ends_[0], -1));
  }
  // All that is in the pipe after the last writer has gone.
  std::string all() {
    restore();
    std::string text;
    std::array<char, 65'536> piece{};
    for (ssize_t size = 0; (size = ::read(ends_[0], piece.data(), piece.size())) > 0;)
      text.append(piece.data(), static_cast<std::size_t>(size));
    return text;
  }
  static void write_much() {
    const std::string value(900, 'x');
    for (int i = 0; i < 5'000; ++i)
      log::warn(std::to_string(i), {{"much", value}});
  }

  std::array<int, 2> ends_{-1, -1};
  int kept_ = -1;
};

TEST_F(PipedLog, AReaderWhoStallsDelaysNobodyAndIsToldWhatWasDropped) {
  const std::uint64_t before = log::dropped_lines();
  std::string text;
  std::jthread reader;
  {
    const log::Background background;
    write_much();  // 4.5 MB into a pipe of 64 KiB that nobody reads
    EXPECT_GT(log::dropped_lines(), before);
    reader = std::jthread{[&] {
      std::array<char, 65'536> piece{};
      for (ssize_t size = 0; (size = ::read(ends_[0], piece.data(), piece.size())) > 0;)
        text.append(piece.data(), static_cast<std::size_t>(size));
    }};
  }
  restore();
  reader.join();
  EXPECT_NE(text.find(" warning 0 much="), std::string::npos);
  EXPECT_NE(text.find(" lines of the log were dropped"), std::string::npos);
  EXPECT_LT(text.size(), 3'000'000U);
}

TEST_F(PipedLog, AReaderWhoIsGoneIsNoMatter) {
  const std::uint64_t before = log::dropped_lines();
  {
    const log::Background background;
    close_reader();
    write_much();
  }
  EXPECT_GT(log::dropped_lines(), before);
}

TEST_F(PipedLog, WhatWasSaidIsWrittenBeforeTheEnd) {
  {
    const log::Background background;
    for (int i = 0; i < 20; ++i)
      log::info("the last words", {{"number", i}});
  }
  log::info("after it");
  const std::string text = all();
  for (int i = 0; i < 20; ++i)
    EXPECT_NE(text.find("the last words number=" + std::to_string(i) + "\n"), std::string::npos);
  EXPECT_NE(text.find("after it"), std::string::npos);
}

TEST(LogDeathTest, WhatWaitsIsWrittenWhenTheProcessDiesOfABug) {
  EXPECT_DEATH(
      {
        const log::Background background;
        log::error("the cause");
        std::abort();
      },
      "the cause");
}

}  // namespace
}  // namespace systask
