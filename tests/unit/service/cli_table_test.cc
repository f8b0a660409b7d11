#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "service/api/times_in_zone.h"
#include "service/cli/service_client.h"
#include "service/cli/shown_answer.h"
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

// No line is wider than the screen; the widest first, down to eight columns or the heading.
TEST(TextTable, FitsTheScreenAndIsWholeOnAPipe) {
  const std::string wide(100, 'x');
  const TextTable table{{"plan", "name", "detail"}, {{"31", "a name", wide}, {"7", "b", "short"}}};
  EXPECT_EQ(render_table(table, Screen{40}),
            "plan  name    detail\n"
            "  31  a name  xxxxxxxxxxxxxxxxxxxxxxxxx…\n"
            "   7  b       short\n");
  EXPECT_NE(render_table(table, Screen{}).find(wide), std::string::npos);
  EXPECT_NE(render_table({{"a"}, {{"tab\there"}, {"\x1b[31mred\n"}}}, {}).find("tab here"),
            std::string::npos);
  EXPECT_EQ(render_table({{"a"}, {{"\x1b[31mred\n"}}}, {}).find('\x1b'), std::string::npos);
}

TEST(TextTable, CutsNoNumberAndLeavesOutTheLastColumnsAtWorst) {
  const TextTable table{
      {"plan", "name", "when", "what"},
      {{"123456789012", "a long name", "2026-05-22T09:30:00+08:00", "something"}}};
  EXPECT_EQ(render_table(table, Screen{32}),
            "        plan  name      when\n"
            "123456789012  a long …  2026-05…\n"
            "(no room for what; -o wide show…\n");
  for (std::size_t width = 20; width < 70; ++width) {
    const std::string text = render_table(table, Screen{width});
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(width_of(line), width) << line;
  }
}

TEST(TextTable, CutsBetweenWideCharacters) {
  EXPECT_EQ(render_table({{"n"}, {{"恒生电子恒生电子恒生电子"}}}, Screen{20}),
            "n\n恒生电子恒生电子恒…\n");
}

TEST(TextTable, AnObjectGoesOnBelowItsValue) {
  const auto object = json::parse(R"({"why":"it has no price and so it cannot trade"})");
  EXPECT_EQ(render_object(object.as_object(), Screen{24}),
            "why:  it has no price\n"
            "      and so it cannot\n"
            "      trade\n");
}

TEST(ShownAnswer, StatesHaveTheirNames) {
  auto rows = json::parse(R"([{"status":"2","status_name":"running","saved_status":null,
      "saved_status_name":null,"side":1,"side_name":"buy"},{"state":"idle"}])");
  merge_names(rows.as_array());
  const auto& merged = rows.at(0);
  EXPECT_EQ(merged.at("status"), "running (2)");
  EXPECT_EQ(merged.at("side"), "buy (1)");
  EXPECT_TRUE(merged.at("saved_status").is_null());
  EXPECT_EQ(merged.as_object().size(), 3U);
  EXPECT_EQ(rows.at(1).at("state"), "idle");
}

TEST(ShownAnswer, TimesAreInOneZoneButNotInWhatOthersWrote) {
  auto answer = json::parse(R"({"at":"2026-05-22T09:30:00.5+08:00","body":"2026-05-22T01:30:00Z",
      "rows":[{"says":"due at 2026-05-22T01:30:00Z, not 2026-05-22"}]})");
  write_times_in(answer, Zone::utc());
  EXPECT_EQ(answer.at("at"), "2026-05-22T01:30:00.500Z");
  write_times_in(answer, Zone::find("Asia/Shanghai").value());
  EXPECT_EQ(answer.at("rows").at(0).at("says"), "due at 2026-05-22T09:30:00+08:00, not 2026-05-22");
  EXPECT_EQ(answer.at("body"), "2026-05-22T01:30:00Z");
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
