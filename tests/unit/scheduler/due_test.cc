#include "scheduler/engine/due.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  std::vector<Hold> holds = {};
  LatePolicy late;
  Coalesce coalesce = Coalesce::kLatest;
  int cap = 100;
  std::optional<std::chrono::seconds> not_after;
  std::optional<int> again_until;    // times up to here come again
  std::vector<int> dealt_with = {};  // and these are not to run again
  // "late 10-20 x2; run 50", in seconds after the watermark.
  std::string expected;
};

std::string told(const DueDecision& decision) {
  const auto offset = [](TimePoint time) { return std::to_string((time - at(0)) / 1s); };
  std::string text;
  auto run = decision.runs.begin();
  const auto runs_before = [&](TimePoint time) {
    for (; run != decision.runs.end() && run->nominal < time; ++run)
      text += "run " + offset(run->nominal) + "; ";
  };
  for (const Missed& missed : decision.missed) {
    runs_before(missed.first);
    text += std::string{name_of(missed.state)} + " " + offset(missed.first) + "-" +
            offset(missed.last) + " x" + std::to_string(missed.count) + "; ";
  }
  runs_before(kNever);
  if (!text.empty()) text.resize(text.size() - 2);
  return text;
}

SpecialPolicies not_after(std::chrono::seconds time) {
  SpecialPolicies special;
  special.not_after = TimeOfDay{time, Zone::utc()};
  return special;
}

class DecideDue : public testing::TestWithParam<DueCase> {};

TEST_P(DecideDue, EveryTenSeconds) {
  const DueCase& c = GetParam();
  TaskSpec spec;
  spec.timetable = parse_every_schedule("10s").value();
  spec.late = c.late;
  spec.coalesce = c.coalesce;
  spec.coalesce_cap = static_cast<std::uint16_t>(c.cap);
  if (c.not_after)
    spec.special_policies = std::make_shared<const SpecialPolicies>(not_after(*c.not_after));
  std::vector<TimePoint> dealt_with;
  for (const int second : c.dealt_with)
    dealt_with.push_back(at(second));
  const DueDecision decision =
      decide_due({.spec = spec,
                  .watermark = at(0),
                  .now = at(c.now),
                  .holds = c.holds,
                  .again_until = c.again_until ? at(*c.again_until) : TimePoint::min(),
                  .dealt_with = dealt_with});
  EXPECT_EQ(told(decision), c.expected);
  if (c.now >= 10) {
    EXPECT_EQ(decision.watermark, at(c.now / 10 * 10));
    EXPECT_EQ(decision.next_due, at(c.now / 10 * 10 + 10));
  } else {
    EXPECT_FALSE(decision.watermark);
    EXPECT_GT(decision.next_due, at(c.now));
  }
  // Each occurrence has exactly one fate.
  std::int64_t fates = static_cast<std::int64_t>(decision.runs.size());
  for (const Missed& missed : decision.missed)
    fates += missed.count;
  EXPECT_EQ(fates + std::ssize(c.dealt_with), std::max(c.now, 0) / 10);
}

constexpr LatePolicy kStrict{5s, LatePolicy::Otherwise::kSkip};
constexpr LatePolicy kRunAnyway{5s, LatePolicy::Otherwise::kRun};

Hold a_pause() { return {HoldId{1}, Target::task("a"), at(-60), kNever, "broken", "bob", at(-60)}; }
Hold a_window(int from, int to) {
  return {HoldId{2}, Target::group("g"), at(from), at(to), "upgrade", "bob", at(-60)};
}

