// What an operator does in a story: decides about what is in quarantine.
#include <fmt/format.h>

#include <algorithm>

#include "tests/scenarios/teller.h"
#include "tests/scenarios/words.h"

namespace systask::scenarios {

using namespace trading;  // NOLINT: a story is made of trading's types

namespace {

constexpr const char* kWhy = "the desk said so";

// The newest that waits, or the one whose message id is given.
std::optional<MessageRow> waiting(const std::vector<MessageRow>& rows, const std::string& id) {
  std::optional<MessageRow> found;
  for (const MessageRow& row : rows)
    if (row.disposition == Disposition::kQuarantined && (id.empty() || row.message_id == id))
      found = row;
  return found;
}

}  // namespace

Teller::Outcome Teller::operates(const Step& step) {
  const std::string& verb = step.word(1, "applies, skips, edits or releases");
  if (verb == "releases") {
    const PlanId plan{step.number(2, "a plan")};
    const auto done = world_.ask<bool>([&](Answer<bool> answer) {
      world_.platform().release(plan, "operator", kWhy, std::move(answer));
    });
    if (done.has_error()) return {done.error().code, done.error().message, {}};
    return {};
  }
  if (verb == "moves" || verb == "asks") return operates_plan(step, verb);
  Decision decision;
  decision.actor = "operator";
  decision.reason = step.option("why", kWhy);
  if (decision.reason == "-") decision.reason.clear();
  if (verb == "applies")
    decision.verdict = Decision::Verdict::kApply;
  else if (verb == "edits")
    decision.verdict = Decision::Verdict::kEdit;
  else if (verb != "skips")
    step.fail("expected applies, skips, edits, releases, moves or asks");
  const auto row = waiting(world_.messages(), step.option("msg", ""));
  if (!row) step.fail("nothing waits in quarantine");
  decision.message = row->no;
  if (verb == "edits") {
    Step fields = step;
    fields.options.erase("why");
    const auto function = static_cast<int>(step.number(2, "a function number"));
    decision.body = support::body_of(function, body_fields(fields, function));
  }
  const auto decided = world_.ask<Decided>(
      [&](Answer<Decided> answer) { world_.platform().decide(decision, std::move(answer)); });
  if (decided.has_error()) return {decided.error().code, decided.error().message, {}};
  return {.values = {{"outcome", decided->outcome},
                     {"plan", fmt::to_string(decided->plan.value())},
                     {"seq", fmt::to_string(decided->number.value())},
                     {"released", decided->released ? "yes" : "no"}}};
}

Teller::Outcome Teller::operates_plan(const Step& step, const std::string& verb) {
  const PlanId plan{step.number(2, "a plan")};
  if (verb == "moves") {
    const auto done = world_.ask<bool>([&](Answer<bool> answer) {
      world_.platform().move(plan, step.option("to", ""), "operator", kWhy, std::move(answer));
    });
    if (done.has_error()) return {done.error().code, done.error().message, {}};
    return {};
  }
  const auto answer = world_.ask<Explained>(
      [&](Answer<Explained> reply) { world_.platform().explain(plan, std::move(reply)); });
  if (answer.has_error()) return {answer.error().code, answer.error().message, {}};
  Outcome outcome;
  outcome.message = answer->state + "\n";
  for (const auto& [site, reason] : answer->sites) {
    outcome.message += fmt::format("{}: {}\n", site, reason);
    std::string word = reason;
    std::ranges::replace(word, ' ', '-');
    outcome.values[site] = word;
  }
  return outcome;
}

// How this service is set up, before anybody logs in.
Teller::Outcome Teller::options(const Step& step) {
  PlatformOptions given = standard_options();
  given.offer = static_cast<int>(step.number_option("offer", given.offer));
  given.rebuilds = static_cast<int>(step.number_option("rebuilds", given.rebuilds));
  given.moves = static_cast<int>(step.number_option("moves", given.moves));
  given.park_most = step.number_option("park_most", given.park_most);
  given.park_most_mib = step.number_option("park_most_mib", given.park_most_mib);
  given.in_flight = step.number_option("in_flight", given.in_flight);
  world_.set_options(std::move(given));
  return {};
}

}  // namespace systask::scenarios
