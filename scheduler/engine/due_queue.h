// A DueQueue answers which tasks are due, at a cost that follows the due and not the
// registered. Not thread-safe: it lives inside the engine's lock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

class DueQueue {
 public:
  // A task may be in the queue several times; the engine drops what is out of date by
  // comparing `at` with what it knows, so nothing ever needs to be found and removed.
  struct Item {
    TimePoint at;
    TaskId task;
  };

  void push(TimePoint at, TaskId task) {
    if (at == TimePoint::max()) return;
    items_.push_back({at, task});
    std::ranges::push_heap(items_, later);
  }

  [[nodiscard]] std::optional<Item> first() const {
    if (items_.empty()) return std::nullopt;
    return items_.front();
  }

  // All that are due until then, in no order.
  template <class Visit>
  void each_until(TimePoint until, const Visit& visit, std::size_t from = 0) const {
    if (from >= items_.size() || items_[from].at > until) return;
    visit(items_[from]);
    each_until(until, visit, 2 * from + 1);
    each_until(until, visit, 2 * from + 2);
  }

  void pop() {
    std::ranges::pop_heap(items_, later);
    items_.pop_back();
  }

  void clear() { items_.clear(); }

 private:
  static bool later(const Item& a, const Item& b) {
    return a.at != b.at ? a.at > b.at : a.task > b.task;
  }

  std::vector<Item> items_;
};

}  // namespace systask::scheduler
