// Every number and duration of the configuration: the last that is taken, and the next, which is
// not. A row is a key, its least and its greatest value, and what lies just outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/config.h"

namespace systask::service {
namespace {

using ::testing::HasSubstr;

struct Limits {
  const char* key;
  std::vector<const char*> taken;
  std::vector<const char*> refused;
};

std::string mistakes_in(const std::string& text) {
  const ConfigResult config = read_config(text, "t.yaml", {"one", "two"});
  return config ? "" : to_text(config.error());
}

void expect(const Limits& row, const std::string& before, const std::string& after) {
  const auto with = [&](const char* value) {
    return mistakes_in(before + row.key + ": " + value + after);
  };
  for (const char* value : row.taken)
    EXPECT_EQ(with(value), "") << row.key << ": " << value;
  for (const char* value : row.refused)
    EXPECT_THAT(with(value), HasSubstr(row.key)) << value;
}

TEST(ConfigEdges, OfTheService) {
  const Limits rows[] = {
      {"site_grace", {"0ms", "1m"}, {"60001ms", "-1ms"}},
      {"site_timeout", {"400ms", "10m"}, {"399ms", "600001ms"}},
      {"heartbeat", {"10ms", "500ms"}, {"9ms", "501ms", "60001ms"}},
      {"start_grace", {"0ms", "10m"}, {"600001ms"}},
      {"hold_max", {"0ms", "10m"}, {"600001ms"}},
      {"rebuild_timeout", {"100ms", "1h"}, {"99ms", "3600001ms"}},
      {"order_timeout", {"100ms", "1h"}, {"99ms", "3600001ms"}},
      {"park_max", {"1s", "48h"}, {"999ms", "172800001ms"}},
      {"park_most", {"1", "10000000"}, {"0", "10000001"}},
      {"park_most_mib", {"1", "1048576"}, {"0", "1048577"}},
      {"offer", {"1", "16"}, {"0", "17"}},
      {"rebuilds", {"1", "1000000"}, {"0", "1000001"}},
      {"rebuilds_per_site", {"1", "1000000"}, {"0", "1000001"}},
      {"digest_tries", {"1", "1000"}, {"0", "1001"}},
      {"moves", {"1", "1000"}, {"0", "1001"}},
      {"in_flight", {"2000", "10000000"}, {"1999", "10000001"}},
      {"publish_timeout", {"10ms", "10m"}, {"9ms", "600001ms"}},
      {"listen",
       {"127.0.0.1:0", "127.0.0.1:65535", "localhost:80"},
       {"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:", "\":80\"", "127.0.0.1"}},
      {"database", {"sqlite3://x"}, {"sqlite3://", "x", "\"\""}},
      {"secrets", {"x"}, {"\"\""}},
  };
  for (const Limits& row : rows)
    expect(row, "tasks: []\nservice: {", "}\n");
}

TEST(ConfigEdges, OfALane) {
  const Limits rows[] = {
      {"threads", {"1", "256"}, {"0", "257", "1.5"}},
      {"queue", {"1", "1000000"}, {"0", "1000001"}},
  };
  for (const Limits& row : rows)
    expect(row, "tasks: []\nlanes: {1: {", "}}\n");
  for (const char* priority : {"1", "9"})
    EXPECT_EQ(mistakes_in(std::string{"tasks: []\nlanes: {"} + priority + ": {threads: 1}}\n"), "");
  for (const char* priority : {"0", "10", "x"})
    EXPECT_THAT(mistakes_in(std::string{"tasks: []\nlanes: {"} + priority + ": {threads: 1}}\n"),
                HasSubstr("a map from priority, 1 to 9"));
  EXPECT_EQ(mistakes_in("tasks: []\nlanes: {1: {threads: 3, reserved: {one: 1, two: 1}}}\n"), "");
  EXPECT_THAT(mistakes_in("tasks: []\nlanes: {1: {threads: 2, reserved: {one: 1, two: 1}}}\n"),
              HasSubstr("2 of 2 threads"));
  EXPECT_THAT(mistakes_in("tasks: []\nlanes: {1: {threads: 2, reserved: {one: 0}}}\n"),
              HasSubstr("reserved: found '0'"));
  EXPECT_THAT(mistakes_in("tasks: []\nlanes: {1: {threads: 1}, 1: {threads: 2}}\n"),
              HasSubstr("once"));
}

TEST(ConfigEdges, OfATask) {
  const Limits rows[] = {
      {"timeout", {"1ms", "48h"}, {"999us", "48h1us"}},
      {"timeout_grace", {"0ms", "1h"}, {"1h1us"}},
      {"priority", {"1", "2"}, {"0", "3"}},
      {"overlap", {"{allow: 1}", "{allow: 1000}"}, {"{allow: 0}", "{allow: 1001}"}},
      {"coalesce", {"{all: 1}", "{all: 1000}"}, {"{all: 0}", "{all: 1001}"}},
      {"late", {"{within: 0s}", "{within: 366d}"}, {"{within: 366d1us}"}},
      {"retry",
       {"{times: 1}", "{times: 100}", "{times: 1, backoff: 24h}", "{times: 1, backoff: 1ms}"},
       {"{times: 0}", "{times: 101}", "{times: 1, backoff: 24h1us}", "{times: 1, backoff: 999us}",
        "{times: 1, max: 25h}"}},
      {"alarms",
       {"{not_run_for: 1s}", "{not_run_for: 366d}"},
       {"{not_run_for: 999ms}", "{not_run_for: 366d1us}"}},
  };
  for (const Limits& row : rows)
    expect(row, "tasks:\n  - {id: 1, name: one, every: 1s, ", "}\n");
  expect({"id", {"1", "999999999999"}, {"0", "1000000000000"}},
         "tasks:\n  - {name: one, every: 1s, ", "}\n");
  expect({"every", {"1ms", "366d"}, {"999us", "366d1us"}}, "tasks:\n  - {id: 1, name: one, ",
         "}\n");
  expect({"delay", {"1ms", "366d"}, {"999us", "366d1us"}}, "tasks:\n  - {id: 1, name: one, ",
         "}\n");
}

TEST(ConfigEdges, EachNameAndEachNumberOnce) {
  const std::string first = "tasks:\n  - {id: 1, name: one, every: 1s}\n";
  EXPECT_EQ(mistakes_in(first + "  - {id: 2, name: two, every: 1s}\n"), "");
  EXPECT_THAT(mistakes_in(first + "  - {id: 2, name: one, every: 1s}\n"), HasSubstr("2"));
  EXPECT_THAT(mistakes_in(first + "  - {id: 1, name: two, every: 1s}\n"), HasSubstr("line 2"));
}

}  // namespace
}  // namespace systask::service
