#include "scheduler/when/cron_weekdays.h"

#include <gtest/gtest.h>

#include <vector>

#include "scheduler/when/cron_parser.h"

namespace systask::scheduler {
namespace {

struct WeekdaysCase {
  const char* cron;
  const char* meaning;  // empty: there is nothing to warn of
  const char* elsewhere = "";
};

TEST(NumericWeekdays, SayWhatTheyMeanInNames) {
  const std::vector<WeekdaysCase> cases{{"0 0 9 ? * 1-5", "SUN-THU", "MON-FRI"},
                                        {"0 0 9 ? * 2-6 2026", "MON-FRI", "TUE-SAT"},
                                        {"0 0 9 ? * 1", "SUN", "MON"},
                                        {"0 0 9 ? * 7", "SAT", "SUN"},
                                        {"0 0 9 ? * 2,4,6", "MON,WED,FRI", "TUE,THU,SAT"},
                                        {"0 0 9 ? * mon,3", "MON,TUE", "MON,WED"},
                                        {"0 0 9 ? * 2/2", "MON,WED,FRI", "TUE,THU,SAT"},
                                        {"0 0 9 ? * 2-6/2", "MON,WED,FRI", "TUE,THU,SAT"},
                                        {"0 0 9 ? * 6-2", "FRI-MON", "SAT-TUE"},
                                        {"0 0 9 ? * 6L", "FRIL", "SATL"},
                                        {"0 0 9 ? * 6#2", "FRI#2", "SAT#2"},
                                        {"0 0 9 ? * H(2-6)", "H(MON-FRI)", "H(TUE-SAT)"},
                                        {"0 0 9 ? * MON-FRI", ""},
                                        {"0 0 9 ? * MON/2", ""},
                                        {"0 0 9 ? * FRI#2", ""},
                                        {"0 0 9 ? * */2", ""},
                                        {"0 0 9 ? * 1-7", ""},
                                        {"0 0 9 ? * L", ""},
                                        {"0 0 9 1 * ?", ""},
                                        {"0 0 9 1-5 * *", ""},
                                        {"0 9 * * 1-5", ""},
                                        {"@weekly", ""}};
  for (const WeekdaysCase& one : cases) {
    ASSERT_TRUE(parse_cron(one.cron)) << one.cron;
    const auto found = numeric_weekdays(one.cron);
    ASSERT_EQ(found.has_value(), std::string_view{one.meaning} != "") << one.cron;
    if (!found) continue;
    EXPECT_EQ(found->meaning, one.meaning) << one.cron;
    EXPECT_EQ(found->elsewhere, one.elsewhere) << one.cron;
  }
}

// What is said in names means, where it is an expression, what the numbers mean.
TEST(NumericWeekdays, SayWhatIsTheSame) {
  for (const char* numbers : {"1-5", "7", "2,4,6", "2/2", "2-6/2", "6-2", "6L", "6#2"}) {
    const std::string cron = std::string{"0 0 9 ? * "} + numbers;
    const auto found = numeric_weekdays(cron);
    ASSERT_TRUE(found) << cron;
    const CronFields a = parse_cron(cron).value();
    const CronFields b = parse_cron("0 0 9 ? * " + found->meaning).value();
    EXPECT_EQ(a.weekdays, b.weekdays) << cron;
    EXPECT_EQ(a.last_weekdays, b.last_weekdays) << cron;
    EXPECT_EQ(a.nth, b.nth) << cron;
    const CronFields unix_cron = parse_cron(std::string{"0 9 * * "} + numbers).value();
    EXPECT_EQ(parse_cron("0 0 9 ? * " + found->elsewhere)->weekdays, unix_cron.weekdays) << cron;
  }
}

}  // namespace
}  // namespace systask::scheduler
