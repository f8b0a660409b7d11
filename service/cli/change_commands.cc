// What operators change on tasks, groups and lanes while the service runs: one grammar,
// `systask NOUN VERB NAME --reason R`, and one route each, POST /api/NOUNs/NAME/VERB.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "service/cli/backfills.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

// What else a verb takes.
enum class Takes { kNothing, kWindow, kDates, kToday, kDate, kThreads };

struct Verb {
  const char* noun;
  const char* verb;
  const char* description;
  const char* example;  // what follows the verb
  Takes takes = Takes::kNothing;
  // What was done; `{name}`, and members of the answer.
  std::string (*told)(const json::object& answer, const std::string& name);
};

struct ChangeArguments {
  ClientOptions client;
  std::string name;
  std::string reason;
  std::string from;
  std::string to;
  std::string date;
  std::int64_t number = 0;  // threads, or dates side by side
  bool wait = false;        // for the end of a backfill
};

std::string member(const json::object& answer, std::string_view name) {
  const auto* const value = answer.if_contains(name);
  return value == nullptr ? "-" : plain(*value);
}

std::string was_paused(const json::object&, const std::string& name) {
  return name + " was paused";
}
std::string was_resumed(const json::object&, const std::string& name) {
  return name + " was resumed";
}
std::string is_held(const json::object& answer, const std::string& name) {
  return fmt::format("{} starts nothing from {} to {} (hold {})", name, member(answer, "from"),
                     member(answer, "to"), member(answer, "hold"));
}
std::string was_cancelled(const json::object& answer, const std::string& name) {
  const json::array& runs = answer.at("cancelled").as_array();
  std::string text = fmt::format("{}: asked to stop:", name);
  for (const json::value& run : runs)
    text += " run " + plain(run);
  return text;
}
std::string was_skipped(const json::object& answer, const std::string& name) {
  return fmt::format("{} counts as done for {}, and does not run for it (run {})", name,
                     member(answer, "business_date"), member(answer, "run"));
}
std::string was_started(const json::object& answer, const std::string& name) {
  return fmt::format("{} runs for {} to {} (backfill {}); `systask backfills` shows how far it is",
                     name, member(answer, "from"), member(answer, "to"),
                     member(answer, "backfill"));
}
std::string goes_on(const json::object& answer, const std::string& name) {
  return fmt::format("{} goes on: {} steps to do", name, member(answer, "steps"));
}
std::string was_resized(const json::object& answer, const std::string& name) {
  return fmt::format("{} has {} threads now", name, member(answer, "threads"));
}
std::string was_lifted(const json::object&, const std::string& name) {
  return name + " was lifted";
}
std::string was_given_up(const json::object&, const std::string& name) {
  return name + " was cancelled: nothing more of it starts";
}

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"task", "pause", "No runs by schedule or event until it is resumed; run-now still works",
       "nightly-report --reason 'see ticket 7'", Takes::kNothing, was_paused},
      {"task", "resume", "Run by its schedule again", "nightly-report --reason 'feed is back'",
       Takes::kNothing, was_resumed},
      {"task", "hold", "Nothing of it starts in a window of time, whoever asks",
       "nightly-report --from 12:00 --to 13:00 --reason 'database maintenance'", Takes::kWindow,
       is_held},
      {"task", "cancel", "Ask its runs that are under way or wait to stop",
       "nightly-report --reason 'wrong parameters'", Takes::kNothing, was_cancelled},
      {"task", "skip",
       "It does not run for a business date, and counts as done: what comes after it starts",
       "archive-day --reason 'archived by hand'", Takes::kDate, was_skipped},
      {"task", "backfill", "Run it again for past business dates",
       "nightly-report --from 2026-05-18 --to 2026-05-22 --reason 'report was wrong'",
       Takes::kDates, was_started},
      {"group", "pause", "No runs of its tasks by schedule or event until it is resumed",
       "start-of-day --reason 'see ticket 7'", Takes::kNothing, was_paused},
      {"group", "resume", "Run by their schedules again", "start-of-day --reason 'mended'",
       Takes::kNothing, was_resumed},
      {"group", "hold", "Nothing of it starts in a window of time, whoever asks",
       "start-of-day --from 'tomorrow 07:00' --to 09:00 --reason 'database maintenance'",
       Takes::kWindow, is_held},
      {"group", "cancel", "Ask its runs that are under way or wait to stop",
       "start-of-day --reason 'wrong date'", Takes::kNothing, was_cancelled},
      {"group", "continue", "Go on from the step that failed: run what is not done for today",
       "start-of-day --reason 'disk has space again'", Takes::kNothing, goes_on},
      {"group", "run", "Run all of it for today, in order, what is done already too",
       "start-of-day --reason 'after a restore'", Takes::kToday, was_started},
      {"group", "backfill", "Run all of it again for past business dates",
       "reports --from 2026-05-18 --to 2026-05-22 --concurrency 2 --reason 'prices were wrong'",
       Takes::kDates, was_started},
      {"lane", "pause", "Nothing begins in it; what is due waits there",
       "2 --reason 'disk is slow'", Takes::kNothing, was_paused},
      {"lane", "resume", "Begin what waits there", "2 --reason 'disk is well'", Takes::kNothing,
       was_resumed},
      {"lane", "hold", "Nothing begins in it in a window of time",
       "2 --from 12:00 --to 13:00 --reason 'database maintenance'", Takes::kWindow, is_held},
      {"lane", "cancel", "Ask its runs that are under way or wait to stop",
       "2 --reason 'disk is full'", Takes::kNothing, was_cancelled},
      {"lane", "resize", "Give it so many threads, until tasks.yaml gives it others",
       "2 --threads 4 --reason 'month end'", Takes::kThreads, was_resized},
      {"hold", "lift", "Let go before its end; of a pause, resume", "3 --reason 'done early'",
       Takes::kNothing, was_lifted},
      {"backfill", "cancel", "Start nothing more of it, and stop what runs",
       "2 --reason 'wrong dates'", Takes::kNothing, was_given_up},
  };
  return all;
}

