#include "scheduler/engine/backfill.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using Stage = Backfill::Step::Stage;

bool has_ended(const Backfill::Step& step) {
  return step.stage == Stage::kDone || step.stage == Stage::kEnded;
}

}  // namespace

Backfill::Backfill(BackfillStatus status, std::vector<Instance> instances, int concurrency)
    : status_(std::move(status)),
      instances_(std::move(instances)),
      concurrency_(static_cast<std::size_t>(std::max(concurrency, 1))) {
  status_.runs = 0;
  for (const Instance& instance : instances_)
    status_.runs += instance.steps.size();
}

std::vector<Backfill::Move> Backfill::advance(const Outside& outside) {
  std::vector<Move> moves;
  std::size_t open = 0;
  for (std::size_t i = 0; i < instances_.size() && open < concurrency_; ++i) {
    if (std::ranges::all_of(instances_[i].steps, has_ended)) continue;
    ++open;
    advance(i, outside, moves);
  }
  return moves;
}

void Backfill::advance(std::size_t index, const Outside& outside, std::vector<Move>& moves) {
  std::vector<Step>& steps = instances_[index].steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    if (step.stage != Stage::kPending) continue;
    const auto in_vain = [&](std::size_t before) { return steps[before].stage == Stage::kEnded; };
    const auto done = [&](std::size_t before) { return steps[before].stage == Stage::kDone; };
    const auto over = [&](std::size_t before) { return has_ended(steps[before]); };
    if (std::ranges::any_of(step.after_success, in_vain)) {
      step.stage = Stage::kUnderWay;
      moves.push_back({index, i, true});
    } else if (std::ranges::all_of(step.after_success, done) &&
               std::ranges::all_of(step.after_any, over) &&
               std::ranges::all_of(step.outside, [&](const Predecessor& before) {
                 return outside(before, instances_[index].business_date);
               })) {
      step.stage = Stage::kUnderWay;
      moves.push_back({index, i});
    }
  }
}

void Backfill::ended(TaskId task, int business_date, RunState outcome) {
  for (Instance& instance : instances_) {
    if (instance.business_date != business_date) continue;
    for (Step& step : instance.steps) {
      if (step.task != task || step.stage != Stage::kUnderWay) continue;
      if (outcome == RunState::kClaimed) {
        step.stage = Stage::kPending;
        return;
      }
      step.stage = is_done(outcome) ? Stage::kDone : Stage::kEnded;
      ++status_.done;
      status_.succeeded += is_done(outcome) ? 1U : 0U;
      return;
    }
  }
}

void Backfill::cancel() {
  for (Instance& instance : instances_)
    for (Step& step : instance.steps)
      if (step.stage == Stage::kPending) {
        step.stage = Stage::kEnded;
        ++status_.done;
      }
}

Backfill::Instance make_instance(int business_date, const std::vector<PlannedStep>& planned) {
  Backfill::Instance instance{business_date, {}};
  for (const PlannedStep& plan : planned) {
    Backfill::Step step{.task = plan.spec->id, .nominal = plan.nominal};
    for (const Predecessor& before : plan.spec->after) {
      const auto found = std::ranges::find_if(
          planned, [&](const PlannedStep& other) { return other.spec->name == before.task; });
      const auto index = static_cast<std::size_t>(found - planned.begin());
      if (found == planned.end())
        step.outside.push_back(before);
      else if (before.on == Predecessor::On::kSuccess)
        step.after_success.push_back(index);
      else
        step.after_any.push_back(index);
    }
    instance.steps.push_back(std::move(step));
  }
  return instance;
}

}  // namespace systask::scheduler
