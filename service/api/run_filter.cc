#include "service/api/run_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "service/config/time_text.h"

namespace systask::service {
namespace {

using scheduler::RunState;
using scheduler::Trigger;

constexpr std::size_t kRunsOfAPage = 50;
Refusal bad(std::string_view key, std::string_view text, std::string_view expected) {
  return {"BAD_REQUEST", fmt::format("'{}' is '{}', expected {}", key, text, expected)};
}

// "a,b", without blanks around the names.
std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view name = text.substr(begin, end - begin);
    while (name.starts_with(' '))
      name.remove_prefix(1);
    while (name.ends_with(' '))
      name.remove_suffix(1);
    names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

bool is_skipped(RunState state) {
  return name_of(state).starts_with("skipped_") || state == RunState::kCoalesced ||
         state == RunState::kHeld;
}

// Every name that `outcome` takes.
std::string outcome_names() {
  std::string text =
      "failed (timed_out, abandoned, lost, refused, skipped_lane_full too), "
      "skipped (all of skipped_*, coalesced, held), runs, waits";
  for (const scheduler::RunStateName& known : scheduler::kRunStates)
    if (known.state != RunState::kFailed && !is_open(known.state))
      text += fmt::format(", {}", known.name);
  return text;
}

// A word may mean several states.
bool add_outcome(RunFilter& filter, const std::string& word) {
  std::vector<RunState>& states = filter.query.states;
  const auto add = [&](auto&& wanted) {
    for (const scheduler::RunStateName& known : scheduler::kRunStates)
      if (wanted(known.state)) states.push_back(known.state);
  };
  const bool open = word == "runs" || word == "waits" || word == "claimed" || word == "waiting";
  if (word == "failed") {
    add(scheduler::is_failure);
  } else if (word == "skipped") {
    add(is_skipped);
  } else if (open) {
    add(scheduler::is_open);
    filter.runs = filter.runs || word == "runs" || word == "claimed";
    filter.waits = filter.waits || word != "runs";
  } else if (const auto state = scheduler::run_state_of(word)) {
    states.push_back(*state);
  } else {
    return false;
  }
  return true;
}

std::optional<Refusal> read_outcomes(RunFilter& filter, const std::string& text) {
  if (text.empty()) return std::nullopt;
  filter.runs = filter.waits = false;
  for (const std::string& word : list_of(text))
    if (!add_outcome(filter, word))
      return bad("outcome", word, fmt::format("one or several, by comma, of: {}", outcome_names()));
  std::vector<RunState>& states = filter.query.states;
  std::ranges::sort(states);
  const auto twice = std::ranges::unique(states);
  states.erase(twice.begin(), twice.end());
  return std::nullopt;
}

std::optional<Refusal> read_triggers(RunFilter& filter, const std::string& text) {
  if (text.empty()) return std::nullopt;
  for (const std::string& word : list_of(text)) {
    const auto trigger = scheduler::trigger_of(word);
    if (!trigger)
      return bad("trigger", word,
                 fmt::format("one or several, by comma, of: {}",
                             fmt::join(scheduler::trigger_names(), ", ")));
    filter.query.triggers.push_back(*trigger);
  }
  return std::nullopt;
}

std::optional<Refusal> read_times(RunFilter& filter, const ApiRequest& request, const Zone& zone,
                                  TimePoint now) {
  const auto read = [&](const char* key, TimePoint& into) -> std::optional<Refusal> {
    const std::string text = request.query(key);
    if (text.empty()) return std::nullopt;
    const auto time = parse_time(text, zone, now);
    if (time.has_error())
      return Refusal{time.error().code, fmt::format("'{}': {}", key, time.error().message)};
    into = *time;
    return std::nullopt;
  };
  if (auto refusal = read("since", filter.query.since)) return refusal;
  return read("until", filter.query.until);
}

std::optional<Refusal> read_page(RunFilter& filter, const ApiRequest& request) {
  const std::string limit = request.query("limit");
  filter.query.limit = kRunsOfAPage;
  if (!limit.empty()) {
    const auto number = number_in(limit);
    if (!number || *number < 1 || *number > static_cast<std::int64_t>(kMostRunsOfAPage))
      return bad("limit", limit,
                 fmt::format("a number from 1 to {}; `after` goes on where a page ends",
                             kMostRunsOfAPage));
    filter.query.limit = static_cast<std::size_t>(*number);
  }
  const std::string after = request.query("after");
  if (!after.empty()) {
    const std::size_t dash = after.find('-', 1);
    const auto at = number_in(std::string_view{after}.substr(0, dash));
    const auto run = dash == std::string::npos
                         ? std::nullopt
                         : number_in(std::string_view{after}.substr(dash + 1));
    if (!at || !run) return bad("after", after, "what the last page says as `next`");
    filter.query.after = {from_micros(*at), scheduler::RunId{*run}};
  }
  const std::string order = request.query("order");
  if (order == "started")
    filter.query.order = scheduler::RunOrder::kStarted;
  else if (!order.empty() && order != "nominal")
    return bad("order", order, "nominal (when it was due) or started (when it began)");
  const std::string fold = request.query("fold");
  if (!fold.empty() && fold != "true" && fold != "false") return bad("fold", fold, "true or false");
  filter.fold = fold == "true";
  return std::nullopt;
}

}  // namespace

std::string cursor_text(const scheduler::RunCursor& cursor) {
  return fmt::format("{}-{}", to_micros(cursor.at), cursor.run.value());
}

Result<RunFilter> filter_of(const ApiRequest& request, const TaskNames& names, const Zone& zone,
                            TimePoint now) {
  RunFilter filter;
  if (auto refusal = read_outcomes(filter, request.query("outcome"))) return *refusal;
  if (auto refusal = read_triggers(filter, request.query("trigger"))) return *refusal;
  if (auto refusal = read_times(filter, request, zone, now)) return *refusal;
  if (auto refusal = read_page(filter, request)) return *refusal;
  if (const std::string task = request.query("task"); !task.empty() && task != "*") {
    auto tasks = names.find(task);
    if (tasks.has_error()) return tasks.error();
    filter.query.tasks = std::move(*tasks);
  }
  // Who asks for a task wants its runs.
  filter.fold = filter.fold && !filter.query.tasks;
  if (filter.fold) filter.query.usual_of = names.rare(now);
  return filter;
}

}  // namespace systask::service
