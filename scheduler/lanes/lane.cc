#include "scheduler/lanes/lane.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "scheduler/lanes/lane_queue.h"

namespace systask::scheduler {

// What the lane and its threads share; a thread that outlasts the lane keeps it alive.
struct Lane::Shared : std::enable_shared_from_this<Lane::Shared> {
  struct Worker {
    std::thread thread;
    RunId run;
    LaneQueue::Slot slot;
    bool busy = false;
    bool abandoned = false;  // its thread is detached, and ends with its job
  };
  using WorkerPtr = std::shared_ptr<Worker>;

  explicit Shared(LaneOptions options) : queue(std::move(options)), configured(queue.threads()) {}

  // All with the lock held.
  void add_worker() {
    auto worker = std::make_shared<Worker>();
    workers.push_back(worker);
    worker->thread = std::thread{[self = shared_from_this(), worker] { self->work(worker); }};
  }
  void fill() {
    while (workers.size() < queue.threads())
      add_worker();
  }
  [[nodiscard]] bool surplus() const { return workers.size() > queue.threads(); }

  void begin(Worker& worker, const LaneQueue::Taken& taken) {
    worker.run = taken.job.run;
    worker.slot = taken.slot;
    worker.busy = true;
    ++busy;
  }
  void end(Worker& worker) {
    worker.busy = false;
    queue.give_back(worker.slot);
    if (--busy == 0) idle.notify_all();
  }

  void work(const WorkerPtr& worker) {
    std::unique_lock lock{mutex};
    for (;;) {
      ++asleep;
      wake.wait(lock,
                [this] { return stopped || surplus() || (!paused && queue.has_startable()); });
      --asleep;
      if (stopped) return;
      if (surplus()) return leave(worker);
      LaneQueue::Taken taken = queue.take();
      begin(*worker, taken);
      lock.unlock();
      taken.job.work();
      taken.job = {};  // what it holds is released before anyone may think it has ended
      lock.lock();
      if (worker->abandoned) {
        --abandoned;
        return;
      }
      end(*worker);
      // The slot given back may be one that another waiting thread's job is for.
      if (asleep > 0 && queue.has_reserved() && queue.has_startable() && !paused) wake.notify_one();
    }
  }

  // The lane has become smaller: this thread is one too many.
  void leave(const WorkerPtr& worker) {
    worker->thread.detach();
    std::erase(workers, worker);
    idle.notify_all();
    wake.notify_one();  // the notice that it was given may have been of a job
  }

