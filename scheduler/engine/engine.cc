#include "scheduler/engine/engine.h"

#include <utility>

#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {

Engine::Engine(EngineParts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}
Engine::~Engine() { stop(); }

Result<void> Engine::start(std::vector<TaskSpec> specs) {
  return impl_->take(std::move(specs), true);
}
Result<void> Engine::reload(std::vector<TaskSpec> specs) {
  return impl_->take(std::move(specs), false);
}

void Engine::prepare(TimePoint until) { impl_->prepare(until); }
TickReport Engine::tick(TimePoint now) { return impl_->tick(now); }
void Engine::attend(TimePoint now) { impl_->attend(now); }
TimePoint Engine::next_due() const { return impl_->next_due(); }

Result<RunId> Engine::run_now(std::string_view task, RunRequest request) {
  return impl_->run_now(task, std::move(request));
}
Result<RunId> Engine::trigger(std::string_view task) { return impl_->trigger(task); }
Result<RunId> Engine::rerun(RunId run, RunRequest request) {
  return impl_->rerun(run, std::move(request));
}
Result<void> Engine::cancel(RunId run, std::string_view actor) { return impl_->cancel(run, actor); }

Result<RunId> Engine::skip_step(std::string_view task, int business_date, const Asked& asked) {
  return impl_->skip_step(task, business_date, asked);
}
Result<std::size_t> Engine::resume_group(std::string_view group, const Asked& asked) {
  return impl_->resume_group(group, asked);
}
Result<BackfillId> Engine::backfill(const BackfillRequest& request, const Asked& asked) {
  return impl_->backfill(request, asked);
}
Result<void> Engine::cancel_backfill(BackfillId id, std::string_view actor) {
  return impl_->cancel_backfill(id, actor);
}
Result<void> Engine::await_backfill(BackfillId id, BackfillDone done) {
  return impl_->await_backfill(id, std::move(done));
}
std::vector<BackfillStatus> Engine::backfills() const { return impl_->backfills(); }

Result<void> Engine::pause(const Target& target, const Asked& asked) {
  return impl_->pause(target, asked);
}
Result<void> Engine::resume(const Target& target, const Asked& asked) {
  return impl_->resume(target, asked);
}
Result<void> Engine::pause(std::string_view task, std::string reason, std::string actor) {
  return impl_->pause(Target::task(task), {std::move(actor), std::move(reason)});
}
Result<void> Engine::resume(std::string_view task, std::string reason, std::string actor) {
  return impl_->resume(Target::task(task), {std::move(actor), std::move(reason)});
}
Result<HoldId> Engine::hold(const Target& target, TimePoint from, TimePoint to,
                            const Asked& asked) {
  return impl_->hold(target, from, to, asked);
}
Result<void> Engine::lift(HoldId hold, const Asked& asked) { return impl_->lift(hold, asked); }
std::vector<Hold> Engine::holds() const { return impl_->holds(); }
Result<void> Engine::resize_lane(int priority, std::size_t threads) {
  return impl_->resize_lane(priority, threads);
}

std::vector<TaskStatus> Engine::tasks() const { return impl_->tasks(); }
std::vector<std::shared_ptr<const TaskSpec>> Engine::specs() const { return impl_->specs(); }
std::optional<TaskStatus> Engine::task(std::string_view name) const { return impl_->task(name); }
Result<Explanation> Engine::explain(std::string_view task, TimePoint at) const {
  return impl_->explain(task, at);
}
std::vector<OpenRun> Engine::open_runs() const { return impl_->open_runs(); }
std::optional<OpenRun> Engine::open_run(RunId run) const { return impl_->open_run(run); }
bool Engine::when_done(RunId run, Completion done) {
  return impl_->when_done(run, std::move(done));
}
std::vector<Alarm> Engine::alarms() const { return impl_->alarms(); }
Troubles Engine::troubles(std::size_t most) const { return impl_->troubles(most); }
std::vector<LaneWait> Engine::lane_waits(Micros least) const { return impl_->lane_waits(least); }
std::optional<ClockStep> Engine::clock_pass() const { return impl_->clock_pass(); }

void Engine::drain(const DrainOptions& options) { impl_->drain(options); }
void Engine::hurry() { impl_->hurry(); }
std::size_t Engine::bodies() const { return impl_->bodies(); }
void Engine::stop(Micros patience) { impl_->stop(patience); }

}  // namespace systask::scheduler
