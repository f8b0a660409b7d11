// Engine::Impl, in parts: engine_tick.cc (what a tick does), engine_due.cc (taking and claiming
// what is due), engine_runs.cc (a run from its lane to its outcome), engine_asked.cc (run now,
// events, cancel), engine_groups.cc (followers), engine_backfills.cc, engine_steps.cc (skipped
// steps, how steps stand), engine_holds.cc (pauses and windows), engine_tasks.cc (taking tasks),
// engine_settle.cc (what a crash left), engine_stop.cc (the end), engine_clock.cc (a wall clock
// that was set), engine_failures.cc (who is told of failures), engine_open.cc (what open runs wait
// for), engine_answers.cc and engine_troubles.cc (questions). Threads: as Engine says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/gate.h"
#include "base/guarded.h"
#include "scheduler/engine/alarm_watch.h"
#include "scheduler/engine/batch_queue.h"
#include "scheduler/engine/drain.h"
#include "scheduler/engine/due.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/engine_state.h"
#include "scheduler/engine/set_back.h"
#include "scheduler/engine/step_state.h"

namespace systask::scheduler {

// What one task has due in one tick, and what it takes to undo it.
struct Due {
  TaskId task;
  TimePoint watermark_before;
  TimePoint next_due_before;
  TimePoint watermark;
  TimePoint next_due;
  std::optional<RunRow> missed_before;
  std::vector<RunRow> missed;
  boost::container::small_vector<RunPtr, 1> runs;
  std::vector<RunPtr> displaced;  // held until now, and given up for the new occurrence
  bool replaces = false;          // what runs is asked to stop, what waits is given up
};

// What was claimed, and is to be done about it.
struct Claimed {
  TickReport report;
  Steps steps;
};

// What prepare() claimed, for the next tick.
struct Ahead {
  struct Claim {
    RunPtr run;
    TimePoint watermark_before;
  };
  Claimed claimed;
  std::vector<Claim> runs;
  TimePoint until{};
};

class Engine::Impl : public std::enable_shared_from_this<Engine::Impl> {
 public:
  explicit Impl(EngineParts parts);

  // engine_tasks.cc
  Result<void> take(std::vector<TaskSpec> specs, bool starting);

  // engine_due.cc
  void prepare(TimePoint until);

  // engine_tick.cc
  TickReport tick(TimePoint now);
  void attend(TimePoint now);
  TimePoint next_due();

  // engine_asked.cc
  Result<RunId> run_now(std::string_view task, RunRequest request);
  Result<RunId> rerun(RunId id, RunRequest request);
  Result<RunId> trigger(std::string_view task);
  Result<void> cancel(RunId run, std::string_view actor);

  // engine_steps.cc
  Result<RunId> skip_step(std::string_view task, int business_date, const Asked& asked);
  Result<std::size_t> resume_group(std::string_view group, const Asked& asked);

  // engine_backfills.cc
  Result<BackfillId> backfill(const BackfillRequest& request, const Asked& asked);
  Result<void> cancel_backfill(BackfillId id, std::string_view actor);
  Result<void> await_backfill(BackfillId id, BackfillDone done);
  std::vector<BackfillStatus> backfills();

  // engine_holds.cc
  Result<void> pause(const Target& target, const Asked& asked);
  Result<void> resume(const Target& target, const Asked& asked);
  Result<HoldId> hold(const Target& target, TimePoint from, TimePoint to, const Asked& asked);
  Result<void> lift(HoldId hold, const Asked& asked);
  std::vector<Hold> holds();
  Result<void> resize_lane(int priority, std::size_t threads);

  // engine_answers.cc
  std::vector<TaskStatus> tasks();
  std::vector<std::shared_ptr<const TaskSpec>> specs();
  std::optional<TaskStatus> task(std::string_view name);
  Result<Explanation> explain(std::string_view task, TimePoint at);
  std::vector<Alarm> alarms();
  std::optional<ClockStep> clock_pass();

  // engine_troubles.cc
  Troubles troubles(std::size_t most);
  std::vector<LaneWait> lane_waits(Micros least);

  // engine_open.cc
  std::vector<OpenRun> open_runs();
  std::optional<OpenRun> open_run(RunId run);
  bool when_done(RunId run, Completion done);

  // engine_stop.cc
  void drain(const DrainOptions& options);
  void hurry();
  void stop(Micros patience);
  std::size_t bodies();

 private:
  // A body that has ended, while what it printed is being written.
  struct Ended {
    RunPtr run;  // nobody: it had been given up
    Ending ending;
    bool stopped = false;  // the service's stop cut it short
  };
  using Outputs = BatchQueue<RunOutput, Ended>;
  using Outcomes = BatchQueue<RunRow, RunPtr>;      // a mark of nobody: the run goes on
  using Attempts = BatchQueue<RunAttempt, RunPtr>;  // likewise

