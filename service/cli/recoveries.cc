// `systask recoveries`: attempts to recover plans, their times over the day, and a live view.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "base/clock.h"
#include "service/cli/clean_output.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kEndedShown = 10;
constexpr std::string_view kClear = "\x1b[H\x1b[2J";

struct RecoveriesArguments {
  ClientOptions client;
  std::size_t limit = 50;
  std::int64_t plan = 0;
  bool open = false;
  std::string since;
  bool times = false;
  bool watch = false;
  double every_seconds = 0.5;
  std::int64_t looks = 0;  // 0: until Ctrl-C
};

constexpr std::array<std::string_view, 7> kPhases{"notice", "choose", "rebuild", "claim",
                                                  "replay", "finish", "all"};

// The time of a phase in milliseconds, for people.
json::value ms_of(const json::value& us) {
  if (us.is_null()) return nullptr;
  return json::string{
      fmt::format("{:.1f}", static_cast<double>(us.to_number<std::int64_t>()) / 1e3)};
}

std::string table_of_attempts(const json::array& rows, Screen screen) {
  json::array shown;
  for (const json::value& row : rows) {
    json::object& line = shown.emplace_back(row).get_object();
    for (const std::string_view phase : kPhases)
      line[fmt::format("{}_ms", phase)] = ms_of(row.at(fmt::format("{}_us", phase)));
    // While it is under way there is no outcome but the phase, and the reason for it.
    line["says"] = row.at("phase") == "recovered" || row.at("phase") == "failed" ? row.at("outcome")
                                                                                 : row.at("why");
  }
  return render_table(table_of(shown, {"plan", "attempt", "noticed_at", "from_site", "to_site",
                                       "phase", "notice_ms", "choose_ms", "rebuild_ms", "claim_ms",
                                       "replay_ms", "finish_ms", "all_ms", "replayed", "says"}),
                      screen);
}

std::string table_of_times(const json::object& times) {
  json::array rows;
  for (const json::value& phase : times.at("phases").as_array()) {
    json::object row{{"phase", phase.at("phase")}, {"count", phase.at("count")}};
    for (const std::string_view name : {"p50", "p90", "p99", "max"})
      row[fmt::format("{}_ms", name)] = ms_of(phase.at(fmt::format("{}_us", name)));
    rows.push_back(std::move(row));
  }
  const auto number = [&](const char* name) { return times.at(name).to_number<std::int64_t>(); };
  return fmt::format("{} recovered, {} attempts failed, {} under way\n", number("recovered"),
                     number("failed"), number("open")) +
         render_table(table_of(rows, {"phase", "count", "p50_ms", "p90_ms", "p99_ms", "max_ms"}));
}

std::map<std::string, std::string> query_of(const RecoveriesArguments& given) {
  std::map<std::string, std::string> query;
  if (given.plan != 0) query["plan"] = fmt::format("{}", given.plan);
  if (!given.since.empty()) query["since"] = given.since;
  if (given.open) query["open"] = "true";
  return query;
}

int list(const RecoveriesArguments& given) {
  auto query = query_of(given);
  if (!given.times) query["limit"] = fmt::format("{}", given.limit);
  const json::value answer = given.client.client().get(
      target_of(given.times ? "/api/recoveries/times" : "/api/recoveries", query));
  if (given.client.json)
    print_json(answer);
  else
    print(given.times ? table_of_times(answer.as_object())
                      : table_of_attempts(answer.as_array(), given.client.screen()));
  return 0;
}

// How long those under way have been: their time so far stands where the whole will.
void note_age(json::array& open, const json::value& now) {
  const auto at = from_rfc3339(std::string_view{now.as_string()});
  for (json::value& row : open)
    if (const auto lost = from_rfc3339(std::string_view{row.at("lost_at").as_string()}); at && lost)
      row.as_object()["all_us"] = std::max<std::int64_t>(0, to_micros(*at) - to_micros(*lost));
}

