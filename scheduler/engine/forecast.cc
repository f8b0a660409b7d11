#include "scheduler/engine/forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/engine/due.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

std::string around(const TaskSpec& spec, const ForecastInput& input) {
  const Timetable& timetable = spec.timetable;
  if (std::holds_alternative<Delay>(timetable.schedule()))
    return input.next_due == kNever
               ? "it is next due some time after its run that is under way has ended"
               : fmt::format("it is next due at {}", to_rfc3339(input.next_due));
  if (timetable.on_demand()) return "it has no schedule: it runs when asked to, or after others";
  const Occurrence next = timetable.next(input.at);
  if (next.nominal == kNever) return "it has no occurrence after that";
  return fmt::format("its next one after that is at {}", to_rfc3339(next.nominal));
}

std::string conditions(const TaskSpec& spec) {
  std::string text;
  for (const Predecessor& before : spec.after)
    text += fmt::format("{}'{}' {}", text.empty() ? " once " : " and ", before.task,
                        before.on == Predecessor::On::kAny ? "has ended" : "is done");
  return text;
}

Explanation ahead(const TaskSpec& spec, const ForecastInput& input, const Occurrence& occurrence) {
  Explanation answer{.kind = Explanation::Kind::kAhead, .nominal = occurrence.nominal};
  const auto expect = [&](RunState state, std::string why) {
    answer.expected = state;
    answer.says = std::move(why);
    return answer;
  };
  if (!occurrence.refusal.empty()) return expect(RunState::kRefused, occurrence.refusal);
  if (!input.skipped.empty()) return expect(RunState::kSkippedStep, input.skipped);
  for (const Hold& hold : input.holds)
    if (hold.covers(occurrence.start))
      return expect(hold.is_pause() ? RunState::kSkippedPaused : RunState::kSkippedWindow,
                    why_held(hold));
  if (occurrence.start > latest_start(spec, occurrence.nominal))
    return expect(RunState::kSkippedWindow, fmt::format("not to start after {} of its date",
                                                        spec.special().not_after->text()));
  return expect(RunState::kSucceeded, fmt::format("it will be run at {}{}, as things stand",
                                                  to_rfc3339(occurrence.start), conditions(spec)));
}

}  // namespace

Explanation forecast(const TaskSpec& spec, const ForecastInput& input) {
  Explanation answer{.nominal = input.at};
  if (!spec.enabled) {
    answer.says = fmt::format("task '{}' is disabled in the configuration", spec.name);
    return answer;
  }
  Occurrence occurrence = spec.timetable.next(input.at - 1us);
  if (std::holds_alternative<Delay>(spec.timetable.schedule()) && input.next_due == input.at)
    occurrence = {.nominal = input.at, .start = input.at, .refusal = {}};
  if (occurrence.nominal != input.at) {
    answer.says = fmt::format("task '{}' has no occurrence at {}; {}", spec.name,
                              to_rfc3339(input.at), around(spec, input));
    return answer;
  }
  if (input.at <= input.watermark) {
    answer.kind = Explanation::Kind::kForgotten;
    answer.says =
        "the ledger knows nothing of it: the task had another schedule then or was not "
        "there, or the row has been pruned";
    return answer;
  }
  answer = ahead(spec, input, occurrence);
  if (occurrence.start > input.now) return answer;
  answer.kind = Explanation::Kind::kDue;
  answer.expected.reset();
  answer.says = "it is due, and the next tick deals with it";
  return answer;
}

std::vector<std::string> describe(const std::vector<RunAttempt>& attempts) {
  std::vector<std::string> texts;
  texts.reserve(attempts.size());
  for (const RunAttempt& attempt : attempts)
    texts.push_back(fmt::format("attempt {} {} at {}: {}", attempt.attempt, name_of(attempt.state),
                                to_rfc3339(attempt.finished_at), attempt.detail));
  return texts;
}

}  // namespace systask::scheduler