json::object body_of(const Verb& verb, const ChangeArguments& given) {
  json::object body{{"actor", actor()}, {"reason", given.reason}};
  switch (verb.takes) {
    case Takes::kNothing:
    case Takes::kToday: break;
    case Takes::kWindow:
    case Takes::kDates:
      if (!given.from.empty()) body["from"] = given.from;
      if (!given.to.empty()) body["to"] = given.to;
      if (verb.takes == Takes::kDates) body["concurrency"] = given.number;
      break;
    case Takes::kDate:
      if (!given.date.empty()) body["business_date"] = given.date;
      break;
    case Takes::kThreads: body["threads"] = given.number; break;
  }
  return body;
}

int change(const Verb& verb, const ChangeArguments& given) {
  const json::value done = given.client.client().post(
      fmt::format("/api/{}s/{}/{}", verb.noun, encoded(given.name), verb.verb),
      body_of(verb, given));
  if (given.wait) return wait_for_backfill(given.client, done.at("backfill").as_int64());
  if (given.client.json)
    print_json(done);
  else
    print(verb.told(done.as_object(), fmt::format("{} {}", verb.noun, given.name)) + "\n");
  return 0;
}

void add_wait(CLI::App& command, bool& wait) {
  command.add_flag("--wait", wait, "Until it is over; exit status 0 only if every date succeeded");
}

