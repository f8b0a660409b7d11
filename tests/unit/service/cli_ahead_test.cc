// `systask diff` and `systask simulate`, which need no service; and the change commands' routes.
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "db/database.h"
#include "service/cli/diff.h"
#include "service/cli/progress.h"
#include "service/cli/simulate.h"
#include "service/cli/why.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class AheadTest : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& tasks) {
    std::ofstream{folder.file(name)} << "service: {database: \"" << folder.url()
                                     << "\", time_zone: Asia/Shanghai}\ntasks:\n"
                                     << tasks;
    return folder.file(name);
  }
  int diff(const std::string& before, const std::string& after, bool as_json = false) {
    out.str("");
    err.str("");
    return answer_diff({before, after, "2026-05-22T00:00:00+08:00", 24, as_json}, clock.now(), out,
                       err);
  }

  ScratchFolder folder;
  ManualClock clock{from_rfc3339("2026-05-22T01:30:00Z").value()};
  std::ostringstream out;
  std::ostringstream err;
  const std::string backup = "  - {id: 1, name: backup-database, priority: 2, at: \"07:30\"}\n";
};

TEST_F(AheadTest, DiffAnswersAsDiffDoes) {
  const std::string before = file("a.yaml", backup);
  EXPECT_EQ(diff(before, before), 0);
  const std::string after =
      file("b.yaml",
           "  - {id: 1, name: backup-database, priority: 2, at: \"07:45\"}\n"
           "  - {id: 2, name: nightly, at: \"20:00\", run: {exec: [/bin/true]}}\n");
  EXPECT_EQ(diff(before, after), 1);
  EXPECT_THAT(out.str(), HasSubstr("~ backup-database (1): changed"));
  EXPECT_THAT(out.str(),
              HasSubstr("moves     2026-05-22T07:30:00+08:00 -> 2026-05-22T07:45:00+08:00"));
  EXPECT_THAT(out.str(), HasSubstr("+ nightly (2): added, 1 occurrence"));
  EXPECT_EQ(diff(before, after, true), 1);
  const auto json = boost::json::parse(out.str());
  EXPECT_EQ(json.at("moved"), 1);
  EXPECT_EQ(json.at("tasks").as_array().size(), 2U);
  EXPECT_EQ(diff(before, folder.file("none.yaml")), 2);
  EXPECT_THAT(err.str(), HasSubstr("none.yaml"));
}

TEST_F(AheadTest, DiffSeesWhatATaskRuns) {
  const std::string before = file("a.yaml", "  - {id: 2, name: x, run: {exec: [/bin/true]}}\n");
  const std::string after = file("b.yaml", "  - {id: 2, name: x, run: {exec: [/bin/false]}}\n");
  EXPECT_EQ(diff(before, after), 1);
  EXPECT_THAT(out.str(), HasSubstr("run: exec /bin/true"));
}

TEST_F(AheadTest, ADayIsSimulatedTheSameTwice) {
  const std::string config =
      file("a.yaml", backup +
                         "  - {id: 3, name: recover-plans, priority: 1, every: 1s}\n"
                         "  - {id: 2, name: nightly, at: \"07:31\", run: {exec: [/bin/false]}}\n");
  SimulateQuestion question{.config = config, .from = "07:29", .to = "07:32"};
  ASSERT_EQ(answer_simulate(question, clock, out, err), 0) << err.str();
  const std::string first = out.str();
  EXPECT_THAT(first, HasSubstr("2026-05-22T07:30:00+08:00  backup-database  succeeded"));
  EXPECT_THAT(first, HasSubstr("2026-05-22T07:31:00+08:00  nightly          succeeded"));
  out.str("");
  ASSERT_EQ(answer_simulate(question, clock, out, err), 0);
  EXPECT_EQ(first, out.str());
  EXPECT_FALSE(std::filesystem::exists(folder.file("test.db")));
}