  bool abandon(RunId run) {
    const std::scoped_lock lock{mutex};
    // A run that is tried again may still be leaving the thread of its earlier attempt.
    WorkerPtr worker;
    for (const WorkerPtr& one : workers)
      if (one->busy && one->run == run && (!worker || one->slot.ticket > worker->slot.ticket))
        worker = one;
    if (!worker) return false;
    std::erase(workers, worker);
    worker->abandoned = true;
    worker->thread.detach();
    ++abandoned;
    end(*worker);
    if (!stopped) fill();
    wake.notify_one();
    return true;
  }

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable idle;
  LaneQueue queue;
  std::size_t configured;  // threads, by its configuration
  std::vector<WorkerPtr> workers;
  std::size_t busy = 0;
  std::size_t asleep = 0;  // threads that wait, or are about to see why they were woken
  std::size_t abandoned = 0;
  bool paused = false;
  bool stopped = false;
};

Lane::Lane(LaneOptions options) : shared_(std::make_shared<Shared>(std::move(options))) {
  const std::scoped_lock lock{shared_->mutex};
  shared_->fill();
}

Lane::~Lane() { stop(Micros::max()); }

Submitted Lane::submit(Job job) { return submit_all(std::span{&job, 1}).front(); }

std::vector<Submitted> Lane::submit_all(std::span<Job> jobs) {
  std::vector<Submitted> answers(jobs.size(), Submitted::kStopped);
  std::size_t idle = 0;
  {
    const std::scoped_lock lock{shared_->mutex};
    if (shared_->stopped) return answers;
    for (std::size_t i = 0; i < jobs.size(); ++i)
      answers[i] = shared_->queue.add(std::move(jobs[i])) ? Submitted::kYes : Submitted::kFull;
    idle = shared_->asleep;
  }
  // A thread that is awake looks into the queue before it sleeps.
  for (std::size_t i = 0; i < std::min(idle, jobs.size()); ++i)
    shared_->wake.notify_one();
  return answers;
}

bool Lane::abandon(RunId run) { return shared_->abandon(run); }

void Lane::pause(bool paused) {
  {
    const std::scoped_lock lock{shared_->mutex};
    shared_->paused = paused;
  }
  shared_->wake.notify_all();
}

void Lane::resize(std::size_t threads) {
  {
    const std::scoped_lock lock{shared_->mutex};
    if (shared_->stopped) return;
    shared_->queue.resize(threads);
    shared_->fill();
  }
  shared_->wake.notify_all();
}

void Lane::configure(const LaneOptions& options) {
  {
    const std::scoped_lock lock{shared_->mutex};
    if (shared_->stopped) return;
    shared_->queue.limit(options.queue_limit);
    shared_->queue.resize(options.threads);
    shared_->fill();
    shared_->configured = shared_->queue.threads();
  }
  shared_->wake.notify_all();
}

std::vector<RunId> Lane::close() {
  std::vector<RunId> not_begun;
  std::vector<Job> dropped;  // destroyed without the lock
  {
    const std::scoped_lock lock{shared_->mutex};
    shared_->stopped = true;
    dropped = shared_->queue.clear();
  }
  not_begun.reserve(dropped.size());
  for (const Job& job : dropped)
    not_begun.push_back(job.run);
  shared_->wake.notify_all();
  return not_begun;
}

bool Lane::join(Micros patience) {
  std::vector<Shared::WorkerPtr> workers;
  bool ended = true;
  {
    std::unique_lock lock{shared_->mutex};
    // Joined, or given up, before.
    if (shared_->workers.empty()) return shared_->busy == 0;
    const auto none = [this] { return shared_->busy == 0; };
    if (patience == Micros::max())
      shared_->idle.wait(lock, none);
    else
      ended = shared_->idle.wait_for(lock, patience, none);
    // Those that are left keep their threads, which nobody waits for.
    for (const Shared::WorkerPtr& worker : std::exchange(shared_->workers, {})) {
      if (worker->busy)
        worker->thread.detach();
      else
        workers.push_back(worker);
    }
  }
  for (const Shared::WorkerPtr& worker : workers)
    worker->thread.join();
  return ended;
}

std::vector<RunId> Lane::stop(Micros patience) {
  std::vector<RunId> not_begun = close();
  join(patience);
  return not_begun;
}

Lanes::Depth Lane::depth(int priority) const {
  const std::scoped_lock lock{shared_->mutex};
  return {priority,        shared_->queue.size(), shared_->busy,      shared_->queue.threads(),
          shared_->paused, shared_->abandoned,    shared_->configured};
}

LaneSet::LaneSet(const std::map<int, LaneOptions>& lanes) {
  for (const auto& [priority, options] : lanes)
    lanes_.emplace(priority, std::make_unique<Lane>(options));
}

Lane* LaneSet::find(int priority) const {
  const std::shared_lock lock{mutex_};
  const auto lane = lanes_.find(priority);
  return lane == lanes_.end() ? nullptr : lane->second.get();
}

std::vector<std::pair<int, Lane*>> LaneSet::all() const {
  const std::shared_lock lock{mutex_};
  std::vector<std::pair<int, Lane*>> lanes;
  lanes.reserve(lanes_.size());
  for (const auto& [priority, lane] : lanes_)
    lanes.emplace_back(priority, lane.get());
  return lanes;
}

Submitted LaneSet::submit(int priority, Job job) {
  return submit_all(priority, std::span{&job, 1}).front();
}

std::vector<Submitted> LaneSet::submit_all(int priority, std::span<Job> jobs) {
  Lane* const lane = find(priority);
  if (lane == nullptr) return std::vector<Submitted>(jobs.size(), Submitted::kNoSuchLane);
  return lane->submit_all(jobs);
}

void LaneSet::abandon(RunId run) {
  for (const auto& [priority, lane] : all())
    if (lane->abandon(run)) return;
}

void LaneSet::pause(int priority, bool paused) {
  if (Lane* const lane = find(priority)) lane->pause(paused);
}

bool LaneSet::resize(int priority, std::size_t threads) {
  Lane* const lane = find(priority);
  if (lane != nullptr) lane->resize(threads);
  return lane != nullptr;
}

void LaneSet::configure(int priority, const LaneOptions& options) {
  if (Lane* const lane = find(priority)) return lane->configure(options);
  const std::unique_lock lock{mutex_};
  if (!stopped_) lanes_.try_emplace(priority, std::make_unique<Lane>(options));
}

std::vector<RunId> LaneSet::stop(Micros patience) {
  {
    const std::unique_lock lock{mutex_};
    stopped_ = true;
  }
  const auto lanes = all();
  std::vector<RunId> not_begun;
  for (const auto& [priority, lane] : lanes) {
    const std::vector<RunId> left = lane->close();
    not_begun.insert(not_begun.end(), left.begin(), left.end());
  }
  const SystemClock clock;
  const MonotonicPoint deadline =
      clock.monotonic() + std::min<Micros>(patience, std::chrono::hours{24});
  for (const auto& [priority, lane] : lanes) {
    const auto left = std::chrono::ceil<Micros>(deadline - clock.monotonic());
    lane->join(std::max(left, Micros{0}));
  }
  return not_begun;
}

std::vector<Lanes::Depth> LaneSet::depths() const {
  std::vector<Depth> depths;
  for (const auto& [priority, lane] : all())
    depths.push_back(lane->depth(priority));
  return depths;
}

}  // namespace systask::scheduler
