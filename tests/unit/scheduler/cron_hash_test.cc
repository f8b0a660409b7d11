// H: a value that the task's name chooses, once and for ever.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <bit>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduler/when/cron.h"
#include "scheduler/when/cron_parser.h"

namespace systask::scheduler {
namespace {

// The values of a field's mask, in order.
std::vector<int> values_of(std::uint64_t mask) {
  std::vector<int> values;
  for (; mask != 0; mask &= mask - 1)
    values.push_back(std::countr_zero(mask));
  return values;
}

CronFields parsed(const std::string& text, const std::string& seed) {
  return parse_cron(text, seed).value();
}

TEST(CronHash, ChoosesOneValueOfEachField) {
  for (int task = 0; task < 200; ++task) {
    const std::string seed = fmt::format("task-{}", task);
    const CronFields fields = parsed("H H H H H ?", seed);
    EXPECT_EQ(std::popcount(fields.seconds), 1);
    EXPECT_EQ(std::popcount(fields.minutes), 1);
    EXPECT_EQ(std::popcount(fields.hours), 1);
    EXPECT_EQ(std::popcount(fields.days), 1);
    EXPECT_LE(values_of(fields.days).at(0), 28) << "every month has the day";
    EXPECT_EQ(std::popcount(fields.months), 1);
    EXPECT_FALSE(fields.interval);
    EXPECT_EQ(std::popcount(parsed("0 0 0 ? * H", seed).weekdays), 1);
    EXPECT_EQ(std::popcount(parsed("0 0 * * H", seed).weekdays), 1);
  }
}

TEST(CronHash, StepsFromAnOffset) {
  for (int task = 0; task < 100; ++task) {
    const std::string seed = fmt::format("task-{}", task);
    const std::vector<int> quarters = values_of(parsed("H/15 * * * *", seed).minutes);
    ASSERT_EQ(quarters.size(), 4U);
    EXPECT_LT(quarters[0], 15);
    for (std::size_t i = 1; i < quarters.size(); ++i)
      EXPECT_EQ(quarters[i] - quarters[i - 1], 15);
    const std::vector<int> early = values_of(parsed("H(0-29)/10 * * * *", seed).minutes);
    ASSERT_EQ(early.size(), 3U);
    EXPECT_LT(early[2], 30);
    const int night = values_of(parsed("0 H(22-2) * * *", seed).hours).at(0);
    EXPECT_TRUE(night >= 22 || night <= 2) << night;
    EXPECT_TRUE(parsed("H/15 0 * * *", seed).interval);
    EXPECT_FALSE(parsed("H(0-29) 0 * * *", seed).interval);
  }
}

TEST(CronHash, SpreadsTasksAndFields) {
  std::map<int, int> tasks_at;
  int same = 0;
  for (int task = 0; task < 6000; ++task) {
    const CronFields fields = parsed("H H * * * ?", fmt::format("task-{}", task));
    ++tasks_at[std::countr_zero(fields.minutes)];
    same += fields.minutes == fields.seconds ? 1 : 0;
  }
  ASSERT_EQ(tasks_at.size(), 60U);
  for (const auto& [minute, tasks] : tasks_at) {
    EXPECT_GT(tasks, 60) << minute;  // of 100 on average
    EXPECT_LT(tasks, 140) << minute;
  }
  EXPECT_LT(same, 200) << "the second follows the minute";
}

// These must never change: a task that runs at 03:17 today runs then after an upgrade too.
TEST(CronHash, IsTheSameForEver) {
  struct Case {
    const char* expression;
    const char* seed;
    const char* next;
  };
  for (const Case& c : {Case{"H H * * *", "nightly-report", "2026-05-22T18:07:00Z"},
                        Case{"H/15 * * * *", "nightly-report", "2026-05-22T00:07:00Z"},
                        Case{"H H H H *", "", "2026-07-22T18:39:00Z"},
                        Case{"H H H(1-7) * * ?", "archive-day", "2026-05-22T07:30:39Z"}}) {
    const Zone utc = Zone::utc();
    const Cron cron = Cron::parse(c.expression, utc, {}, c.seed).value();
    const TimePoint next = cron.next(from_rfc3339("2026-05-22T00:00:00Z").value());
    EXPECT_EQ(utc.to_rfc3339(next), c.next) << c.expression << " of " << c.seed;
  }
}

}  // namespace
}  // namespace systask::scheduler
