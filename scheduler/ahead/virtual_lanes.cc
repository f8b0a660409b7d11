#include "scheduler/ahead/virtual_lanes.h"

#include <algorithm>
#include <utility>

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

// A job that has begun, and what ends it.
struct VirtualLanes::Work {
  struct Wake {
    VirtualLanes* lanes;
    Work* work;
    void operator()() const { lanes->wake_now(*work); }
  };

  VirtualLane* lane = nullptr;
  LaneQueue::Slot slot;
  RunId run;
  TimePoint begun{};
  TimePoint until{};  // spends its time so long
  bool spends = false;
  bool abandoned = false;
  Ended ended;
  Spending::iterator place;
  std::optional<std::stop_callback<Wake>> asked;  // last: it calls while it is made
};

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

bool VirtualLanes::ends_later() const { return current_ != nullptr && current_->spends; }

void VirtualLanes::spend(Micros time) {
  CHECK(current_ != nullptr, "only a job of virtual lanes spends virtual time");
  current_->spends = true;
  current_->until = current_->begun + time;
}

void VirtualLanes::end_later(const std::stop_token& stop, Ended ended) {
  Work& work = *current_;
  work.ended = std::move(ended);
  work.place = spending_.emplace(std::pair{work.until, ++turn_}, std::move(current_)).first;
  work.asked.emplace(stop, Work::Wake{this, &work});
}

void VirtualLanes::wake_now(Work& work) {
  if (work.place->first.first <= clock_.now()) return;
  auto node = spending_.extract(work.place);
  node.key() = {clock_.now(), ++turn_};
  work.place = spending_.insert(std::move(node)).position;
}

void VirtualLanes::abandon(RunId run) {
  for (const auto& [at, work] : spending_) {
    if (work->abandoned || work->run != run) continue;
    give_back(*work);
    work->abandoned = true;
    ++work->lane->abandoned;
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
  while (!spending_.empty())
    end(std::move(spending_.extract(spending_.begin()).mapped()), false);
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

void VirtualLanes::give_back(const Work& work) {
  work.lane->queue.give_back(work.slot);
  work.lane->use.busy += clock_.now() - work.begun;
  --work.lane->running;
}

bool VirtualLanes::begin_one() {
  for (const auto& [priority, lane] : lanes_) {
    if (stopped_ || lane->paused || !lane->queue.has_startable()) continue;
    LaneQueue::Taken taken = lane->queue.take();
    ++lane->running;
    ++lane->use.jobs;
    current_ = std::make_unique<Work>();
    current_->lane = lane.get();
    current_->slot = taken.slot;
    current_->run = taken.job.run;
    current_->begun = clock_.now();
    taken.job.work();
    if (current_ != nullptr) give_back(*std::exchange(current_, nullptr));
    return true;
  }
  return false;
}

bool VirtualLanes::end_one() {
  if (next() > clock_.now()) return false;
  auto work = std::move(spending_.extract(spending_.begin()).mapped());
  const bool whole = clock_.now() >= work->until;
  end(std::move(work), whole);
  return true;
}

// The run has its outcome before its place is free, as on a thread.
void VirtualLanes::end(std::unique_ptr<Work> work, bool whole) {
  work->asked.reset();
  work->ended(whole);
  if (work->abandoned)
    --work->lane->abandoned;
  else
    give_back(*work);
}

void VirtualLanes::run_now() {
  while (end_one() || begin_one()) {
  }
}

TimePoint VirtualLanes::next() const {
  return spending_.empty() ? kNever : spending_.begin()->first.first;
}

std::vector<VirtualLanes::Use> VirtualLanes::uses() const {
  std::vector<Use> uses;
  for (const auto& [priority, lane] : lanes_) {
    uses.push_back(lane->use);
    for (const auto& [at, work] : spending_)
      if (!work->abandoned && work->lane == lane.get())
        uses.back().busy += clock_.now() - work->begun;
  }
  return uses;
}

}  // namespace systask::scheduler
