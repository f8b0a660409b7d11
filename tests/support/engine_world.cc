#include "tests/support/engine_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "calendar/wall_clock.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr int kDeepest = 4;  // bodies inside of one another
constexpr std::size_t kLedger = 10'000'000;
constexpr std::int64_t kQuietSteps = 1800;

int civil_date(TimePoint at) {
  return yyyymmdd(Date{std::chrono::floor<std::chrono::days>(at).time_since_epoch()});
}

}  // namespace

class EngineWorld::Life : public RunLedger {
 public:
  explicit Life(EngineWorld& world)
      : world_(world),
        engine_({world.clock_, *this, world.ledger_, lanes_, world.registry_, civil_date, nullptr,
                 &world.attempts_, &world.holds_}) {}

  Engine& engine() { return engine_; }
  ManualLanes& lanes() { return lanes_; }
  [[nodiscard]] bool alive() const { return alive_; }
  void die() { alive_ = false; }

  std::vector<RunKey> claim(const TickClaims& claims) override {
    std::vector<RunKey> taken = up().claim(claims);
    for (const WatermarkMove& move : claims.moves)
      world_.note_rhythm(move.task);
    for (const RunKey& key : taken)
      world_.breaches_.push_back(fmt::format("task {}: the key of {} was taken", key.task.value(),
                                             to_rfc3339(key.nominal)));
    return taken;
  }
  void record(std::span<const RunRow> rows) override { up().record(rows); }
  std::vector<RunRow> unfinished() override { return up().unfinished(); }
  std::vector<TaskPast> pasts() override { return up().pasts(); }
  RunId highest_id() override { return up().highest_id(); }
  RunId lowest_id() override { return up().lowest_id(); }
  std::optional<RunRow> find(RunId run) override { return up().find(run); }
  std::vector<RunRow> runs(const RunQuery& query) override { return up().runs(query); }
  std::vector<RunRow> outcomes_of(TaskId task, TimePoint nominal) override {
    return up().outcomes_of(task, nominal);
  }
  void turn_back(const ClockStep& step, std::span<const WatermarkMove> moves,
                 std::span<const RunRow> rows) override {
    up().turn_back(step, moves, rows);
  }
  std::vector<ClockStep> clock_steps() override { return up().clock_steps(); }
  std::vector<TimePoint> dealt_with(TaskId task, TimePoint after, TimePoint until) override {
    return up().dealt_with(task, after, until);
  }
  std::size_t prune(TimePoint before, std::size_t limit) override {
    return up().prune(before, limit);
  }

 private:
  RunLedger& up() {
    if (!alive_) throw std::runtime_error("this process is dead");
    return world_.ledger_;
  }

  EngineWorld& world_;
  bool alive_ = true;
  ManualLanes lanes_{{1, 2}, 50};
  Engine engine_;
};

EngineWorld::EngineWorld(std::uint32_t seed, WorldOptions options)
    : random_(seed), options_(options) {
  registry_.add("work", [this](const RunContext& run) { return body(run); });
  specs_ = make_tasks();
  begin();
}

EngineWorld::~EngineWorld() {
  if (life_) life_->die();
}

bool EngineWorld::chance(double probability) {
  return !quiet_ && std::uniform_real_distribution<>{}(random_) < probability;
}

int EngineWorld::up_to(int most) { return std::uniform_int_distribution{0, most}(random_); }

void EngineWorld::begin() {
  rhythms_.clear();
  disturbed_ = clock_.monotonic();
  life_ = std::make_unique<Life>(*this);
  const auto started = life_->engine().start(specs_);
  if (!started) throw std::runtime_error(started.error().message);
}

void EngineWorld::live(Micros time) {
  const MonotonicPoint end = clock_.monotonic() + time;
  while (clock_.monotonic() < end) {
    step();
    if (life_->alive() || depth_ > 0) continue;
    graves_.clear();
    if (chance(0.3)) set_clock();  // while nobody is there to see it
    begin();
  }
}

void EngineWorld::step() {
  claim_ahead();
  const TimePoint before = clock_.now();
  clock_.advance(options_.step);
  if (put_right_ && clock_.monotonic() >= put_right_->first) {
    const Micros by = put_right_->second;
    put_right_.reset();
    move_clock(by);
  }
  if (!life_->alive()) return;
  if (chance(options_.clock_step)) set_clock();
  latest_ = std::max(latest_, clock_.now());
  life_->engine().tick(clock_.now());
  if (clock_.now() - before == options_.step) check_times(before, breaches_);
  if (chance(options_.operate)) operate();
  if (chance(options_.reload)) reload();
  run_jobs();
  crash();
}

