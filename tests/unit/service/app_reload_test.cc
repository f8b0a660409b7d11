// What a reload does with the parts of a configuration that are no tasks.
#include <gmock/gmock.h>

#include "service/app/lane_changes.h"
#include "service/app/lane_options.h"
#include "service/config/setting_changes.h"
#include "service/config/task_changes.h"
#include "tests/support/memory_holds.h"

namespace systask::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config reloaded(const std::string& text) {
  ConfigResult config = read_config(text + "\ntasks: []\n", "t.yaml", {});
  EXPECT_TRUE(config) << to_text(config.error());
  return *std::move(config);
}

// The keys that need a restart, and the threads of each lane afterwards.
struct LaneCase {
  const char* before;
  const char* after;
  std::vector<std::string> restart;
  std::vector<std::size_t> threads;
};

TEST(Reload, GivesTheLanesWhatTheFileNowSays) {
  const std::vector<LaneCase> cases{
      {"lanes: {1: {threads: 2}}", "lanes: {1: {threads: 4}}", {}, {4}},
      {"lanes: {1: {threads: 4}}", "lanes: {1: {threads: 1}}", {}, {1}},
      {"lanes: {1: {threads: 2}}", "lanes: {1: {threads: 2, queue: 7}}", {}, {2}},
      {"lanes: {1: {threads: 2}}", "lanes: {1: {threads: 2}, 3: {threads: 5}}", {}, {2, 5}},
      {"lanes: {1: {threads: 2}, 3: {threads: 5}}",
       "lanes: {1: {threads: 2}}",
       {"lanes.3"},
       {2, 5}},
      {"lanes: {1: {threads: 4}}",
       "lanes: {1: {threads: 4, reserved: {a: 1}}}",
       {"lanes.1.reserved"},
       {4}}};
  for (const LaneCase& one : cases) {
    Config config = reloaded(one.before);
    scheduler::LaneSet lanes{lane_options(config)};
    scheduler::MemoryLaneSizes sizes;
    const Config after = reloaded(one.after);
    EXPECT_EQ(apply_lanes(after.lanes, config.lanes, lanes, sizes), one.restart) << one.after;
    std::vector<std::size_t> threads;
    for (const auto& depth : lanes.depths())
      threads.push_back(depth.threads);
    EXPECT_EQ(threads, one.threads) << one.after;
    // Done once is done; what waits for a restart goes on being named.
    EXPECT_EQ(apply_lanes(after.lanes, config.lanes, lanes, sizes), one.restart) << one.after;
  }
}

TEST(Reload, LeavesAnOperatorsSizeUntilTheFileGivesAnother) {
  Config config = reloaded("lanes: {1: {threads: 2}}");
  scheduler::LaneSet lanes{lane_options(config)};
  scheduler::MemoryLaneSizes sizes;
  lanes.resize(1, 6);
  sizes.keep({1, 6, 2});
  const auto same = reloaded("lanes: {1: {threads: 2, queue: 9}}");
  EXPECT_THAT(apply_lanes(same.lanes, config.lanes, lanes, sizes), IsEmpty());
  EXPECT_EQ(lanes.depths().at(0).threads, 6U);
  EXPECT_EQ(sizes.load().size(), 1U);
  const auto other = reloaded("lanes: {1: {threads: 3}}");
  EXPECT_THAT(apply_lanes(other.lanes, config.lanes, lanes, sizes), IsEmpty());
  EXPECT_EQ(lanes.depths().at(0).threads, 3U);
  EXPECT_EQ(lanes.depths().at(0).configured, 3U);
  EXPECT_THAT(sizes.load(), IsEmpty());
}

TEST(Reload, NamesEverySettingThatDiffersByItsKey) {
  const Config before = reloaded(
      "service: {listen: \"127.0.0.1:8787\", offer: 2, markets: [1, 2]}\nlanes: {1: {threads: 2}}");
  const Config after = reloaded(
      "service: {listen: \"127.0.0.1:9797\", moves: 3, markets: [1]}\nlanes: {1: {threads: 4}}");
  std::vector<std::string> texts;
  for (const SettingChange& change : setting_changes(before, after))
    texts.push_back(text_of(change));
  EXPECT_THAT(texts, ElementsAre("lanes.1.threads: 2 -> 4",
                                 "service.listen: 127.0.0.1:8787 -> 127.0.0.1:9797",
                                 "service.markets: 1, 2 -> 1", "service.moves: (default) -> 3",
                                 "service.offer: 2 -> (default)"));
  EXPECT_THAT(setting_changes(before, before), IsEmpty());
}

TEST(Reload, SaysWhereNothingChanged) {
  ::testing::internal::CaptureStderr();
  log_changes({}, 10);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("nothing changed in the tasks"));
}

}  // namespace
}  // namespace systask::service