void add_options_of(const Verb& verb, CLI::App& command, ChangeArguments& given) {
  switch (verb.takes) {
    case Takes::kNothing: break;
    case Takes::kToday: add_wait(command, given.wait); break;
    case Takes::kWindow:
      command.add_option("--from", given.from,
                         "RFC 3339, or 12:00 in the service's zone; default: now");
      command.add_option("--to", given.to, "The same; a time of day is of the day of --from")
          ->required();
      break;
    case Takes::kDates:
      given.number = 1;
      command.add_option("--from", given.from, "The first business date")->required();
      command.add_option("--to", given.to, "The last; default: only the first");
      command.add_option("--concurrency", given.number, "So many dates side by side")
          ->check(whole<CLI::Validator>(1, 100))
          ->capture_default_str();
      add_wait(command, given.wait);
      break;
    case Takes::kDate: command.add_option("--business-date", given.date, "Default: today"); break;
    case Takes::kThreads:
      command.add_option("--threads", given.number, "How many")
          ->required()
          ->check(whole<CLI::Validator>(1, 1'000));
      break;
  }
}

void add_verb(CLI::App& noun, int& status, const Verb& verb) {
  const auto given = std::make_shared<ChangeArguments>();
  auto* const command = add_command(
      noun, verb.verb, verb.description,
      fmt::format("  systask {} {} {}", verb.noun, verb.verb, verb.example), given->client);
  const bool numbered =
      std::string_view{verb.noun} == "hold" || std::string_view{verb.noun} == "backfill";
  command
      ->add_option(verb.noun, given->name,
                   numbered || std::string_view{verb.noun} == "lane" ? "Its number"
                   : std::string_view{verb.noun} == "task"           ? "Name or number of the task"
                                                                     : "Name of the group")
      ->required();
  command->add_option("--reason", given->reason, "Why, for the audit log")->required();
  add_options_of(verb, *command, *given);
  on_command(*command, status, [given, &verb] { return change(verb, *given); });
}

int cancel(const ChangeArguments& given) {
  const json::value done =
      given.client.client().post(fmt::format("/api/runs/{}/cancel", encoded(given.name)),
                                 {{"actor", actor()}, {"reason", given.reason}});
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("run {} was asked to stop; `systask runs` shows what it came to\n",
                      given.name));
  return 0;
}

}  // namespace

void add_change_commands(CLI::App& app, int& status) {
  struct Noun {
    const char* name;
    const char* description;
    const char* examples;
  };
  constexpr Noun kNouns[]{
      {"task", "Pause, hold, cancel, skip or re-run one task",
       "  systask task pause nightly-report --reason 'see ticket 7'\n"
       "  systask task hold 90020 --from 12:00 --to 13:00 --reason 'database maintenance'\n"
       "  systask task backfill nightly-report --from 2026-05-18 --to 2026-05-22 \\\n"
       "      --reason 'report was wrong'"},
      {"group", "Pause, hold, cancel, go on with or re-run the tasks of a group",
       "  systask group continue start-of-day --reason 'disk has space again'\n"
       "  systask group pause start-of-day --reason 'see ticket 7'"},
      {"lane", "Pause, hold, cancel or resize a lane",
       "  systask lane pause 2 --reason 'disk is slow'\n"
       "  systask lane resize 2 --threads 4 --reason 'month end'"},
      {"hold", "Lift a hold", "  systask hold lift 3 --reason 'done early'"},
      {"backfill", "Cancel a backfill; `task backfill` and `group backfill` begin one",
       "  systask backfill cancel 2 --reason 'wrong dates'"}};
  for (const Noun& one : kNouns) {
    auto* const noun = add_noun(app, one.name, one.description, one.examples);
    for (const Verb& verb : verbs())
      if (std::string_view{verb.noun} == one.name) add_verb(*noun, status, verb);
  }
  const auto given = std::make_shared<ChangeArguments>();
  auto* const command =
      add_command(app, "cancel", "Ask one run to stop",
                  "  systask cancel 1709 --reason 'wrong parameters'", given->client);
  command->add_option("run", given->name, "Its number, as `systask runs` has it")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log")->required();
  on_command(*command, status, [given] { return cancel(*given); });
}

}  // namespace systask::service
