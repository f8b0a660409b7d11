#include "tests/scenarios/teller.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tests/scenarios/words.h"

namespace systask::scenarios {

using namespace trading;  // NOLINT: a story is made of trading's types

PlatformOptions Teller::standard_options() {
  PlatformOptions options;
  options.known_sites = {"A", "B", "C"};
  return options;
}

Teller::Teller() : world_(standard_options()) {}

void Teller::tell(const Story& story) {
  static const std::map<std::string, Verb> kVerbs{
      {"site", &Teller::site},         {"plan", &Teller::plan},
      {"client", &Teller::client},     {"in", &Teller::in},
      {"out", &Teller::out},           {"tick", &Teller::tick},
      {"stall", &Teller::wait},        {"service", &Teller::service},
      {"task", &Teller::task},         {"table", &Teller::table},
      {"market", &Teller::market},     {"clock", &Teller::wait},
      {"operator", &Teller::operates}, {"options", &Teller::options}};
  for (const Step& step : story.steps) {
    const std::string& first = step.word(0, "a verb");
    const auto verb = kVerbs.find(first);
    const bool waits = first.starts_with('+');
    if (!waits && verb == kVerbs.end())
      step.fail(fmt::format("no step begins with '{}': see the README beside the stories", first));
    const Outcome outcome = waits ? wait(step) : (this->*verb->second)(step);
    learn_epochs();
    check(step, outcome);
  }
  if (const std::string breach = world_.breach(); !breach.empty())
    story.steps.back().fail("after the last step: " + breach);
}

void Teller::check(const Step& step, const Outcome& outcome) const {
  const bool ok = step.expected.empty() || step.expected[0].find('=') != std::string::npos;
  const std::string code = ok ? "ok" : step.expected[0];
  if (outcome.code != code)
    step.fail(fmt::format("expected {}, got {} {}", code, outcome.code, outcome.message));
  std::string text;
  for (const std::string& word : step.expected) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      if (&word != &step.expected.front()) text += (text.empty() ? "" : " ") + word;
      continue;
    }
    const auto value = outcome.values.find(word.substr(0, equals));
    if (value == outcome.values.end())
      step.fail(fmt::format("nothing is known of '{}' here", word.substr(0, equals)));
    if (value->second != word.substr(equals + 1))
      step.fail(fmt::format("expected {}, got {}", word, value->second));
  }
  if (outcome.message.find(text) == std::string::npos)
    step.fail(fmt::format("expected '{}' in '{}'", text, outcome.message));
}

void Teller::learn_epochs() {
  const auto pushes = world_.outlet.all().pushes;
  for (; learned_ < pushes.size(); ++learned_) {
    const Push& push = pushes[learned_];
    for (auto& [name, site] : sites_)
      if (site.session == push.session) site.epochs[push.plan] = push.epoch;
  }
}

std::vector<Push> Teller::pushes_to(SessionId session) const {
  auto pushes = world_.outlet.all().pushes;
  std::erase_if(pushes, [session](const Push& push) { return push.session != session; });
  return pushes;
}

Teller::SiteState& Teller::site_of(const Step& step, const std::string& name) {
  const auto it = sites_.find(name);
  if (it == sites_.end()) step.fail(fmt::format("site {} has never logged in", name));
  return it->second;
}

Teller::Outcome Teller::in(const Step& step) {
  const auto function = static_cast<int>(step.number(1, "a function number"));
  Outcome outcome;
  outcome.code = world_.report(function, body_fields(step, function));
  return outcome;
}

Teller::Outcome Teller::out(const Step& step) {
  SiteState& site = site_of(step, step.word(1, "a site"));
  const std::string& what = step.word(2, "what was pushed, or 'nothing'");
  const auto pushes = pushes_to(site.session);
  if (what == "nothing") {
    if (site.read < pushes.size())
      step.fail(fmt::format("{} was pushed: {}", pushes[site.read].topic, pushes[site.read].body));
    return {};
  }
  if (site.read >= pushes.size()) step.fail("nothing more was pushed to it");
  const Push& push = pushes[site.read++];
  if (push.topic != topic_of(what))
    step.fail(fmt::format("{} was pushed: {}", push.topic, push.body));
  const support::Fields known{{"plan", fmt::to_string(push.plan.value())},
                              {"seq", fmt::to_string(push.line.value())},
                              {"epoch", fmt::to_string(push.epoch.value())}};
  for (const auto& [name, value] : step.options) {
    const auto it = known.find(name);
    if (it != known.end() ? it->second != value
                          : !body_has(push.body, wire_name(what, name), value))
      step.fail(fmt::format("expected {}={}, got number {} of plan {} in epoch {}: {}", name, value,
                            push.line.value(), push.plan.value(), push.epoch.value(), push.body));
  }
  return {};
}

Teller::Outcome Teller::wait(const Step& step) {
  const std::string& first = step.word(0, "a verb");
  if (first == "clock") {
    const auto at = from_rfc3339(step.word(1, "an instant"));
    if (!at) step.fail(fmt::format("'{}' is no RFC 3339 instant", step.words[1]));
    world_.clock.set_wall(*at);
    return {};
  }
  const bool stall = first == "stall";
  const Micros time = duration_of(step, stall ? step.word(1, "a duration") : first.substr(1));
  if (stall)
    world_.stall(time);
  else
    world_.pass(time);
  return {};
}

Teller::Outcome Teller::tick(const Step&) {
  const RecoveryReport report = world_.platform().recover_plans();
  world_.settle();
  return {.values = {{"waiting", fmt::to_string(report.waiting)},
                     {"offered", fmt::to_string(report.offered)},
                     {"timed_out", fmt::to_string(report.timed_out)},
                     {"submitted", fmt::to_string(report.submitted)},
                     {"under_way", fmt::to_string(report.under_way)}}};
}

Teller::Outcome Teller::service(const Step& step) {
  if (step.rest(1) == "restarts")
    world_.restart(true);
  else if (step.rest(1) == "restarts without grace")
    world_.restart(false);
  else
    step.fail("expected 'service restarts [without grace]'");
  return {};
}

Teller::Outcome Teller::task(const Step& step) {
  Platform& platform = world_.platform();
  const std::map<std::string, std::function<WorkReport()>> tasks{
      {"clear-message-cache", [&] { return platform.clear_message_cache(30); }},
      {"archive-day", [&] { return platform.archive_day(); }},
      {"roll-business-date", [&] { return platform.roll_business_date(); }},
      {"reopen-day-expired-plans", [&] { return platform.reopen_day_expired_plans(); }},
      {"expire-plans", [&] { return platform.expire_plans(true); }},
      {"apply-parked", [&] { return platform.apply_parked(); }},
      {"retry-outbox", [&] { return platform.retry_outbox(); }},
      {"reconcile-totals", [&] { return platform.reconcile_totals(); }}};
  const auto task = tasks.find(step.word(1, "a task"));
  if (task == tasks.end()) step.fail(fmt::format("there is no task {}", step.words[1]));
  const WorkReport report = task->second();
  world_.settle();
  return {.message = report.detail, .values = {{"rows", fmt::to_string(report.rows)}}};
}

}  // namespace systask::scenarios
