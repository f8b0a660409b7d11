#include "service/metrics/task_series.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace systask::service {
namespace {

const prometheus::Histogram::BucketBoundaries kTaskDuration{0.001, 0.005, 0.02, 0.1,  0.5, 2,
                                                            10,    60,    300,  1800, 7200};
constexpr std::string_view kOthers = "(others)";

prometheus::Counter& outcome_counter(prometheus::Registry& registry, const std::string& task,
                                     scheduler::RunState outcome) {
  return prometheus::BuildCounter()
      .Name(std::string{TaskSeries::kNames[0]})
      .Help("Runs of a task by what came of them")
      .Register(registry)
      .Add({{"task", task}, {"outcome", std::string{scheduler::name_of(outcome)}}});
}

prometheus::Histogram& duration_histogram(prometheus::Registry& registry, const std::string& task) {
  return prometheus::BuildHistogram()
      .Name(std::string{TaskSeries::kNames[1]})
      .Help("How long the runs of a task took")
      .Register(registry)
      .Add({{"task", task}}, kTaskDuration);
}

}  // namespace

TaskSeries::TaskSeries(prometheus::Registry& registry) : registry_(registry) {}

void TaskSeries::finished(std::string_view task, scheduler::RunState outcome, Micros duration) {
  prometheus::Counter* counter = nullptr;
  prometheus::Histogram* histogram = nullptr;
  by_task_.with([&](ByTask& by_task) {
    auto found = by_task.find(task);
    if (found == by_task.end() && by_task.size() >= kMostTasks) found = by_task.find(kOthers);
    if (found == by_task.end())
      found = by_task.emplace(by_task.size() < kMostTasks ? task : kOthers, Series{}).first;
    auto& [name, series] = *found;
    prometheus::Counter*& known = series.outcomes[static_cast<std::size_t>(outcome)];
    if (known == nullptr) known = &outcome_counter(registry_, name, outcome);
    if (duration > Micros{0} && series.duration == nullptr)
      series.duration = &duration_histogram(registry_, name);
    counter = known;
    histogram = series.duration;
  });
  counter->Increment();
  if (duration > Micros{0}) histogram->Observe(std::chrono::duration<double>(duration).count());
}

}  // namespace systask::service
