// `systask runs`: what came of tasks, latest first, and one run in full.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>

#include "scheduler/run.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

struct RunsArguments {
  ClientOptions client;
  std::int64_t run = 0;
  std::string since;
  std::string until;
  std::string outcome;
  std::string trigger;
  std::string task;
  std::string order = "nominal";
  std::string after;
  std::size_t limit = 20;
  bool all = false;
};

void print_folded(const ClientOptions& client, const json::value& page) {
  const json::array& folded = page.at("folded").as_array();
  if (folded.empty()) return;
  json::array rows;
  for (const json::value& one : folded) {
    json::object row = one.as_object();
    if (one.at("at_least").as_bool())
      row["count"] = fmt::format("{} or more", plain(one.at("count")));
    rows.push_back(std::move(row));
  }
  print("\nand, one line a task (--all shows each run):\n");
  print_rows(client, rows, {"task", "count", "outcome", "first", "last"});
  const json::value* const left_out = page.as_object().if_contains("folded_left_out");
  if (left_out != nullptr && *left_out != 0)
    print(
        fmt::format("and {} more frequent tasks, whose runs were not counted: --task NAME shows "
                    "those of one\n",
                    plain(*left_out)));
}

int list(const RunsArguments& given) {
  std::map<std::string, std::string> query{{"order", given.order},
                                           {"limit", fmt::format("{}", given.limit)},
                                           {"fold", given.all ? "false" : "true"}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) query[key] = value;
  };
  add("since", given.since);
  add("until", given.until);
  add("outcome", given.outcome);
  add("trigger", given.trigger);
  add("task", given.task);
  add("after", given.after);
  json::value page = given.client.client().get(target_of("/api/runs", query));
  if (given.client.json) {
    print_json(page);
    return 0;
  }
  print_rows(given.client, page.at("runs").as_array(),
             {"run", "task", "nominal", "outcome", "count", "started_at", "waited_ms", "took_ms",
              "trigger", "actor", "detail"});
  print_folded(given.client, page);
  if (const json::value& next = page.at("next"); !next.is_null())
    print(fmt::format("\nthere are more: --limit shows more at once,\n--after {} what follows\n",
                      plain(next)));
  return 0;
}

int show(const RunsArguments& given) {
  const json::value run = given.client.client().get(fmt::format("/api/runs/{}", given.run));
  if (given.client.json)
    print_json(run);
  else
    print(run_lines(run.as_object()));
  return 0;
}

std::string output_lines(const json::array& outputs) {
  std::string text;
  for (const json::value& output : outputs) {
    text += fmt::format("\nattempt {} printed {} bytes", plain(output.at("attempt")),
                        plain(output.at("bytes")));
    if (output.at("cut") != 0) text += fmt::format(", {} of them cut", plain(output.at("cut")));
    text += ":\n" + plain(output.at("text"));
    if (!text.ends_with('\n')) text += '\n';
  }
  return text.empty() ? "\nit printed nothing\n" : text;
}

}  // namespace

std::string run_lines(const json::object& run) {
  json::object head;
  for (const char* const key : {"run", "task", "task_id", "outcome", "detail", "business_date",
                                "nominal", "started_at", "finished_at", "waited_ms", "took_ms",
                                "trigger", "attempt", "actor", "reason", "parameters"})
    if (const auto* value = run.if_contains(key)) head[key] = *value;
  std::string text = render_object(head);
  if (const json::array& attempts = run.at("attempts").as_array(); !attempts.empty())
    text += "\nattempts before:\n" +
            render_table(table_of(attempts, {"attempt", "outcome", "started_at", "finished_at",
                                             "next_at", "detail"}));
  return text + output_lines(run.at("output").as_array());
}

void add_runs_command(CLI::App& app, int& status) {
  const auto given = std::make_shared<RunsArguments>();
  auto* const command =
      add_command(app, "runs", "Runs of tasks, latest first; or one in full, with what it printed",
                  "  systask runs\n"
                  "  systask runs --since today --outcome failed\n"
                  "  systask runs --since '2h ago' --task 'watch-*' --order started\n"
                  "  systask runs --trigger manual,backfill --limit 100\n"
                  "  systask runs 118",
                  given->client);
  command->add_option("run", given->run, "Number of one run")->check(whole<CLI::Validator>(1));
  command->add_option("--since", given->since,
                      "Not earlier: today, yesterday, 09:30, 'yesterday 09:30', 2026-05-22, "
                      "'2h ago', RFC 3339");
  command->add_option("--until", given->until, "Earlier than this, in the same words");
  command->add_option("--outcome", given->outcome,
                      "Of these outcomes, by comma: failed (timed_out, abandoned, lost, refused, "
                      "skipped_lane_full too), skipped, succeeded, runs, waits, cancelled, ...");
  command->add_option(
      "--trigger", given->trigger,
      fmt::format("By these, by comma: {}", fmt::join(scheduler::trigger_names(), ", ")));
  command->add_option("--task", given->task,
                      "Of this task only: name, number or pattern ('watch-*')");
  command
      ->add_option("--order", given->order,
                   "By when they were due (nominal), or began (started); --since and --until are "
                   "of the same time")
      ->capture_default_str();
  command->add_option("--limit", given->limit, "Show so many rows at most")
      ->check(whole<CLI::Validator>(1, kMostRows))
      ->capture_default_str();
  command->add_option("--after", given->after, "Go on where a page ended, as it says");
  command->add_flag("--all,--no-fold", given->all,
                    "Show each run, the successes of the frequent tasks too");
  on_command(*command, status, [given] { return given->run != 0 ? show(*given) : list(*given); });
}

}  // namespace systask::service
