// A LaneQueue says which job of a lane begins next: the one that has waited longest among
// those that may. Not thread-safe: it lives inside the lane's lock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/lanes/lane.h"

namespace systask::scheduler {

class LaneQueue {
 public:
  static constexpr std::size_t kCommon = 0;

  // Which thread a job has: one of those reserved for its class, or one of those for all.
  struct Slot {
    std::size_t of = kCommon;
    std::uint64_t ticket = 0;  // the later a job begins, the higher
  };
  struct Taken {
    Job job;
    Slot slot;
  };

  explicit LaneQueue(LaneOptions options) : limit_(options.queue_limit) {
    classes_.emplace_back();  // kCommon
    for (const auto& [name, threads] : options.reserved) {
      index_.emplace(name, classes_.size());
      classes_.push_back({.reserved = threads});
      reserved_ += threads;
    }
    resize(options.threads);
  }

  // Those that wait already stay, also where they are more.
  void limit(std::size_t waiting) { limit_ = waiting; }
  void resize(std::size_t threads) { threads_ = std::max(threads, reserved_ + 1); }
  [[nodiscard]] std::size_t threads() const { return threads_; }
  [[nodiscard]] std::size_t size() const {
    std::size_t size = 0;
    for (const Class& one : classes_)
      size += one.waiting.size();
    return size;
  }

  // False: there is no room. What may begin at once needs none.
  bool add(Job job) {
    const std::size_t of = class_of(job);
    std::size_t idle = free_of(kCommon);
    if (of != kCommon) idle += free_of(of);
    if (classes_[of].waiting.size() >= limit_ + idle) return false;
    classes_[of].waiting.emplace_back(++arrivals_, std::move(job));
    return true;
  }

  [[nodiscard]] bool has_reserved() const { return reserved_ > 0; }
  [[nodiscard]] bool has_startable() const { return next() != kNone; }

  // The next job; there is one.
  Taken take() {
    const std::size_t of = next();
    Class& from = classes_[of];
    Taken taken{std::move(from.waiting.front().second), {}};
    from.waiting.pop_front();
    taken.slot = {of != kCommon && free_of(of) > 0 ? of : kCommon, ++tickets_};
    ++classes_[taken.slot.of].running;
    return taken;
  }

  void give_back(Slot slot) { --classes_[slot.of].running; }

  std::vector<Job> clear() {
    std::vector<Job> jobs;
    for (Class& one : classes_)
      for (auto& [arrival, job] : std::exchange(one.waiting, {}))
        jobs.push_back(std::move(job));
    return jobs;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct Class {
    std::size_t reserved = 0;
    std::size_t running = 0;  // on its reserved threads; of kCommon: on those for all
    std::deque<std::pair<std::uint64_t, Job>> waiting = {};
  };

  [[nodiscard]] std::size_t class_of(const Job& job) const {
    if (index_.empty()) return kCommon;
    for (const std::string_view name : {job.task, job.group})
      if (const auto found = index_.find(name); found != index_.end()) return found->second;
    return kCommon;
  }
  // Threads of that class that nobody has.
  [[nodiscard]] std::size_t free_of(std::size_t of) const {
    const std::size_t all = of == kCommon ? threads_ - reserved_ : classes_[of].reserved;
    return all - std::min(all, classes_[of].running);
  }
  // The class whose first job has waited longest of those that may begin.
  [[nodiscard]] std::size_t next() const {
    const bool common = free_of(kCommon) > 0;
    std::size_t best = kNone;
    for (std::size_t of = 0; of < classes_.size(); ++of) {
      if (classes_[of].waiting.empty()) continue;
      if (!common && (of == kCommon || free_of(of) == 0)) continue;
      if (best == kNone ||
          classes_[of].waiting.front().first < classes_[best].waiting.front().first)
        best = of;
    }
    return best;
  }

  std::size_t limit_;
  std::size_t threads_ = 1;
  std::size_t reserved_ = 0;
  std::uint64_t arrivals_ = 0;
  std::uint64_t tickets_ = 0;
  std::vector<Class> classes_;  // kCommon first
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace systask::scheduler
