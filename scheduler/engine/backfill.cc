#include "scheduler/engine/backfill.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using Stage = Backfill::Step::Stage;

bool has_ended(const Backfill::Step& step) {
  return step.stage == Stage::kDone || step.stage == Stage::kEnded;
}

}  // namespace

Backfill::Backfill(KeptBackfill backfill, std::vector<Instance> instances)
    : backfill_(std::move(backfill)),
      instances_(std::move(instances)),
      changed_(instances_.size(), false) {
  backfill_.concurrency = std::max(backfill_.concurrency, 1);
  for (const Instance& instance : instances_) {
    backfill_.dates.push_back(
        {.business_date = instance.business_date, .steps = instance.steps.size(), .failure = {}});
    left_ += instance.steps.size();
  }
}

std::vector<Backfill::Move> Backfill::advance(const Outside& outside) {
  std::vector<Move> moves;
  std::size_t open = 0;
  for (std::size_t i = 0;
       i < instances_.size() && open < static_cast<std::size_t>(backfill_.concurrency); ++i) {
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
    const auto failed = std::ranges::find_if(step.after_success, in_vain);
    if (failed != step.after_success.end()) {
      step.stage = Stage::kUnderWay;
      moves.push_back({index, i, *failed});
    } else if (std::ranges::all_of(step.after_success, done) &&
               std::ranges::all_of(step.after_any, over) &&
               std::ranges::all_of(step.outside, [&](const Predecessor& before) {
                 return outside(before, instances_[index].business_date);
               })) {
      step.stage = Stage::kUnderWay;
      moves.push_back({index, i, {}});
    }
  }
}

Backfill::Step* Backfill::under_way(std::size_t index, TaskId task) {
  for (Step& step : instances_[index].steps)
    if (step.task == task && step.stage == Stage::kUnderWay) return &step;
  return nullptr;
}

void Backfill::ended(const RunRow& row, const std::string& task) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (instances_[i].business_date != row.business_date) continue;
    Step* const step = under_way(i, row.key.task);
    if (step == nullptr) continue;
    const bool good = is_done(row.state);
    step->stage = good ? Stage::kDone : Stage::kEnded;
    --left_;
    BackfillDate& date = backfill_.dates[i];
    ++date.ended;
    date.succeeded += good ? 1U : 0U;
    if (!good && !date.failure)
      date.failure = BackfillDate::Failure{row.id, task, row.state, row.detail};
    changed_[i] = true;
    return;
  }
}

void Backfill::put_back(TaskId task, int business_date) {
  for (std::size_t i = 0; i < instances_.size(); ++i)
    if (Step* const step =
            instances_[i].business_date == business_date ? under_way(i, task) : nullptr)
      step->stage = Stage::kPending;
}

void Backfill::cancel(std::string_view actor) {
  if (backfill_.cancelled_by.empty()) backfill_.cancelled_by = actor;
  for (Instance& instance : instances_)
    for (Step& step : instance.steps)
      if (step.stage == Stage::kPending) {
        step.stage = Stage::kEnded;
        --left_;
      }
}

std::vector<BackfillDate> Backfill::take_changes(bool all) {
  std::vector<BackfillDate> dates;
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (!changed_[i]) continue;
    if (!all && !std::ranges::all_of(instances_[i].steps, has_ended)) continue;
    changed_[i] = false;
    dates.push_back(backfill_.dates[i]);
  }
  return dates;
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