// What the next tick will find due is claimed now; and before it comes, anything may happen.
void EngineWorld::claim_ahead() {
  if (!life_->alive() || !chance(options_.ahead)) return;
  life_->engine().prepare(clock_.now() + options_.step);
  if (chance(options_.operate)) operate();
  if (chance(options_.reload)) reload();
  crash();
}

void EngineWorld::crash() {
  if (!chance(options_.crash)) return;
  life_->die();
  ++crashes_;
}

void EngineWorld::set_clock() {
  if (put_right_) return;
  const int sign = up_to(1) == 0 ? -1 : 1;
  switch (up_to(3)) {
    case 0: move_clock(-steps(up_to(90))); break;
    case 1: move_clock(steps(up_to(1200))); break;
    case 2: move_clock(sign * options_.step * up_to(999) / 1000); break;
    default: {
      const Micros by = sign * steps(1 + up_to(2000));
      put_right_ = {clock_.monotonic() + steps(1 + up_to(4)), -by};
      move_clock(by);
    }
  }
}

void EngineWorld::move_clock(Micros by) {
  clock_.set_wall(clock_.now() + by);
  if (by > 0us) disturbed_ = clock_.monotonic();
  ++clock_steps_;
}

// By the monotonic clock, an occurrence comes one and a half periods after the one before at
// most; and half a period at least, where the clock was not set forward and nobody crashed.
void EngineWorld::note_rhythm(TaskId task) {
  if (quiet_) return;
  const TaskSpec& spec = specs_[static_cast<std::size_t>(task.value() - 1)];
  const auto* every = std::get_if<Every>(&spec.timetable.schedule());
  if (every == nullptr || spec.timetable.calendar() || !spec.enabled) return;
  const MonotonicPoint now = clock_.monotonic();
  const auto [at, first] = rhythms_.try_emplace(task, now);
  if (first) return;
  const auto apart = now - std::exchange(at->second, now);
  ++judged_;
  const Micros slack = 2 * options_.step;  // claimed ahead, and found by the next tick
  if (apart > every->period() * 3 / 2 + slack)
    breaches_.push_back(fmt::format("task {}: it stood still for {} s until {}", spec.name,
                                    apart / 1s, to_rfc3339(clock_.now())));
  const bool calm = now - apart - 2 * every->period() > disturbed_;
  if (calm && apart + slack < every->period() / 2)
    breaches_.push_back(fmt::format("task {}: two occurrences within {} s until {}", spec.name,
                                    apart / 1s, to_rfc3339(clock_.now())));
}

// While times come again: a time of the calendar which the clock went over, and which has not run,
// has an outcome of this pass.
void EngineWorld::check_times(TimePoint before, std::vector<std::string>& breaches) {
  const auto pass = life_->engine().clock_pass();
  if (!pass) return;
  for (const TaskSpec& spec : specs_) {
    if (spec.timetable.is_rhythm() || spec.timetable.on_demand() || !spec.enabled) continue;
    const Occurrence at = spec.timetable.next(before - spec.timetable.jitter());
    if (at.start <= before || at.start > clock_.now()) continue;
    const std::vector<RunRow> rows = ledger_.outcomes_of(spec.id, at.nominal);
    if (std::ranges::none_of(rows, [&](const RunRow& row) {
          return is_dealt_with(row) || row.key.pass() == pass->pass_of(at.nominal);
        }))
      breaches.push_back(fmt::format("task {}: {} came, in pass {}, and was used up", spec.name,
                                     to_rfc3339(at.nominal), pass->pass));
  }
}

void EngineWorld::reload() {
  for (TaskSpec& spec : specs_)
    if (up_to(2) == 0) choose_policies(spec);
  static_cast<void>(life_->engine().reload(specs_));
  ++reloads_;
}

void EngineWorld::run_jobs() {
  ++depth_;
  Life& life = *life_;
  while (life.alive() && life.lanes().run_one()) {
  }
  --depth_;
}

std::string EngineWorld::body(const RunContext& run) {
  ++bodies_;
  const bool rhythm = run.task.timetable.is_rhythm();
  if (run.trigger == Trigger::kSchedule)
    ++begun_[{run.task.id, run.nominal, rhythm ? run.pass : 0, crashes_}];
  const bool deaf = chance(0.1);
  const bool fails = chance(0.2);
  const int takes = depth_ < kDeepest && chance(0.2) ? up_to(40) : 0;
  const Life* life = life_.get();
  for (int i = 0; i < takes && life->alive(); ++i) {
    if (run.stop.stop_requested() && !deaf) throw RunStopped("asked to");
    step();
  }
  if (fails) throw std::runtime_error("no luck");
  return "done";
}

