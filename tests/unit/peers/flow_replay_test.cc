#include "peers/flow/replay.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "peers/flow/decimal.h"
#include "peers/flow/lives.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/peers/flow_recording.h"

namespace systask::peers::flow {
namespace {

constexpr auto kAnyTime = std::numeric_limits<std::int64_t>::max();

std::vector<Report> all_of(Replay& replay) {
  std::vector<Report> reports;
  while (auto report = replay.next(kAnyTime))
    reports.push_back(*report);
  return reports;
}

std::vector<int> functions_in(const std::vector<Report>& reports) {
  std::vector<int> functions;
  functions.reserve(reports.size());
  for (const Report& report : reports)
    functions.push_back(number_of(report.function));
  return functions;
}

ReplayOptions options_for(const RecordingFile& recording,
                          std::vector<std::int64_t> plans = {11, 12}) {
  return {.path = recording.path(), .plans = std::move(plans), .business_date = 20260522};
}

TEST(Decimal, ReadsAndWritesEightDecimalsAndNothingElse) {
  EXPECT_EQ(parse_decimal("4799.00"), 479'900'000'000);
  EXPECT_EQ(parse_decimal("-0.00000001"), -1);
  for (const char* wrong :
       {"", ".", "1.", ".5", "1e3", "1.123456789", "--1", "1.-1", "x", "92233720368547758080"})
    EXPECT_EQ(parse_decimal(wrong), std::nullopt) << wrong;
  EXPECT_EQ(format_decimal(1'250'000'000), "12.5");
  EXPECT_EQ(format_decimal(-1), "-0.00000001");
  EXPECT_EQ(format_decimal(0), "0");
  EXPECT_EQ(format_decimal(5'760'000'000'000), "57600");
}

TEST(LifeReader, ReadsAGzippedFileLikeAPlainOne) {
  const ScratchFolder folder;
  const std::string path = folder.file("lives.csv.gz");
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzputs(file, "t_us,order,event,side,price,qty\r\n5,7,A,B,4799.25,3\r\n");
  ::gzclose(file);
  LifeReader reader{path};
  const auto row = reader.next();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->at_us, 5);
  EXPECT_EQ(row->order, 7);
  EXPECT_EQ(row->price, 479'925'000'000);
  EXPECT_EQ(row->quantity, 3);
  EXPECT_FALSE(reader.next());
}

TEST(LifeReader, SaysThatAGzippedFileBreaksOffInsteadOfReadingHalfALine) {
  const ScratchFolder folder;
  const std::string path = folder.file("lives.csv.gz");
  gzFile file = ::gzopen(path.c_str(), "wb");
  ::gzputs(file, "t_us,order,event,side,price,qty\n");
  for (int i = 0; i < 20'000; ++i)
    ::gzputs(file, fmt::format("{},{},A,B,{}.25,{}\n", i, i, i * 7919 % 5003, i % 97 + 1).c_str());
  ::gzclose(file);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  LifeReader reader{path};
  try {
    while (reader.next()) {
    }
    FAIL() << "half a file was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("breaks off: it was packed with gzip"));
  }
}

TEST(LifeReader, SaysWhichLineIsWrong) {
  const RecordingFile recording{"0,1,A,B,1.00,2\n0,1,Z,B,1.00,2\n"};
  LifeReader reader{recording.path()};
  EXPECT_TRUE(reader.next());
  try {
    reader.next();
    FAIL() << "a row of event Z was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(":3:5: event: found 'Z', expected A (added)"));
  }
}

TEST(LifeReader, RefusesAFileThatIsNoRecording) {
  const RecordingFile recording{"", "id,price\n"};
  EXPECT_THROW(LifeReader{FileName{recording.path()}}, std::runtime_error);
  EXPECT_THROW(LifeReader{FileName{"/nowhere/at/all.csv"}}, std::runtime_error);
}

TEST(Replay, MakesEachEventTheMessagesOfItsKind) {
  const RecordingFile recording{
      "0,1,A,B,10.00,5\n1,1,F,N,10.25,2\n2,1,R,B,11.00,4\n3,1,C,B,11.00,4\n"};
  Replay replay{options_for(recording)};
  const auto reports = all_of(replay);
  EXPECT_THAT(functions_in(reports), ::testing::ElementsAre(402213, 402208, 402206, 402210, 402212,
                                                            402213, 402208, 402210, 402212));
  EXPECT_EQ(reports[2].deal_price, 1'025'000'000);
  EXPECT_EQ(reports[2].total_filled, 2);
  EXPECT_EQ(reports[2].state, '6');
  EXPECT_EQ(reports[4].cancelled, 3);  // the rest, not the whole
  EXPECT_EQ(reports[4].state, '8');
  EXPECT_EQ(reports[5].order.number, reports[0].order.number + 1);
  EXPECT_EQ(reports[5].order.plan, reports[0].order.plan);
  EXPECT_EQ(reports[5].order.quantity, 4);
  EXPECT_EQ(reports[8].cancelled, 4);
}

TEST(Replay, SpreadsOrdersOverPlansAndAlwaysNamesThePlanOfANewOrder) {
  std::string rows;
  for (int order = 0; order < 40; ++order)
    rows += "0," + std::to_string(order) + ",A,A,10.00,5\n";
  const RecordingFile recording{rows};
  Replay replay{options_for(recording)};
  int silent = 0;
  for (const Report& report : all_of(replay)) {
    EXPECT_EQ(report.order.direction, 2);
    EXPECT_TRUE(report.names_plan || report.function != Function::kPlaced);
    if (!report.names_plan) ++silent;
  }
  EXPECT_GT(silent, 5);  // about half of forty
  EXPECT_LT(silent, 35);
}

TEST(Replay, WaitsForTheRecordedTimeAndStopsAtTheLimit) {
  const RecordingFile recording{"0,1,A,B,10.00,5\n500,2,A,B,10.00,5\n"};
  auto options = options_for(recording);
  options.limit = 3;
  Replay replay{options};
  EXPECT_TRUE(replay.next(0));
  EXPECT_TRUE(replay.next(0));
  EXPECT_FALSE(replay.next(499));
  EXPECT_EQ(replay.next_at_us(), 500);
  EXPECT_TRUE(replay.next(500));
  EXPECT_FALSE(replay.next(kAnyTime));
  EXPECT_FALSE(replay.next_at_us());
}

TEST(Replay, SwapsNeighboursButNeverWithinAPlan) {
  std::string rows;
  for (int order = 0; order < 50; ++order)
    rows += "0," + std::to_string(order) + ",A,B,10.00,5\n";
  const RecordingFile recording{rows};
  Replay straight{options_for(recording)};
  auto swapping = options_for(recording);
  swapping.swap = 0.5;
  Replay swapped{swapping};
  const auto before = all_of(straight);
  const auto after = all_of(swapped);
  ASSERT_EQ(before.size(), after.size());
  const auto of_plan = [](const std::vector<Report>& reports, std::int64_t plan) {
    std::vector<std::pair<std::int64_t, int>> line;
    for (const Report& report : reports)
      if (report.order.plan == plan)
        line.emplace_back(report.order.number, number_of(report.function));
    return line;
  };
  EXPECT_EQ(of_plan(before, 11), of_plan(after, 11));
  EXPECT_EQ(of_plan(before, 12), of_plan(after, 12));
  EXPECT_FALSE(std::ranges::equal(
      before, after, {}, [](const Report& r) { return r.order.number; },
      [](const Report& r) { return r.order.number; }));
}

TEST(Replay, RefusesARecordingThatContradictsItself) {
  for (const char* rows : {"0,1,F,B,10.00,5\n", "0,1,A,B,10.00,5\n0,1,A,B,10.00,5\n",
                           "0,1,A,B,10.00,5\n0,1,F,B,10.00,6\n"}) {
    const RecordingFile recording{rows};
    Replay replay{options_for(recording)};
    EXPECT_THROW(all_of(replay), std::runtime_error) << rows;
  }
}

}  // namespace
}  // namespace systask::peers::flow
