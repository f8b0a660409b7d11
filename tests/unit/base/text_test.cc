#include "base/text.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

TEST(OneLine, JoinsLinesAndKeepsWhatCanBeShown) {
  EXPECT_EQ(one_line("", 100), "");
  EXPECT_EQ(one_line("one\ntwo\r\n\n\nthree\n", 100), "one | two | three");
  EXPECT_EQ(one_line("\n\n", 100), "");
  EXPECT_EQ(one_line("a\tb \xE4\xB8\xAD\xE6\x96\x87", 100), "a b \xE4\xB8\xAD\xE6\x96\x87");
}

TEST(OneLine, ShowsNoControlCharacterAndNothingThatIsNoUtf8) {
  EXPECT_EQ(one_line("\x1B[31mred\x1B[0m\a\b\x7F", 100), "?[31mred?[0m???");
  EXPECT_EQ(one_line("\xC2\x9B"
                     "31m",
                     100),
            "?31m")
      << "a CSI in eight bits";
  EXPECT_EQ(one_line("\xC2\xA0", 100), "\xC2\xA0") << "the first character after them";
  EXPECT_EQ(one_line("\xFF\xC3(\xE4\xB8", 100), "?" "?(?" "?");
  EXPECT_EQ(one_line("\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80", 100), "?????????");
  EXPECT_EQ(one_line(std::string_view{"a\0b", 3}, 100), "a?b");
}

TEST(OneLine, KeepsTheEndOfALongTextAndCutsNoCharacter) {
  const std::string text = std::string(1'000, 'a') + std::string(1'000, 'z');
  const std::string line = one_line(text, 100);
  EXPECT_EQ(line, std::string(31, 'a') + " [...] " + std::string(62, 'z'));
  std::string wide;
  for (int i = 0; i < 1'000; ++i)
    wide += "\xE4\xB8\xAD";
  for (std::size_t most = 0; most < 40; ++most) {
    const std::string cut = one_line(wide, most);
    EXPECT_LE(cut.size(), std::max<std::size_t>(most, 7));
    EXPECT_EQ(cut.find('?'), std::string::npos);
    EXPECT_EQ(one_line(cut, 100), cut) << "it is UTF-8 still";
  }
  EXPECT_EQ(one_line("just so", 7), "just so");
}

}  // namespace
}  // namespace systask