  // engine_clock.cc
  struct TurnBack;
  void watch_clocks(TimePoint now);
  void turn_back(const ClockReading& now, const ClockSet& set);
  void plan_turn_back(State& state, const ClockReading& now, const ClockSet& set, TurnBack& plan);
  static void plan_task(State& state, Entry& entry, const ClockReading& now, const ClockSet& set,
                        TurnBack& plan);
  void take_back_claims(State& state, TimePoint now, TurnBack& plan);
  static void apply_turn_back(State& state, const TurnBack& plan, Steps& steps);
  static void follow_rhythms(State& state, const ClockSet& set);
  void follow_delays(const ClockReading& now, Micros jump);
  void recall_clock(const std::map<TaskId, StoredTask>& stored);
  static void recall_rhythm(State& state, Entry& entry, TimePoint next_due);
  void recall_dates(TimePoint now);
  void begin_pass(const ClockStep& step);
  void end_pass(TimePoint now);
  void show_alarms();

  // engine_tick.cc
  void watch_bodies();
  void report_overdue(const RunPtr& run, Micros running);
  void start_retries(TimePoint now);
  void watch_alarms(TimePoint now);
  Occurrence last_expected(const TaskSpec& spec, TimePoint from, TimePoint until, int depth);
  void report_depths();

  // engine_due.cc
  TickReport take_and_claim(TimePoint now);
  Claimed claim_all(std::vector<Due> due, TimePoint now);
  std::vector<Due> take_due(State& state, TimePoint until,
                            const std::function<bool(const Entry&)>& ready);
  std::vector<Due> take_ahead(State& state, TimePoint until);
  Due take_due_of(State& state, Entry& entry, TimePoint now);
  void look_up_dealt_with(TimePoint now);
  void place(State& state, Entry& entry, Due& due, const DueRun& run, TimePoint now, bool follows);
  void note_missed(State& state, Entry& entry, Due& due, Missed missed, TimePoint now);
  void date(Due& due, TimePoint now);
  void hold_back(State& state, Due& due);
  // engine_claim.cc
  void claim(std::vector<Due>& due, Steps& steps);
  std::vector<RunKey> claim_alone(std::vector<Due>& due, std::vector<Due>& undone);
  void undo(State& state, const Due& due, Steps& steps);
  void settle_claims(std::vector<Due>& due, const std::vector<RunKey>& taken, Steps& steps);
  void settle_claim(State& state, Due& due, const std::vector<RunKey>& taken, TimePoint now,
                    Steps& steps);

  // engine_runs.cc
  RunPtr make_run(const Entry& entry, TimePoint nominal, Trigger trigger, TimePoint now);
  void carry_out(Steps steps);
  void post(std::vector<RunPtr> runs);
  void note_submitted(const RunPtr& run, Submitted answer);
  void execute(const RunPtr& run);
  bool begin(State& state, const RunPtr& run, std::stop_source stop, TimePoint now, Steps& steps);
  void end_body(const RunPtr& run, Ending ending, Printed printed);
  void end_attempt(Ended ended);
  // Puts off the end of the run for another attempt; false: there is none.
  bool try_again(State& state, const RunPtr& run, const Ending& ending, TimePoint now,
                 Steps& steps);
  void finish(const RunPtr& run, Ending ending);
  void written(Outcomes::Batch batch);
  // Says in the ledger that another attempt begins: the body may end the service.
  void note_attempt(const RunPtr& run);
  // What an outcome means to its task and to those that come after it.
  void note_outcome(State& state, const RunRow& row, const std::shared_ptr<const TaskSpec>& spec,
                    TimePoint now, Steps& steps);
  void tell(const Run& run, const RunRow& row, const std::vector<Completion>& done);
  // Claims one run outside the tick, and starts it. The claim failing, it is as if it had
  // never been, and the exception goes on to the caller.
  void claim_and_start(const RunPtr& run);

  // engine_open.cc
  std::vector<RunPtr> all_open(State& state);
  OpenRun describe_run(State& state, const RunPtr& run, TimePoint now);
  void describe_wait(State& state, const RunPtr& run, TimePoint now, OpenRun& open);

  // engine_asked.cc
  struct AskedRun {
    std::string task;
    Trigger trigger;
    TimePoint nominal;
    int business_date;
  };
  Result<RunId> run_as_asked(const AskedRun& asked, RunRequest request);
  void ask_others(const RunPtr& run);

  // engine_groups.cc
  void start_followers(TimePoint now);
  RunPtr follower_run(State& state, const Follower& follower, TimePoint now,
                      std::vector<RunRow>& paused, Steps& steps);

  // engine_backfills.cc
  struct Today {
    int date;
    TimePoint now;
  };
  // What is kept of a backfill, and who is told that it is over.
  struct BackfillNews {
    BackfillStatus status;
    std::vector<BackfillDate> changes;
    std::vector<BackfillDone> listeners;
    bool over = false;
  };
  void advance_backfills(TimePoint now);
  void advance_one(State& state, Backfill& backfill, const Today& today,
                   std::vector<RunPtr>& to_claim, std::vector<RunPtr>& in_vain);
  void keep_backfills(TimePoint now);
  BackfillId oldest_listed();
  void keep(const BackfillNews& news);
  static void tell_end(const BackfillStatus& status);
  Result<BackfillId> add_backfill(const Target& target, const Asked& asked,
                                  std::vector<Backfill::Instance> instances, int concurrency);
  Result<std::vector<Backfill::Instance>> instances_of(const BackfillRequest& request);
  Occurrence occurrence_of(const TaskSpec& spec, int date, TimePoint until);
  void recall_backfills();
  void interrupt_backfills();

