#include "peers/drill/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>

#include "peers/drill/line_file.h"
#include "peers/drill/patience.h"
#include "peers/drill/plans.h"
#include "peers/drill/recoveries.h"
#include "peers/drill/runs.h"
#include "peers/drill/workplace.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scratch_folder.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

TEST(SiteLine, ReadsEveryKindAndRefusesTheRest) {
  EXPECT_EQ(parse_site_line("E 31 4 118 asset.algo.realdeal m-1")->text, "m-1");
  EXPECT_EQ(parse_site_line("C 31 4 119 asset.algo.scheme_modify")->text,
            "asset.algo.scheme_modify");
  EXPECT_EQ(parse_site_line("R 31 5 117 3")->skipped, 3);
  EXPECT_EQ(parse_site_line("D 31 5 120 beef")->text, "beef");
  EXPECT_EQ(parse_site_line("O 31 5 5-1 100")->seq, 100);
  EXPECT_EQ(parse_site_line("X 31 5")->epoch, 5);
  EXPECT_EQ(parse_site_line("F 31 5 120 2")->seq, 120);
  EXPECT_EQ(parse_site_line(". end")->kind, '.');
  for (const char* wrong : {"", "Z 1 2", "E 31 4 118 topic", "K 31 4", "R 31 5 x 3", "EE 1 2 3"})
    EXPECT_FALSE(parse_site_line(wrong)) << wrong;
}

TEST(FlowTrace, KeepsTheOrderOfEachPlanAndWhatWasResent) {
  FlowTrace trace;
  EXPECT_TRUE(add_flow_line(trace, "M 7 m1 402213"));
  EXPECT_TRUE(add_flow_line(trace, "M 8 m2 402213"));
  EXPECT_TRUE(add_flow_line(trace, "M 7 m3 402206"));
  EXPECT_TRUE(add_flow_line(trace, "R 7 m4 m3"));
  EXPECT_FALSE(add_flow_line(trace, "M seven m5 402206"));
  EXPECT_THAT(trace.sent[7], ::testing::ElementsAre("m1", "m3"));
  EXPECT_EQ(trace.resent["m4"], "m3");
}

TEST(LineFile, GivesWholeLinesAsTheyAreWritten) {
  const ScratchFolder folder;
  const std::string path = folder.file("lines");
  std::vector<std::string> lines;
  LineFile file{path};
  const auto read = [&] {
    file.read_new([&](std::string_view line) { lines.emplace_back(line); });
  };
  read();  // there is no such file yet
  std::ofstream out{path};
  out << "one\ntw" << std::flush;
  read();
  EXPECT_THAT(lines, ::testing::ElementsAre("one"));
  out << "o\n\n" << std::flush;
  read();
  EXPECT_THAT(lines, ::testing::ElementsAre("one", "two", ""));
}

TEST(Runs, WhatADeadServiceHadClaimedMustBeSettled) {
  const Kill kill{
      .target = "service", .signal = "KILL", .at = from_rfc3339("2026-05-22T01:00:05Z").value()};
  const auto rows = json::parse(R"({"runs":[
    {"run":4,"task":"expire-sites","nominal":"2026-05-22T09:00:06+08:00",
     "outcome":"runs","attempt":1},
    {"run":3,"task":"expire-sites","nominal":"2026-05-22T09:00:05+08:00",
     "outcome":"waits","attempt":1},
    {"run":2,"task":"retry-outbox","nominal":"2026-05-22T09:00:05+08:00",
     "outcome":"lost","attempt":1},
    {"run":1,"task":"archive-day","nominal":"2026-05-22T09:00:00+08:00",
     "outcome":"succeeded","attempt":2}],"next":null})");
  const RunAccount account = account_of_runs(rows, {kill});
  EXPECT_EQ(account.outcomes, (std::map<std::string, std::int64_t>{
                                  {"runs", 1}, {"waits", 1}, {"lost", 1}, {"succeeded", 1}}));
  EXPECT_EQ(account.made_again, 1);
  ASSERT_EQ(account.unsettled.size(), 1U);
  EXPECT_THAT(account.unsettled[0], ::testing::HasSubstr("run 3 of expire-sites"));
  EXPECT_TRUE(account_of_runs(rows, {}).unsettled.empty());
}