INSTANTIATE_TEST_SUITE_P(
    All, DecideDue,
    testing::Values(
        DueCase{.name = "NothingYet", .now = 9, .expected = ""},
        DueCase{.name = "JustDue", .now = 10, .expected = "run 10"},
        DueCase{.name = "ClockBack", .now = -90, .expected = ""},
        DueCase{.name = "Several", .now = 35, .expected = "coalesced 10-20 x2; run 30"},
        DueCase{.name = "First",
                .now = 35,
                .coalesce = Coalesce::kFirst,
                .expected = "run 10; coalesced 20-30 x2"},
        DueCase{.name = "All",
                .now = 35,
                .coalesce = Coalesce::kAll,
                .expected = "run 10; run 20; run 30"},
        DueCase{.name = "AllUpToTheCap",
                .now = 45,
                .late = kRunAnyway,
                .coalesce = Coalesce::kAll,
                .cap = 2,
                .expected = "coalesced 10-20 x2; run 30; run 40"},
        DueCase{.name = "None",
                .now = 30,
                .coalesce = Coalesce::kNone,
                .expected = "skipped_late 10-30 x3"},
        DueCase{.name = "NoneOfOneIsThatOne",
                .now = 10,
                .coalesce = Coalesce::kNone,
                .expected = "run 10"},
        DueCase{.name = "OfTwoPasses",
                .now = 40,
                .again_until = 25,
                .expected = "coalesced 10-20 x2; coalesced 30-30 x1; run 40"},
        DueCase{.name = "LateOfTwoPasses",
                .now = 58,
                .late = kStrict,
                .again_until = 20,
                .expected = "skipped_late 10-20 x2; skipped_late 30-50 x3"},
        DueCase{.name = "OneThatRanBefore",
                .now = 40,
                .again_until = 90,
                .dealt_with = {20},
                .expected = "coalesced 10-10 x1; coalesced 30-30 x1; run 40"},
        DueCase{.name = "TheLastRanBefore",
                .now = 40,
                .again_until = 90,
                .dealt_with = {40},
                .expected = "coalesced 10-20 x2; run 30"},
        DueCase{.name = "AllRanBefore",
                .now = 25,
                .again_until = 90,
                .dealt_with = {10, 20},
                .expected = ""},
        DueCase{.name = "Late", .now = 58, .late = kStrict, .expected = "skipped_late 10-50 x5"},
        DueCase{.name = "OneLate", .now = 17, .late = kStrict, .expected = "skipped_late 10-10 x1"},
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
        DueCase{.name = "Paused",
                .now = 35,
                .holds = {a_pause()},
                .expected = "skipped_paused 10-30 x3"},
        DueCase{.name = "InsideAWindow",
                .now = 35,
                .holds = {a_window(15, 40)},
                .expected = "skipped_window 10-30 x3"},
        DueCase{.name = "AfterAWindow",
                .now = 45,
                .holds = {a_window(15, 35)},
                .late = kRunAnyway,
                .expected = "coalesced 10-10 x1; skipped_window 20-30 x2; run 40"},
        DueCase{
            .name = "BeforeAWindow", .now = 10, .holds = {a_window(15, 35)}, .expected = "run 10"},
        DueCase{.name = "NotAfter",
                .now = 35,
                .not_after = 8h + 30min + 20s,
                .expected = "skipped_window 10-30 x3"},
        DueCase{.name = "NotAfterIsYetToCome",
                .now = 35,
                .not_after = 8h + 31min,
                .expected = "coalesced 10-20 x2; run 30"}),
    [](const auto& param) { return param.param.name; });

TEST(DecideDueByDate, NotAfterIsOfTheDateOfTheOccurrence) {
  TaskSpec spec;
  spec.timetable = parse_at_schedule("08:00", Zone::utc()).value();
  spec.late = {24h, LatePolicy::Otherwise::kRun};
  spec.special_policies = std::make_shared<const SpecialPolicies>(not_after(9h + 25min));
  const TimePoint day = from_rfc3339("2026-05-22T00:00:00Z").value();
  const auto found_at = [&](Micros time) { return decide_due({spec, day, day + time}); };
  EXPECT_EQ(found_at(9h + 25min).runs.size(), 1U);
  EXPECT_EQ(found_at(9h + 25min + 1s).missed.at(0).state, RunState::kSkippedWindow);
  // The next morning: yesterday's is too late, today's is in time.
  const DueDecision next = found_at(24h + 8h);
  ASSERT_EQ(next.missed.size(), 1U);
  EXPECT_EQ(next.missed[0].why, "not to start after 09:25 of its date");
  ASSERT_EQ(next.runs.size(), 1U);
  EXPECT_EQ(next.runs[0].nominal, day + 32h);
}

TEST(DecideDueByDate, AfterADelayThereIsOneOccurrence) {
  TaskSpec spec;
  spec.timetable = parse_delay_schedule("30s").value();
  EXPECT_TRUE(decide_due({spec, at(0), at(29), {}, at(30)}).runs.empty());
  const DueDecision decision = decide_due({spec, at(0), at(31), {}, at(30)});
  ASSERT_EQ(decision.runs.size(), 1U);
  EXPECT_EQ(decision.runs[0].nominal, at(30));
  EXPECT_EQ(decision.next_due, kNever);
}

}  // namespace
}  // namespace systask::scheduler