  // engine_steps.cc
  using StepTable = std::map<std::string, StepFacts, std::less<>>;
  [[nodiscard]] std::optional<Refusal> why_not_skipped(State& state, const Entry* entry,
                                                       std::string_view task,
                                                       int business_date) const;
  static RunPtr run_to_skip(const Entry& entry, int business_date);
  void recall_step_skips();
  void leave_out_waiting(std::vector<std::shared_ptr<const TaskSpec>>& specs, int date);
  static void skip_steps(const State& state, Due& due, TimePoint now);
  StepTable steps_today();
  static std::optional<StepState> step_of(const StepTable& steps, std::string_view task);

  // engine_holds.cc
  std::optional<Refusal> unknown(State& state, const Target& target);
  Result<HoldId> add_hold(Hold hold);
  void recall_holds();
  void recall_lane_sizes();
  void pause_lanes(TimePoint now);
  void end_windows(TimePoint now);
  void recall_windows(TimePoint now);
  void holds_changed(TimePoint now);

  // engine_tasks.cc
  std::string mistakes_in(const std::vector<TaskSpec>& specs) const;
  void replace_tasks(State& state, std::vector<TaskSpec> specs,
                     const std::vector<StoredTask>& stored, Steps& steps);

  // engine_failures.cc
  void tell_failures(const std::vector<Failures::News>& all);
  void tell_failure_alarms();
  void retain_failures(State& state);
  void recall_failures(const std::vector<TaskPast>& pasts);

  // engine_settle.cc
  void recall_pasts();
  void recall_steps(const std::vector<TaskId>& tasks);
  void settle_unfinished();
  void note_lost(State& state, const RunRow& row, Steps& steps);
  RunRow settle(State& state, RunRow row, const std::vector<RunAttempt>& earlier, Steps& steps,
                std::vector<RunAttempt>& lost);
  void wait_again(State& state, Entry& entry, const RunRow& row, Steps& steps);
  void make_again(State& state, Entry& entry, RunRow& row, int failures, Steps& steps);
  void look_for_followers();

  // engine_stop.cc
  void begin_stop();
  void wake_drain();
  // What a look at the bodies under way found, and did.
  struct Drained {
    std::size_t bodies = 0;
    MonotonicPoint look_again = MonotonicPoint::max();
    DrainProgress progress;
  };
  Drained look_at_bodies(const DrainRules& rules);
  void give_up_at_stop(const RunPtr& run);
  // The run stays open in the ledger, with what ended it: the next start settles it. What nobody
  // makes again by itself is lost at once, so that whoever asked for it is told.
  void end_at_stop(const RunPtr& run, const std::string& how);
  // Of a run that is not to begin, since the service stops.
  void refuse_to_begin(const RunPtr& run, Steps& steps) const;

  // engine_answers.cc
  [[nodiscard]] std::optional<Explanation> recorded(TaskId task, TimePoint at) const;

  // NO_BUSINESS_DATE where nobody can say which it is.
  Result<int> date_of(std::string_view task, TimePoint now) const;
  [[nodiscard]] TimePoint now() const { return parts_.clock.now(); }

  EngineParts parts_;
  Guarded<State> state_;
  Outcomes outcomes_;
  Attempts attempts_;
  Outputs outputs_;
  Gate gate_;  // jobs that write outcomes are inside; closed when the ledger may go
  std::atomic<std::int64_t> last_run_id_{0};
  std::atomic<std::int64_t> last_hold_id_{0};
  std::atomic<std::int64_t> last_backfill_id_{0};
  struct Hurry {
    int times = 0;
    MonotonicPoint at{};
    std::uint64_t changes = 0;  // bodies that ended, and hurries
  };
  std::mutex stop_mutex_;
  std::condition_variable stop_wake_;
  Hurry hurry_;                             // under stop_mutex_
  std::atomic<bool> tasks_changed_{false};  // the alarms have to be looked up anew
  Guarded<std::vector<Alarm>> raised_;      // by the watch
  Guarded<std::vector<Failures::AlarmNews>> failure_alarms_;  // for the next tick to tell
  // The tick thread's own.
  Ahead ahead_;
  AlarmWatch alarm_watch_;
  std::optional<Alarm> clock_alarm_;
  TimePoint dated_ = TimePoint::min();  // whose business date was asked for last
  int last_date_ = 0;
  std::optional<ClockReading> last_reading_;
  TimePoint latest_ = TimePoint::min();  // what was due up to here may be in the ledger
  Micros not_followed_{0};               // by pauses between runs
};

// What several parts refuse in the same words.
[[nodiscard]] Refusal unknown_task(std::string_view name);
[[nodiscard]] Refusal is_stopping();
[[nodiscard]] Refusal needs_reason(const Target& target, std::string_view what);

}  // namespace systask::scheduler
