// A BatchQueue writes rows to the ledger in batches: the first thread that brings one writes
// for all that come meanwhile, so that many short runs share a commit. With each row comes a
// `Mark` that tells its owner whose row it was; no lock is held while rows are written.
//
// A row that comes alone is written at once. Where others came while it was being written, its
// thread waits for more of them before it writes again: until there are kEnough, or none has
// come for kPause, at most kLongest. So the commits that many short runs cost do not become
// more when the disk becomes faster.
//
// push() and flush() may be called from any thread; a thread that finds another one writing
// returns at once. Rows are written in the order in which they came. Rows that cannot be
// written because the ledger is down are kept for the next call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/log.h"

namespace systask::scheduler {

template <class Row, class Mark>
class BatchQueue {
 public:
  struct Batch {
    std::vector<Row> rows;
    std::vector<Mark> marks;  // as many

    void add(Row row, Mark mark) {
      rows.push_back(std::move(row));
      marks.push_back(std::move(mark));
    }
  };
  // Makes the rows durable, all of them or, by throwing, none.
  using Write = std::function<void(std::span<const Row>)>;
  // Told of rows that are durable, or given up, on the thread that wrote them.
  using Written = std::function<void(Batch)>;

  BatchQueue(Write write, Written written)
      : write_(std::move(write)), written_(std::move(written)) {}

  void push(Row row, Mark mark) {
    {
      const std::scoped_lock lock{mutex_};
      waiting_.add(std::move(row), std::move(mark));
      if (writing_) {
        if (waiting_.rows.size() == kEnough) enough_.notify_one();
        return;
      }
    }
    flush();
  }

  void flush() {
    for (bool first = true;; first = false) {
      Batch batch;
      {
        std::unique_lock lock{mutex_};
        if (writing_ || waiting_.rows.empty()) return;
        writing_ = true;
        if (!first) gather(lock);
        batch = std::exchange(waiting_, {});
      }
      Batch failed = write(std::move(batch));
      const std::scoped_lock lock{mutex_};
      writing_ = false;
      if (failed.rows.empty()) continue;
      for (std::size_t i = 0; i < waiting_.rows.size(); ++i)
        failed.add(std::move(waiting_.rows[i]), std::move(waiting_.marks[i]));
      waiting_ = std::move(failed);
      return;  // the next tick tries again
    }
  }

 private:
  static constexpr std::size_t kEnough = 1'000;
  static constexpr std::chrono::microseconds kLongest{2'000};
  static constexpr std::chrono::microseconds kPause{200};

  void gather(std::unique_lock<std::mutex>& lock) {
    const auto enough = [this] { return waiting_.rows.size() >= kEnough; };
    for (auto waited = kPause; waited <= kLongest; waited += kPause) {
      const std::size_t before = waiting_.rows.size();
      if (enough_.wait_for(lock, kPause, enough) || waiting_.rows.size() == before) return;
    }
  }

  // What could not be written.
  Batch write(Batch batch) {
    try {
      write_(batch.rows);
    } catch (const std::exception& error) {
      return write_one_by_one(std::move(batch), error.what());
    }
    written_(std::move(batch));
    return {};
  }

  // One row that the ledger cannot take must not hold up the others: where some rows can be
  // written, those that cannot are given up.
  Batch write_one_by_one(Batch batch, const char* why) {
    log::warn("rows of the ledger could not be written together; trying one by one",
              {{"rows", batch.rows.size()}, {"error", why}});
    Batch done;
    Batch failed;
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      bool good = true;
      try {
        write_(std::span{&batch.rows[i], 1});
      } catch (const std::exception&) {
        good = false;
      }
      (good ? done : failed).add(std::move(batch.rows[i]), std::move(batch.marks[i]));
    }
    if (done.rows.empty()) return failed;
    for (std::size_t i = 0; i < failed.rows.size(); ++i)
      done.add(std::move(failed.rows[i]), std::move(failed.marks[i]));
    if (!failed.rows.empty())
      log::error(
          "rows were refused by the ledger and are given up; their runs stay open there "
          "until the next start",
          {{"rows", failed.rows.size()}});
    written_(std::move(done));
    return {};
  }

  Write write_;
  Written written_;
  std::mutex mutex_;
  std::condition_variable enough_;
  Batch waiting_;
  bool writing_ = false;
};

}  // namespace systask::scheduler
