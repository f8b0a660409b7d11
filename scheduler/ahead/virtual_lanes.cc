#include "scheduler/ahead/virtual_lanes.h"

#include <algorithm>
#include <semaphore>
#include <thread>

#include "base/check.h"

namespace systask::scheduler {

struct VirtualLanes::VirtualLane {
  explicit VirtualLane(const LaneOptions& options) : queue(options) {}

  LaneQueue queue;
  Use use;
  std::size_t running = 0;
  std::size_t abandoned = 0;
  bool paused = false;
};

// A thread that runs a job when it is its turn, and is waited for by who gave it the turn.
class VirtualLanes::Worker {
 public:
  Worker() : thread_([this] { loop(); }) {}
  ~Worker() {
    job_ = {};
    turn_.release();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // To its job's end, or until it spends time.
  void run() {
    turn_.release();
    back_.acquire();
  }
  // Called on this worker's thread: everybody else goes on, until it is its turn again.
  void wait_for_turn() {
    back_.release();
    turn_.acquire();
  }

  void take(VirtualLane& from, LaneQueue::Taken taken, TimePoint now) {
    lane = &from;
    slot = taken.slot;
    run_id = taken.job.run;
    job_ = std::move(taken.job.work);
    begun = now;
    over = false;
    abandoned = false;
  }

  // Set while it spends time.
  std::map<std::pair<TimePoint, std::uint64_t>, Worker*>::iterator wake;
  bool asleep = false;

  VirtualLane* lane = nullptr;
  LaneQueue::Slot slot;
  RunId run_id;
  TimePoint begun{};
  bool over = true;
  bool abandoned = false;

  static thread_local Worker* current;

 private:
  void loop() {
    current = this;
    for (turn_.acquire(); job_; turn_.acquire()) {
      job_();
      job_ = {};
      over = true;
      back_.release();
    }
  }

  std::function<void()> job_;
  std::binary_semaphore turn_{0};
  std::binary_semaphore back_{0};
  std::thread thread_;  // last: it uses all of the above
};

thread_local VirtualLanes::Worker* VirtualLanes::Worker::current = nullptr;

VirtualLanes::VirtualLanes(const VirtualClock& clock, const std::map<int, LaneOptions>& lanes)
    : clock_(clock) {
  for (const auto& [priority, options] : lanes) {
    auto& lane = *lanes_.emplace(priority, std::make_unique<VirtualLane>(options)).first->second;
    lane.use.priority = priority;
    lane.use.threads = lane.queue.threads();
  }
}

VirtualLanes::~VirtualLanes() { static_cast<void>(stop({})); }

Submitted VirtualLanes::submit(int priority, Job job) {
  const auto found = lanes_.find(priority);
  if (found == lanes_.end()) return Submitted::kNoSuchLane;
  if (stopped_) return Submitted::kStopped;
  VirtualLane& lane = *found->second;
  if (!lane.queue.add(std::move(job))) {
    ++lane.use.full;
    return Submitted::kFull;
  }
  // What finds a thread free does not wait, and no thread is given before run_now().
  const std::size_t free = lane.queue.threads() - std::min(lane.queue.threads(), lane.running);
  const std::size_t queued = lane.queue.size();
  lane.use.most_queued = std::max(lane.use.most_queued, queued - std::min(queued, free));
  return Submitted::kYes;
}

void VirtualLanes::abandon(RunId run) {
  for (const auto& worker : workers_) {
    if (worker->over || worker->abandoned || worker->run_id != run) continue;
    worker->abandoned = true;
    VirtualLane& lane = *worker->lane;
    lane.queue.give_back(worker->slot);
    lane.use.busy += clock_.now() - worker->begun;
    --lane.running;
    ++lane.abandoned;
  }
}

void VirtualLanes::pause(int priority, bool paused) {
  if (const auto lane = lanes_.find(priority); lane != lanes_.end()) lane->second->paused = paused;
}

bool VirtualLanes::resize(int priority, std::size_t threads) {
  const auto lane = lanes_.find(priority);
  if (lane == lanes_.end()) return false;
  lane->second->queue.resize(threads);
  lane->second->use.threads = lane->second->queue.threads();
  return true;
}

std::vector<RunId> VirtualLanes::stop(Micros /*patience*/) {
  stopped_ = true;
  std::vector<RunId> not_begun;
  for (const auto& [priority, lane] : lanes_)
    for (const Job& job : lane->queue.clear())
      not_begun.push_back(job.run);
  while (!sleeping_.empty())
    give(*sleeping_.begin()->second);
  return not_begun;
}

std::vector<Lanes::Depth> VirtualLanes::depths() const {
  std::vector<Depth> depths;
  depths.reserve(lanes_.size());
  for (const auto& [priority, lane] : lanes_)
    depths.push_back({priority, lane->queue.size(), lane->running, lane->queue.threads(),
                      lane->paused, lane->abandoned, lane->queue.threads()});
  return depths;
}

bool VirtualLanes::spend(Micros time, const std::stop_token& stop) {
  Worker* const self = Worker::current;
  CHECK(self != nullptr, "only a job of virtual lanes spends virtual time");
  if (stopped_) return false;
  const TimePoint end = clock_.now() + time;
  wake_at(*self, end);
  {
    const std::stop_callback asked{stop, [&] {
                                     if (self->asleep) wake_at(*self, clock_.now());
                                   }};
    self->wait_for_turn();
  }
  return clock_.now() >= end && !stopped_;
}

void VirtualLanes::wake_at(Worker& worker, TimePoint at) {
  if (worker.asleep) sleeping_.erase(worker.wake);
  worker.wake = sleeping_.emplace(std::pair{at, ++turn_}, &worker).first;
  worker.asleep = true;
}

// One turn of the worker.
void VirtualLanes::give(Worker& worker) {
  if (worker.asleep) sleeping_.erase(worker.wake);
  worker.asleep = false;
  worker.run();
  if (!worker.over) return;
  VirtualLane& lane = *worker.lane;
  if (worker.abandoned) {
    --lane.abandoned;
  } else {
    lane.queue.give_back(worker.slot);
    lane.use.busy += clock_.now() - worker.begun;
    --lane.running;
  }
  idle_.push_back(&worker);
}

bool VirtualLanes::begin_one() {
  for (const auto& [priority, lane] : lanes_) {
    if (stopped_ || lane->paused || !lane->queue.has_startable()) continue;
    if (idle_.empty()) idle_.push_back(workers_.emplace_back(std::make_unique<Worker>()).get());
    Worker& worker = *idle_.back();
    idle_.pop_back();
    worker.take(*lane, lane->queue.take(), clock_.now());
    ++lane->running;
    ++lane->use.jobs;
    give(worker);
    return true;
  }
  return false;
}

bool VirtualLanes::go_on_one() {
  if (sleeping_.empty() || sleeping_.begin()->first.first > clock_.now()) return false;
  give(*sleeping_.begin()->second);
  return true;
}

void VirtualLanes::run_now() {
  while (go_on_one() || begin_one()) {
  }
}

TimePoint VirtualLanes::next() const {
  return sleeping_.empty() ? kNever : sleeping_.begin()->first.first;
}

std::vector<VirtualLanes::Use> VirtualLanes::uses() const {
  std::vector<Use> uses;
  for (const auto& [priority, lane] : lanes_) {
    uses.push_back(lane->use);
    for (const auto& worker : workers_)
      if (!worker->over && !worker->abandoned && worker->lane == lane.get())
        uses.back().busy += clock_.now() - worker->begun;
  }
  return uses;
}

}  // namespace systask::scheduler
