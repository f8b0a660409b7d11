// An OutcomeQueue writes outcomes to the ledger in batches: the first thread that brings
// one writes for all that come meanwhile, so that many short runs share a commit.
//
// push() and flush() may be called from any thread; a thread that finds another one
// writing returns at once. Rows are written in the order in which they came. Outcomes
// that cannot be written because the ledger is down are kept for the next call.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "scheduler/ports/run_ledger.h"

namespace systask::scheduler {

class OutcomeQueue {
 public:
  explicit OutcomeQueue(RunLedger& ledger) : ledger_(ledger) {}

  // `written` is called once the row is durable, on whichever thread wrote it.
  void push(RunRow row, std::function<void()> written);
  void flush();

 private:
  struct Item {
    RunRow row;
    std::function<void()> written;
  };
  // What could not be written.
  std::vector<Item> write(std::vector<Item> batch);
  std::vector<Item> write_one_by_one(std::vector<Item> batch, const char* why);

  RunLedger& ledger_;
  std::mutex mutex_;
  std::vector<Item> waiting_;
  bool writing_ = false;
};

}  // namespace systask::scheduler
