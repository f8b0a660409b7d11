#include "scheduler/engine/outcome_queue.h"

#include <exception>
#include <iterator>
#include <span>
#include <utility>

#include "base/log.h"

namespace systask::scheduler {

void OutcomeQueue::push(RunRow row, std::function<void()> written) {
  {
    const std::scoped_lock lock{mutex_};
    waiting_.push_back({std::move(row), std::move(written)});
  }
  flush();
}

void OutcomeQueue::flush() {
  for (;;) {
    std::vector<Item> batch;
    {
      const std::scoped_lock lock{mutex_};
      if (writing_ || waiting_.empty()) return;
      writing_ = true;
      batch = std::exchange(waiting_, {});
    }
    std::vector<Item> failed = write(std::move(batch));
    const std::scoped_lock lock{mutex_};
    writing_ = false;
    if (failed.empty()) continue;
    waiting_.insert(waiting_.begin(), std::make_move_iterator(failed.begin()),
                    std::make_move_iterator(failed.end()));
    return;  // the next tick tries again
  }
}

std::vector<OutcomeQueue::Item> OutcomeQueue::write(std::vector<Item> batch) {
  std::vector<RunRow> rows;
  rows.reserve(batch.size());
  for (const Item& item : batch)
    rows.push_back(item.row);
  try {
    ledger_.record(rows);
  } catch (const std::exception& error) {
    return write_one_by_one(std::move(batch), error.what());
  }
  for (const Item& item : batch)
    if (item.written) item.written();
  return {};
}

// One row that the ledger cannot take must not hold up the others: where some rows can be
// written, those that cannot are given up, and their runs are settled at the next start.
std::vector<OutcomeQueue::Item> OutcomeQueue::write_one_by_one(std::vector<Item> batch,
                                                               const char* why) {
  log::warn("outcomes could not be written together; trying one by one",
            {{"rows", batch.size()}, {"error", why}});
  std::vector<Item> failed;
  const std::size_t total = batch.size();
  for (Item& item : batch) {
    try {
      ledger_.record(std::span{&item.row, 1});
    } catch (const std::exception&) {
      failed.push_back(std::move(item));
      continue;
    }
    if (item.written) item.written();
  }
  if (failed.size() == total) return failed;
  for (const Item& item : failed) {
    log::error(
        "an outcome was refused by the ledger and is given up; its run stays open until "
        "the next start",
        {{"task", item.row.key.task}, {"run", item.row.id}});
    if (item.written) item.written();
  }
  return {};
}

}  // namespace systask::scheduler
