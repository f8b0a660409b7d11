#include "base/text.h"

#include <gtest/gtest.h>

#include <vector>

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
  EXPECT_EQ(one_line("\xFF\xC3(\xE4\xB8", 100),
            "?"
            "?(?"
            "?");
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

TEST(Text, IsCutBetweenCharacters) {
  const std::string text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80z";  // 1, 2, 3, 4, 1 bytes
  const std::vector<std::size_t> kept{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (std::size_t most = 0; most < kept.size(); ++most)
    EXPECT_EQ(utf8_prefix(text, most).size(), kept[most]) << most;
}

TEST(Text, IsMadeWholeWhereItIsNoUtf8) {
  EXPECT_EQ(whole_utf8("a\xC3\xA9\n\x1b"), "a\xC3\xA9\n\x1b");
  EXPECT_EQ(whole_utf8("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_TRUE(is_utf8("a\xC3\xA9"));
  EXPECT_FALSE(is_utf8("a\xC3"));
  EXPECT_EQ(whole_utf8("\xff\xE4\xB8"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Text, ShowsNothingThatIsHidden) {
  EXPECT_EQ(clean_text("one\n\ttwo \xE4\xB8\xAD"), "one\n\ttwo \xE4\xB8\xAD");
  EXPECT_EQ(clean_text("\x1b[31m\x07\x7f\r\n"), "?[31m??\n");
  for (const char* hidden :
       {"\xC2\x80", "\xC2\x9B", "\xC2\x9F", "\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F",
        "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6",
        "\xE2\x81\xA9", "\xEF\xBB\xBF", "\xC2\xAD", "\xE1\xA0\x8E", "\xE2\x80\x8B", "\xE2\x81\xA0",
        "\xE2\x81\xAF"})
    EXPECT_EQ(clean_text(hidden), "?");
  for (const char* shown :
       {"\xC2\xA0", "\xC2\xAE", "\xD8\x9D", "\xE2\x80\x8A", "\xE2\x80\x90", "\xE2\x80\xA6",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xB0", "\xE3\x80\x80"})
    EXPECT_EQ(clean_text(shown), shown);
}

}  // namespace
}  // namespace systask
