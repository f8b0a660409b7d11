#include "peers/drill/report.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

namespace systask::peers::drill {
namespace {

namespace json = boost::json;

constexpr std::size_t kBreachesShown = 20;

std::string ms(const std::optional<double>& value) {
  return value ? fmt::format("{:.1f}", *value) : "-";
}

json::value json_ms(const std::optional<double>& value) {
  if (!value) return nullptr;
  return *value;
}

void add_kills(std::string& text, const Outcome& outcome) {
  if (outcome.kills.empty()) return;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "\n{:<9} {:<6} {:>9} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}\n",
                 "killed", "by", "at acked", "plans", "notice", "choose", "rebuild", "claim",
                 "replay", "finish", "all normal");
  for (std::size_t i = 0; i < outcome.kills.size(); ++i) {
    const Kill& kill = outcome.kills[i];
    const Phases& phases = outcome.phases[i];
    fmt::format_to(out, "{:<9} {:<6} {:>9} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10}\n",
                   kill.target, kill.signal, kill.acked, phases.plans, ms(phases.notice),
                   ms(phases.choose), ms(phases.rebuild), ms(phases.claim), ms(phases.replay),
                   ms(phases.finish), ms(phases.all_normal));
  }
  text += "(milliseconds; of each phase the longest that any plan took)\n";
}

void add_runs(std::string& text, const RunAccount& runs) {
  const auto out = std::back_inserter(text);
  text += "task runs";
  for (const auto& [outcome, count] : runs.outcomes)
    fmt::format_to(out, " {} {}", outcome, count);
  fmt::format_to(out, "; made again {}, left unsettled by a dead service {}\n", runs.made_again,
                 runs.unsettled.size());
}

void add_breaches(std::string& text, const Verdict& verdict) {
  const auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < verdict.breaches.size() && i < kBreachesShown; ++i) {
    const Breach& breach = verdict.breaches[i];
    fmt::format_to(out, "BREACH {}: plan {}", name_of(breach.fault), breach.plan);
    if (breach.seq != 0) fmt::format_to(out, ", number {}", breach.seq);
    if (!breach.message_id.empty()) fmt::format_to(out, ", message {}", breach.message_id);
    fmt::format_to(out, ": {}\n", breach.detail);
  }
  if (verdict.breaches.size() > kBreachesShown)
    fmt::format_to(out, "… and {} more\n", verdict.breaches.size() - kBreachesShown);
}

json::object json_of(const Kill& kill, const Phases& phases) {
  return {{"target", kill.target},
          {"signal", kill.signal},
          {"at", to_rfc3339(kill.at)},
          {"at_acked", kill.acked},
          {"plans", phases.plans},
          {"notice_ms", json_ms(phases.notice)},
          {"choose_ms", json_ms(phases.choose)},
          {"rebuild_ms", json_ms(phases.rebuild)},
          {"claim_ms", json_ms(phases.claim)},
          {"replay_ms", json_ms(phases.replay)},
          {"finish_ms", json_ms(phases.finish)},
          {"all_normal_ms", json_ms(phases.all_normal)}};
}

json::array json_of(const std::vector<Breach>& breaches) {
  json::array rows;
  for (const Breach& breach : breaches)
    rows.push_back(json::object{{"fault", std::string{name_of(breach.fault)}},
                                {"plan", breach.plan},
                                {"seq", breach.seq},
                                {"message_id", breach.message_id},
                                {"detail", breach.detail}});
  return rows;
}

}  // namespace

std::string text_of(const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  std::string text;
  const auto out = std::back_inserter(text);
  add_kills(text, outcome);
  fmt::format_to(out,
                 "\nflow      sent {}, of them {} for the first time; {} acknowledged in "
                 "{:.1f} s, {:.0f} a second\n",
                 outcome.flow.sent, outcome.flow.unique, outcome.flow.acked, outcome.flow.seconds,
                 outcome.flow.rate);
  text += "platform ";
  for (const auto& [name, count] : outcome.intake)
    fmt::format_to(out, " {} {}", name, count);
  fmt::format_to(out, "\ntakeovers {} attempts, {} cached messages replayed\n",
                 outcome.recoveries.size(), outcome.replayed);
  fmt::format_to(out,
                 "sites     saw {} events; digests of {} plans compared at sites, of {} at the "
                 "platform\n",
                 verdict.seen_by_sites, verdict.compared_at_sites, verdict.digests.size());
  add_runs(text, outcome.runs);
  for (const std::string& note : outcome.notes)
    fmt::format_to(out, "note      {}\n", note);
  add_breaches(text, verdict);
  fmt::format_to(out, "digest    {}\n", verdict.digest);
  fmt::format_to(out,
                 "verdict   {}: lost {}, doubled {}, out of order {}, breaches {} ({:.1f} s)\n",
                 verdict.good() ? "PASSED" : "FAILED", verdict.lost, verdict.doubled,
                 verdict.out_of_order, verdict.breaches.size(), outcome.seconds);
  return text;
}

json::object json_of(const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  json::array kills;
  for (std::size_t i = 0; i < outcome.kills.size(); ++i)
    kills.push_back(json_of(outcome.kills[i], outcome.phases[i]));
  json::object intake;
  for (const auto& [name, count] : outcome.intake)
    intake[name] = count;
  json::object digests;
  for (const auto& [plan, digest] : verdict.digests)
    digests[std::to_string(plan)] = digest;
  json::array notes;
  for (const std::string& note : outcome.notes)
    notes.emplace_back(note);
  json::object runs;
  for (const auto& [result, count] : outcome.runs.outcomes)
    runs[result] = count;
  return {{"ok", verdict.good()},
          {"seconds", outcome.seconds},
          {"flow",
           {{"sent", outcome.flow.sent},
            {"unique", outcome.flow.unique},
            {"acked", outcome.flow.acked},
            {"seconds", outcome.flow.seconds},
            {"rate", outcome.flow.rate}}},
          {"intake", std::move(intake)},
          {"kills", std::move(kills)},
          {"takeovers", outcome.recoveries.size()},
          {"replayed", outcome.replayed},
          {"runs", std::move(runs)},
          {"runs_made_again", outcome.runs.made_again},
          {"runs_unsettled", outcome.runs.unsettled.size()},
          {"seen_by_sites", verdict.seen_by_sites},
          {"compared_at_sites", verdict.compared_at_sites},
          {"lost", verdict.lost},
          {"doubled", verdict.doubled},
          {"out_of_order", verdict.out_of_order},
          {"breaches", json_of(verdict.breaches)},
          {"notes", std::move(notes)},
          {"digest", verdict.digest},
          {"digests", std::move(digests)}};
}

}  // namespace systask::peers::drill
