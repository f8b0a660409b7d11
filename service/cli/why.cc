#include "service/cli/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>

#include "base/log.h"
#include "db/database.h"
#include "db/day_store.h"
#include "db/hold_store.h"
#include "db/run_attempts.h"
#include "db/run_ledger.h"
#include "db/step_skips.h"
#include "db/task_store.h"
#include "scheduler/engine/due.h"
#include "scheduler/engine/forecast.h"
#include "scheduler/engine/skipped_steps.h"
#include "service/api/times_in_zone.h"
#include "service/api/why_text.h"
#include "service/app/calendar_watch.h"
#include "service/cli/clean_output.h"
#include "service/config/config.h"
#include "service/config/time_text.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

using scheduler::Explanation;
using scheduler::Hold;
using scheduler::Target;
using scheduler::TaskSpec;

int no_answer(std::ostream& err, const std::string& why) {
  err << "systask why: " << why << '\n';
  return 1;
}

bool concerns_task(const Hold& hold, const TaskSpec& spec) {
  return hold.target == Target::task(spec.name) || hold.target == Target::lane(spec.priority) ||
         (!spec.group.empty() && hold.target == Target::group(spec.group));
}

struct Question {
  TimePoint at;
  TimePoint now;
  Zone zone;  // of business dates that no calendar gives
};

int date_of(const TaskSpec& spec, const Question& question) {
  const scheduler::Occurrence found = spec.timetable.next(question.at - Micros{1});
  return found.nominal == question.at && found.business_date != 0
             ? found.business_date
             : civil_date(question.zone, question.at);
}

// What is stored of the task's schedule, pauses, windows and skipped dates.
scheduler::ForecastInput stored_input(db::Database& database, const TaskSpec& spec,
                                      const Question& question) {
  scheduler::ForecastInput input{.at = question.at, .now = question.now};
  for (const scheduler::StepSkip& skip : db::StepSkips{database}.load())
    if (skip.task == spec.id && skip.business_date == date_of(spec, question))
      input.skipped = scheduler::why_skipped(skip);
  for (const scheduler::StoredTask& task : db::TaskStore{database}.load()) {
    if (task.definition.id != spec.id) continue;
    input.watermark = task.watermark;
    input.next_due = task.next_due;
    if (task.pause)
      input.holds.push_back({.target = Target::task(spec.name),
                             .from = task.pause->since,
                             .reason = task.pause->reason,
                             .actor = task.pause->actor,
                             .made_at = task.pause->since});
  }
  for (const Hold& hold : db::HoldStore{database}.load())
    if (concerns_task(hold, spec)) input.holds.push_back(hold);
  return input;
}

// As the engine would explain it, out of what it has stored.
Explanation explain_stored(db::Database& database, const TaskSpec& spec, const Question& question) {
  const auto& [at, now, zone] = question;
  const scheduler::ForecastInput input = stored_input(database, spec, question);
  db::RunLedger ledger{database};
  Explanation found{.kind = Explanation::Kind::kRecorded, .nominal = at};
  std::vector<scheduler::RunRow> rows = ledger.outcomes_of(spec.id, at);
  if (rows.empty()) {
    found = scheduler::forecast(spec, input);
  } else {
    found.attempts = db::RunAttempts{database}.of(rows.front().id);
    found.row = std::move(rows.front());
    found.earlier.assign(std::move_iterator{rows.begin() + 1}, std::move_iterator{rows.end()});
  }
  found.step = scheduler::step_about(ledger.clock_steps(), at);
  for (const Hold& hold : input.holds)
    if (hold.covers(now) && found.held.empty()) found.held = scheduler::why_held(hold);
  return found;
}
}  // namespace

int answer_why(const StandaloneWhy& question, const Clock& clock, std::ostream& out,
               std::ostream& err) {
  const ConfigResult config = load_config(question.config, tasks::task_names());
  if (config.has_error()) {
    err << to_text(config.error());
    return 2;
  }
  auto spec = std::ranges::find(config->tasks, question.task, &TaskSpec::name);
  if (spec == config->tasks.end())
    spec = std::ranges::find_if(config->tasks, [&](const TaskSpec& one) {
      return fmt::format("{}", one.id.value()) == question.task;
    });
  if (spec == config->tasks.end())
    return no_answer(err, fmt::format("{} has no task '{}'; `systask next` lists those it has",
                                      question.config, question.task));
  const auto at = parse_time(question.at, Zone::find(spec->zone).value(), clock.now());
  if (at.has_error()) return no_answer(err, "--at " + at.error().message);
  const std::string file = config->service.database.substr(db::kScheme.size());
  if (!std::filesystem::exists(file))
    return no_answer(err, fmt::format("there is no database {}: nothing has run there", file));
  const auto database = db::Database::open(config->service.database);
  if (database.has_error())
    return no_answer(
        err, database.error().message + "; a running service is asked without --standalone");
  CalendarWatch{[&] { return db::DayStore{**database}.session_texts(); }}.take(config->calendars,
                                                                               {}, clock.now());
  const Zone zone = Zone::find(config->service.platform.time_zone).value();
  const Explanation found = explain_stored(**database, *spec, {*at, clock.now(), zone});
  boost::json::value answer = why_json(*spec, *at, found);
  write_times_in(answer, question.utc ? Zone::utc() : zone);
  out << (question.json ? json_text(answer) + "\n" : why_lines(answer.as_object()));
  return 0;
}

int why_standalone(const StandaloneWhy& question) {
  log::set_level(log::Level::kWarn);
  return answer_why(question, SystemClock{}, std::cout, std::cerr);
}

}  // namespace systask::service
