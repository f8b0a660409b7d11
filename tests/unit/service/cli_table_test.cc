#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "service/cli/service_client.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

TEST(TextTable, AlignsTextToTheLeftAndNumbersToTheRight) {
  EXPECT_EQ(render_table({{"plan", "name", "filled"}, {{"7", "a", "100"}, {"31", "long", "-"}}}),
            "plan  name  filled\n"
            "   7  a        100\n"
            "  31  long       -\n");
}

TEST(TextTable, SaysThatThereIsNothing) {
  EXPECT_EQ(render_table({{"plan"}, {}}), "(nothing to show)\n");
}

TEST(TextTable, CutsWideCellsButNotTheLastAndCleansControlCharacters) {
  const std::string wide(100, 'x');
  const auto text = render_table({{"a", "b"}, {{wide, wide}, {"tab\there", "\x1b[31mred\n"}}});
  EXPECT_NE(text.find(std::string(57, 'x') + "...  " + wide + "\n"), std::string::npos) << text;
  EXPECT_NE(text.find("tab here"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(TextTable, ChineseCountsAsTwoWide) {
  EXPECT_EQ(width_of("方案 7"), 6U);
  EXPECT_EQ(width_of("héllo"), 5U);
  EXPECT_EQ(render_table({{"name", "x"}, {{"恒生", "a"}, {"b", "c"}}}),
            "name  x\n"
            "恒生  a\n"
            "b     c\n");
}

TEST(TextTable, ABrokenCharacterIsNotReadBeyondItsEnd) {
  EXPECT_EQ(width_of("a\xE6"), 2U);
  EXPECT_EQ(width_of("\xFF"), 1U);
}

TEST(TextTable, RowsOfObjectsBecomeColumns) {
  const auto rows = json::parse(R"([{"a":1,"b":"x","c":null},{"a":2,"b":{"k":"v"},"c":true}])");
  const auto all = table_of(rows.as_array(), {});
  EXPECT_EQ(all.columns, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(all.rows[0], (std::vector<std::string>{"1", "x", "-"}));
  EXPECT_EQ(all.rows[1], (std::vector<std::string>{"2", "k=v", "true"}));
  const auto some = table_of(rows.as_array(), {"c", "nothing", "a"});
  EXPECT_EQ(some.rows[1], (std::vector<std::string>{"true", "-", "2"}));
}

TEST(TextTable, AnObjectIsLinesAndItsListsAreTables) {
  const auto object = json::parse(R"({"plan":31,"parameters":{"slices":"6"},
                                      "details":[{"market_no":1,"stock_code":"600570"}]})");
  EXPECT_EQ(render_object(object.as_object()),
            "plan:        31\n"
            "parameters:  slices=6\n"
            "\n"
            "details:\n"
            "market_no  stock_code\n"
            "        1      600570\n");
}

TEST(Encoded, LeavesWhatIsPlainAndEscapesTheRest) {
  EXPECT_EQ(encoded("clear-message_cache.1~"), "clear-message_cache.1~");
  EXPECT_EQ(encoded("a b/c?d&方"), "a%20b%2Fc%3Fd%26%E6%96%B9");
}

}  // namespace
}  // namespace systask::service