// One look of the live view: what is under way, how long it took today, what ended last.
json::object look(const ServiceClient& client, const RecoveriesArguments& given) {
  auto query = query_of(given);
  if (given.since.empty()) query["since"] = "00:00";
  json::value times = client.get(target_of("/api/recoveries/times", query));
  query["limit"] = fmt::format("{}", given.limit + kEndedShown);
  const json::value latest = client.get(target_of("/api/recoveries", query));
  query.erase("since");
  query["open"] = "true";
  query["limit"] = fmt::format("{}", given.limit);
  json::value open = client.get(target_of("/api/recoveries", query));
  json::array ended;
  for (const json::value& row : latest.as_array())
    if (ended.size() < kEndedShown && row.at("finished_at").is_string()) ended.push_back(row);
  const json::value now = client.get("/api/status").at("time");
  note_age(open.as_array(), now);
  return {{"time", now},
          {"open", std::move(open)},
          {"times", std::move(times)},
          {"recovered", std::move(ended)}};
}

std::string text_of(const json::object& seen, const std::string& since, Screen screen) {
  const json::array& open = seen.at("open").as_array();
  return fmt::format("{}: {} under way\n{}\nsince {}: {}\nrecovered last:\n{}",
                     std::string_view{seen.at("time").as_string()}, open.size(),
                     table_of_attempts(open, screen), since.empty() ? "midnight" : since,
                     table_of_times(seen.at("times").as_object()),
                     table_of_attempts(seen.at("recovered").as_array(), screen));
}

// On a terminal each look replaces the last, elsewhere it follows.
int watch(const RecoveriesArguments& given) {
  const ServiceClient client = given.client.client();
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  boost::asio::io_context io;
  boost::asio::steady_timer next{io};
  const auto every = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>{given.every_seconds});
  for (std::int64_t looks = 0; given.looks == 0 || looks < given.looks; ++looks) {
    const json::object seen = look(client, given);
    if (given.client.json) {
      print_json(seen);
    } else {
      if (terminal) to_terminal(std::cout, kClear);
      print(text_of(seen, given.since, given.client.screen()) + "\n");
    }
    next.expires_after(every);
    if (looks + 1 != given.looks) next.wait();
  }
  return 0;
}

}  // namespace

void add_recoveries(CLI::App& app, int& status) {
  const auto given = std::make_shared<RecoveriesArguments>();
  auto* const command = add_command(
      app, "recoveries", "Attempts to recover plans, with the time of each phase, newest first",
      "  systask recoveries\n  systask recoveries --plan 31\n"
      "  systask recoveries --times --since 09:30    percentiles of each phase\n"
      "  systask recoveries --watch                  what is under way, until Ctrl-C\n"
      "Phases: notice (the site was last there, until its plans are abnormal), choose (until a "
      "site is asked),\nrebuild (until it has read the open orders), claim, replay (until nothing "
      "is cached), finish; all: from\nthe first to the last.",
      given->client);
  command->add_option("--limit", given->limit, "Show so many rows at most")
      ->check(whole<CLI::Validator>(1, kMostRows))
      ->capture_default_str();
  command->add_option("--plan", given->plan, "Of this plan only, by number")
      ->check(whole<CLI::Validator>(1));
  command->add_option("--since", given->since,
                      "Noticed no earlier: RFC 3339, or 08:00 in the service's zone");
  command->add_flag("--open", given->open, "Those under way only");
  auto* const times =
      command->add_flag("--times", given->times, "Percentiles of each phase, instead of rows");
  auto* const watching =
      command->add_flag("--watch", given->watch, "Look again and again")->excludes(times);
  command->add_option("--every", given->every_seconds, "Seconds between two looks")
      ->needs(watching)
      ->check(real<CLI::Validator>(0.05, 3600.0))
      ->capture_default_str();
  command->add_option("--looks", given->looks, "End after so many; default: with Ctrl-C")
      ->needs(watching)
      ->check(whole<CLI::Validator>(1));
  on_command(*command, status, [given] { return given->watch ? watch(*given) : list(*given); });
}

}  // namespace systask::service