void EngineWorld::operate() {
  Engine& engine = life_->engine();
  const std::string name = specs_[static_cast<std::size_t>(up_to(options_.tasks - 1))].name;
  const std::string group = fmt::format("group-{}", up_to(2));
  const Asked asked{"chance", "to see what happens"};
  switch (up_to(7)) {
    case 0: static_cast<void>(engine.pause(Target::task(name), asked)); break;
    case 1: static_cast<void>(engine.pause(Target::group(group), asked)); break;
    case 2: static_cast<void>(engine.pause(Target::lane(1 + up_to(1)), asked)); break;
    case 3:
      for (const Hold& hold : engine.holds())
        static_cast<void>(engine.lift(hold.id, asked));
      for (const TaskSpec& spec : specs_)
        static_cast<void>(engine.resume(Target::task(spec.name), asked));
      break;
    case 4:
      static_cast<void>(engine.hold(Target::group(group), clock_.now() + steps(5),
                                    clock_.now() + steps(6 + up_to(300)), asked));
      break;
    case 5: static_cast<void>(engine.run_now(name, {"chance", {}, {}})); break;
    case 6: static_cast<void>(engine.trigger(name)); break;
    default:
      if (const auto status = engine.task(name); status && status->running_id)
        static_cast<void>(engine.cancel(*status->running_id, "chance"));
  }
}

std::vector<std::string> EngineWorld::broken() {
  quiet_ = true;
  put_right_.reset();
  const Asked asked{"the end", "let everything go"};
  for (const Hold& hold : life_->engine().holds())
    static_cast<void>(life_->engine().lift(hold.id, asked));
  // What waits for its next attempt, or for another task, ends one way or the other.
  std::vector<TaskSpec> off = specs_;
  live(steps(kQuietSteps));
  std::vector<std::string> breaches = breaches_;
  for (TaskSpec& spec : off) {
    check_task(spec, breaches);
    spec.enabled = false;
  }
  static_cast<void>(life_->engine().reload(off));
  live(steps(kQuietSteps));
  for (const RunRow& row : ledger_.unfinished())
    breaches.push_back(fmt::format("task {}: the run due at {} never ended", row.key.task.value(),
                                   to_rfc3339(row.key.nominal)));
  check_bodies(breaches);
  return breaches;
}

// In one life of the service an occurrence begins once, and again after each failure that is
// retried; in the next life where a crash cut it short and on_lost is rerun.
void EngineWorld::check_bodies(std::vector<std::string>& breaches) const {
  const Begun* before = nullptr;
  for (const auto& [begun, times] : begun_) {
    const TaskSpec& spec = specs_[static_cast<std::size_t>(begun.task.value() - 1)];
    if (times > 1 + static_cast<std::size_t>(spec.special().retry.times))
      breaches.push_back(fmt::format("task {}: due at {}, it ran {} times", spec.name,
                                     to_rfc3339(begun.nominal), times));
    if (before != nullptr && before->task == begun.task && before->nominal == begun.nominal &&
        before->pass == begun.pass && spec.on_lost == OnLost::kRecord)
      breaches.push_back(fmt::format("task {}: due at {}, it ran again after a crash", spec.name,
                                     to_rfc3339(begun.nominal)));
    before = &begun;
  }
}

// Each occurrence since the start has a row, or is covered by one: exactly one of each pass.
void EngineWorld::check_task(const TaskSpec& spec, std::vector<std::string>& breaches) {
  std::map<TimePoint, int> rows;
  std::set<std::pair<TimePoint, std::int64_t>> seen;
  for (const RunRow& row : ledger_.runs({.task = spec.id, .limit = kLedger})) {
    if (row.trigger != Trigger::kSchedule) continue;
    if (std::holds_alternative<Delay>(spec.timetable.schedule())) continue;
    std::int64_t covered = 0;
    for (TimePoint at = row.key.nominal; at <= row.last_nominal;
         at = spec.timetable.next(at).nominal, ++covered) {
      ++rows[at];
      if (!seen.emplace(at, row.key.pass()).second)
        breaches.push_back(fmt::format("task {}: due at {}, it has two rows of pass {}", spec.name,
                                       to_rfc3339(at), row.key.pass()));
    }
    if (covered != row.count)
      breaches.push_back(fmt::format("task {}: the row of {} counts {} and covers {}", spec.name,
                                     to_rfc3339(row.key.nominal), row.count, covered));
  }
  for (Occurrence at = spec.timetable.next(start_); at.start <= latest_;
       at = spec.timetable.next(at.nominal)) {
    if (rows[at.nominal] >= 1)
      ++accounted_;
    else
      breaches.push_back(fmt::format("task {}: due at {}, it has {} rows", spec.name,
                                     to_rfc3339(at.nominal), rows[at.nominal]));
  }
}

}  // namespace systask::scheduler
