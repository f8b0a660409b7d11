#include "scheduler/engine/batch_queue.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace systask::scheduler {
namespace {

struct NumberedRow {
  std::size_t thread;
  int number;
};
using NumberedRows = BatchQueue<NumberedRow, int>;

TEST(BatchQueue, ARowThatComesAloneIsWrittenBeforePushReturns) {
  std::size_t writes = 0;
  std::size_t told = 0;
  NumberedRows queue{[&](std::span<const NumberedRow> rows) {
                       EXPECT_EQ(rows.size(), 1U);
                       ++writes;
                     },
                     [&](const NumberedRows::Batch& batch) { told += batch.marks.size(); }};
  for (int i = 0; i < 10; ++i) {
    queue.push({0, i}, i);
    EXPECT_EQ(writes, static_cast<std::size_t>(i) + 1);
    EXPECT_EQ(told, writes);
  }
}

TEST(BatchQueue, RowsOfManyThreadsAreWrittenOnceAndInTheirOrder) {
  constexpr std::size_t kThreads = 6;
  constexpr int kRows = 2'000;
  std::vector<int> next(kThreads, 0);  // never used by two threads at once: one writes
  std::size_t written = 0;
  NumberedRows queue{[&](std::span<const NumberedRow> rows) {
                       for (const NumberedRow& row : rows)
                         EXPECT_EQ(row.number, next[row.thread]++);
                     },
                     [&](const NumberedRows::Batch& batch) { written += batch.rows.size(); }};
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&queue, thread] {
        for (int i = 0; i < kRows; ++i)
          queue.push({thread, i}, i);
      });
  }
  EXPECT_EQ(written, kThreads * kRows);
  EXPECT_EQ(next, std::vector<int>(kThreads, kRows));
}

TEST(BatchQueue, RowsThatComeWhileAnotherIsWrittenShareAWrite) {
  std::vector<std::size_t> sizes;
  NumberedRows* again = nullptr;
  NumberedRows queue{[&](std::span<const NumberedRow> rows) {
                       sizes.push_back(rows.size());
                       if (sizes.size() > 1) return;
                       for (int i = 1; i <= 50; ++i)
                         again->push({0, i}, i);
                     },
                     [](const NumberedRows::Batch&) {}};
  again = &queue;
  queue.push({0, 0}, 0);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 50}));
}

}  // namespace
}  // namespace systask::scheduler
