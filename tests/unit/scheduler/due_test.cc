#include "scheduler/engine/due.h"

#include <gtest/gtest.h>

#include <string>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TimePoint at(int seconds) {
  return from_rfc3339("2026-05-22T08:30:00Z").value() + std::chrono::seconds{seconds};
}

struct DueCase {
  std::string name;
  int now;
  bool paused = false;
  bool running = false;
  bool once_more = false;
  Overlap overlap = Overlap::kSkip;
  LatePolicy late;
  // "late 10-20 coalesced 30-40 run 50 when-ended", in seconds after the watermark.
  std::string expected;
};

std::string told(const DueDecision& decision) {
  const auto offset = [](TimePoint time) { return std::to_string((time - at(0)) / 1s); };
  std::string text;
  for (const Missed& missed : decision.missed)
    text += std::string{name_of(missed.state)} + " " + offset(missed.first) + "-" +
            offset(missed.last) + " x" + std::to_string(missed.count) + "; ";
  if (decision.run) text += "run " + offset(*decision.run);
  if (decision.when_ended) text += " when ended";
  return text;
}

class DecideDue : public testing::TestWithParam<DueCase> {};

TEST_P(DecideDue, EveryTenSeconds) {
  const DueCase& c = GetParam();
  TaskSpec spec;
  spec.timetable = parse_every_schedule("10s").value();
  spec.overlap = c.overlap;
  spec.late = c.late;
  const DueDecision decision =
      decide_due({spec, at(0), at(c.now), c.paused, c.running, c.once_more});
  EXPECT_EQ(told(decision), c.expected);
  if (c.now >= 10)
    EXPECT_EQ(decision.watermark, at(c.now / 10 * 10));
  else
    EXPECT_FALSE(decision.watermark);
}

constexpr LatePolicy kStrict{5s, LatePolicy::Otherwise::kSkip};
constexpr LatePolicy kRunAnyway{5s, LatePolicy::Otherwise::kRun};

INSTANTIATE_TEST_SUITE_P(
    All, DecideDue,
    testing::Values(
        DueCase{.name = "NothingYet", .now = 9, .expected = ""},
        DueCase{.name = "JustDue", .now = 10, .expected = "run 10"},
        DueCase{.name = "ClockBack", .now = -90, .expected = ""},
        DueCase{.name = "Several", .now = 35, .expected = "coalesced 10-20 x2; run 30"},
        DueCase{.name = "Late", .now = 58, .late = kStrict, .expected = "skipped_late 10-50 x5; "},
        DueCase{.name = "LateAndOneInTime",
                .now = 54,
                .late = kStrict,
                .expected = "skipped_late 10-40 x4; run 50"},
        DueCase{.name = "ExactlyAsLateAsAllowed",
                .now = 55,
                .late = kStrict,
                .expected = "skipped_late 10-40 x4; run 50"},
        DueCase{.name = "LateButRunAnyway",
                .now = 58,
                .late = kRunAnyway,
                .expected = "coalesced 10-40 x4; run 50"},
        DueCase{
            .name = "Paused", .now = 35, .paused = true, .expected = "skipped_paused 10-30 x3; "},
        DueCase{.name = "Overlap",
                .now = 10,
                .running = true,
                .expected = "skipped_overlap 10-10 x1; "},
        DueCase{.name = "OnceMore",
                .now = 10,
                .running = true,
                .overlap = Overlap::kRunOnceMore,
                .expected = "run 10 when ended"},
        DueCase{.name = "OnceMoreAlready",
                .now = 10,
                .running = true,
                .once_more = true,
                .overlap = Overlap::kRunOnceMore,
                .expected = "coalesced 10-10 x1; "}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace systask::scheduler
