#include "scheduler/lanes/lane.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace systask::scheduler {

// What the lane and its threads share; a thread that outlasts the lane keeps it alive.
struct Lane::Shared {
  explicit Shared(std::size_t queue_limit) : limit(queue_limit) {}

  void work() {
    std::unique_lock lock{mutex};
    for (;;) {
      wake.wait(lock, [this] { return stopped || !queue.empty(); });
      if (stopped) return;
      Job job = std::move(queue.front());
      queue.pop_front();
      ++running;
      lock.unlock();
      job.work();
      job = {};  // what it holds is released before anyone may think it has ended
      lock.lock();
      if (--running == 0) idle.notify_all();
    }
  }

  const std::size_t limit;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable idle;
  std::deque<Job> queue;
  std::size_t running = 0;
  bool stopped = false;
  std::vector<std::thread> threads;
};

Lane::Lane(LaneOptions options)
    : shared_(std::make_shared<Shared>(options.queue_limit)), threads_(options.threads) {
  const std::scoped_lock lock{shared_->mutex};
  for (std::size_t i = 0; i < threads_; ++i)
    shared_->threads.emplace_back([shared = shared_] { shared->work(); });
}

Lane::~Lane() { stop(Micros::max()); }

Submitted Lane::submit(Job job) {
  {
    const std::scoped_lock lock{shared_->mutex};
    if (shared_->stopped) return Submitted::kStopped;
    const std::size_t idle = threads_ - std::min(threads_, shared_->running);
    if (shared_->queue.size() >= shared_->limit + idle) return Submitted::kFull;
    shared_->queue.push_back(std::move(job));
  }
  shared_->wake.notify_one();
  return Submitted::kYes;
}

std::vector<RunId> Lane::close() {
  std::vector<RunId> not_begun;
  {
    const std::scoped_lock lock{shared_->mutex};
    shared_->stopped = true;
    for (const Job& job : std::exchange(shared_->queue, {}))
      not_begun.push_back(job.run);
  }
  shared_->wake.notify_all();
  return not_begun;
}

bool Lane::join(Micros patience) {
  std::vector<std::thread> threads;
  bool ended = true;
  {
    std::unique_lock lock{shared_->mutex};
    if (shared_->threads.empty()) return shared_->running == 0;  // joined, or given up, before
    const auto none = [this] { return shared_->running == 0; };
    if (patience == Micros::max())
      shared_->idle.wait(lock, none);
    else
      ended = shared_->idle.wait_for(lock, patience, none);
    threads = std::exchange(shared_->threads, {});
  }
  for (std::thread& thread : threads) {
    if (ended)
      thread.join();
    else
      thread.detach();
  }
  return ended;
}

std::vector<RunId> Lane::stop(Micros patience) {
  std::vector<RunId> not_begun = close();
  join(patience);
  return not_begun;
}

std::size_t Lane::queued() const {
  const std::scoped_lock lock{shared_->mutex};
  return shared_->queue.size();
}

std::size_t Lane::running() const {
  const std::scoped_lock lock{shared_->mutex};
  return shared_->running;
}

LaneSet::LaneSet(const std::map<int, LaneOptions>& lanes) {
  for (const auto& [priority, options] : lanes)
    lanes_.emplace(priority, std::make_unique<Lane>(options));
}

Submitted LaneSet::submit(int priority, Job job) {
  const auto lane = lanes_.find(priority);
  return lane == lanes_.end() ? Submitted::kNoSuchLane : lane->second->submit(std::move(job));
}

std::vector<RunId> LaneSet::stop(Micros patience) {
  std::vector<RunId> not_begun;
  for (const auto& [priority, lane] : lanes_) {
    const std::vector<RunId> left = lane->close();
    not_begun.insert(not_begun.end(), left.begin(), left.end());
  }
  const SystemClock clock;
  const MonotonicPoint deadline =
      clock.monotonic() + std::min<Micros>(patience, std::chrono::hours{24});
  for (const auto& [priority, lane] : lanes_) {
    const auto left = std::chrono::ceil<Micros>(deadline - clock.monotonic());
    lane->join(std::max(left, Micros{0}));
  }
  return not_begun;
}

std::vector<Lanes::Depth> LaneSet::depths() const {
  std::vector<Depth> depths;
  for (const auto& [priority, lane] : lanes_)
    depths.push_back({priority, lane->queued(), lane->running(), lane->threads()});
  return depths;
}

}  // namespace systask::scheduler