const TimePoint kStart = from_micros(1'780'000'000'000'000);

std::vector<Recovery> recoveries_of(const char* site, std::chrono::milliseconds noticed) {
  const auto at = [&](std::chrono::milliseconds later) {
    return to_rfc3339(kStart + noticed + later, 8h);
  };
  return read_recoveries(json::array{json::object{{"plan", 7},
                                                  {"attempt", 1},
                                                  {"from_site", site},
                                                  {"to_site", "B"},
                                                  {"outcome", "recovered"},
                                                  {"replayed", 12},
                                                  {"noticed_at", at(0ms)},
                                                  {"offered_at", at(3ms)},
                                                  {"claimed_at", at(10ms)},
                                                  {"replayed_at", at(30ms)},
                                                  {"finished_at", at(31ms)}}});
}

TEST(Recoveries, MeasuresThePhasesOfAKill) {
  const std::vector<Kill> kills{{"A", "KILL", 5, kStart, kStart + 1s}};
  const Phases phases = phases_of(kills, 0, recoveries_of("A", 200ms));
  EXPECT_EQ(phases.plans, 1U);
  EXPECT_DOUBLE_EQ(*phases.notice, 200);
  EXPECT_DOUBLE_EQ(*phases.choose, 3);
  EXPECT_DOUBLE_EQ(*phases.rebuild, 7);
  EXPECT_FALSE(phases.claim);
  EXPECT_DOUBLE_EQ(*phases.replay, 20);
  EXPECT_DOUBLE_EQ(*phases.finish, 1);
  EXPECT_DOUBLE_EQ(*phases.all_normal, 231);
  EXPECT_EQ(phases_of(kills, 0, recoveries_of("C", 200ms)).plans, 0U);
}

TEST(Recoveries, AttributesATakeoverToTheLastKillOfThatSite) {
  const std::vector<Kill> kills{{"A", "KILL", 5, kStart, kStart + 1s},
                                {"A", "KILL", 9, kStart + 4s, kStart + 5s}};
  EXPECT_EQ(phases_of(kills, 0, recoveries_of("A", 4200ms)).plans, 0U);
  EXPECT_DOUBLE_EQ(*phases_of(kills, 1, recoveries_of("A", 4200ms)).notice, 200);
}

TEST(Recoveries, SeesATakeoverThatNoKillExplains) {
  const std::vector<Kill> kills{{"A", "KILL", 5, kStart, kStart + 1s},
                                {"service", "KILL", 9, kStart + 20s, kStart + 20s}};
  EXPECT_TRUE(unexplained(kills, recoveries_of("A", 200ms)).empty());
  EXPECT_EQ(unexplained(kills, recoveries_of("A", 20'500ms)).size(), 1U);
  EXPECT_EQ(unexplained(kills, recoveries_of("C", 200ms)).size(), 1U);
  EXPECT_TRUE(unexplained(kills, recoveries_of("B", 200ms)).empty());  // it took back its own
}

TEST(Plans, AreTheSameForOneSeed) {
  DrillOptions options;
  options.plans = 3;
  const auto text = [](const DrillOptions& asked) {
    std::string all;
    for (const NewPlan& plan : make_plans(asked, {}))
      all += json::serialize(body_of(plan));
    return all;
  };
  const auto once = text(options);
  EXPECT_EQ(once, text(options));
  options.seed = 2;
  EXPECT_NE(once, text(options));
  EXPECT_GT(expected_messages(options).messages, 3 * 12 * 2);
}

TEST(Patience, EndsWhereNothingMoves) {
  ManualClock clock{kStart};
  std::int64_t mark = 0;
  std::int64_t step = 1;
  int looks = 0;
  Patience patience{clock, 10s, [&] {
                      clock.advance(3s);
                      ++looks;
                      return mark += step;
                    }};
  patience.until(
      "the tenth look", [&] { return looks == 10; }, true);  // what moves has its time
  step = 0;
  try {
    patience.until(
        "the end", [] { return false; }, true);
    FAIL() << "it waits for ever";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("waited 10 s for the end"));
  }
  EXPECT_LT(looks, 20);
  looks = 0;
  patience.until(
      "what has no bound", [&] { return looks == 10; }, false);
}

TEST(Patience, WaitsNoLongerThanItIsTold) {
  ManualClock clock{kStart};
  Patience patience{clock, 10s, [&] {
                      clock.advance(3s);
                      return std::int64_t{0};
                    }};
  const MonotonicPoint begun = clock.monotonic();
  EXPECT_FALSE(patience.for_at_most(5s, [] { return false; }));
  EXPECT_EQ(clock.monotonic() - begun, 6s);
  EXPECT_TRUE(patience.for_at_most(5s, [] { return true; }));
  EXPECT_EQ(clock.monotonic() - begun, 6s);
}

TEST(Workplace, IsPrivateAndGoneAfterwards) {
  std::string directory;
  {
    const Workplace place{{"A", "B"}};
    directory = place.directory();
    std::ifstream secrets{place.path("service.secrets")};
    std::string role;
    std::string name;
    std::string secret;
    secrets >> role >> name >> secret;
    EXPECT_EQ(role + " " + name, "site A");
    EXPECT_EQ(secret.size(), 64U);
    EXPECT_TRUE(std::ifstream{place.path("tasks.yaml")}.good());
  }
  EXPECT_NE(::access(directory.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace systask::peers::drill