// The same rhythm in all three: every second Friday, counted from one of them.
TEST_F(AheadTest, ARhythmFromADayIsTheSameInDiffSimulateAndWhy) {
  const std::string task =
      "  - {id: 2, name: x, every: 2w, from: \"2026-01-02T17:00\", run: {exec: [/bin/true]}}\n";
  const std::string config = file("a.yaml", task);
  std::string later = task;
  later.replace(later.find("T17:00"), 6, "T18:30");
  EXPECT_EQ(diff(config, file("b.yaml", later)), 1);
  EXPECT_THAT(out.str(),
              HasSubstr("moves     2026-05-22T17:00:00+08:00 -> 2026-05-22T18:30:00+08:00"));
  std::string other_week = task;
  other_week.replace(other_week.find("01-02"), 5, "01-09");
  EXPECT_EQ(diff(config, file("c.yaml", other_week)), 1);
  EXPECT_THAT(out.str(), HasSubstr("2026-05-22T17:00:00+08:00"));
  EXPECT_THAT(out.str(), testing::Not(HasSubstr("moves")));
  out.str("");
  ASSERT_EQ(answer_simulate({.config = config, .from = "16:59", .to = "17:01"}, clock, out, err), 0)
      << err.str();
  EXPECT_THAT(out.str(), testing::ContainsRegex("2026-05-22T17:00:00\\+08:00 +x +succeeded"));
  ASSERT_TRUE(db::Database::open(folder.url()).has_value());  // the service has run once
  out.str("");
  EXPECT_EQ(answer_why({.task = "x", .at = "17:00", .config = config}, clock, out, err), 0)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("will run"));
  out.str("");
  EXPECT_EQ(answer_why({.task = "x", .at = "2026-05-29T17:00:00+08:00", .config = config}, clock,
                       out, err),
            0);
  EXPECT_THAT(out.str(), HasSubstr("no occurrence"));
}

TEST_F(AheadTest, ProgressIsALineAfterASecondAndOneLineOnATerminal) {
  constexpr int kSteps = 64;  // of which one looks at the clock
  const auto steps = [&](Progress& progress, double part) {
    for (int i = 0; i < kSteps; ++i)
      progress.step(part, [] { return std::string{"09:30"}; });
  };
  {
    Progress progress{clock, err, false, "systask simulate"};
    clock.advance(std::chrono::milliseconds{900});
    steps(progress, 0.1);
    EXPECT_EQ(err.str(), "");
    clock.advance(std::chrono::milliseconds{100});
    steps(progress, 0.25);
    clock.advance(std::chrono::milliseconds{4'900});
    steps(progress, 0.5);
    EXPECT_EQ(err.str(), "systask simulate: 25 % done, at 09:30\n");
    clock.advance(std::chrono::milliseconds{100});
    steps(progress, 0.5);
  }
  EXPECT_THAT(err.str(), testing::EndsWith("50 % done, at 09:30\n"));
  err.str("");
  {
    Progress progress{clock, err, true, "systask simulate"};
    clock.advance(std::chrono::milliseconds{200});
    steps(progress, 1.5);
    EXPECT_EQ(err.str(), "\r\x1b[Ksystask simulate: 100 % done, at 09:30");
  }
  EXPECT_THAT(err.str(), testing::EndsWith("09:30\r\x1b[K"));
}

TEST_F(AheadTest, ASimulationThatCannotBeIsRefused) {
  const std::string config = file("a.yaml", backup);
  EXPECT_EQ(answer_simulate({.config = config, .from = "08:00", .to = "07:00"}, clock, out, err),
            1);
  EXPECT_EQ(answer_simulate({.config = config, .from = "soon", .to = "07:00"}, clock, out, err), 1);
  EXPECT_EQ(answer_simulate({.config = "none.yaml", .from = "now", .to = "now"}, clock, out, err),
            2);
  EXPECT_THAT(out.str(), IsEmpty());
}

}  // namespace
}  // namespace systask::service
