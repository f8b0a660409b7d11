#include "peers/drill/drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "base/text.h"
#include "peers/drill/director.h"
#include "peers/drill/report.h"
#include "peers/drill/rows.h"
#include "peers/drill/scenarios.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kSoon{2};
constexpr std::chrono::seconds kDelivery{20};   // of what is acknowledged, to sites
constexpr std::chrono::seconds kLastWords{20};  // of sites: their digests
constexpr std::size_t kQuarantineShown = 5;

}  // namespace

class Drill::Impl {
 public:
  Impl(const Clock& clock, DrillOptions options)
      : clock_(clock),
        options_(std::move(options)),
        place_(site_names(options_.sites)),
        director_(clock, options_, place_) {
    if (options_.keep) place_.keep();
  }

  int run();

 private:
  void act();
  void settle();
  void end_flow();
  void look_at_plans();
  [[nodiscard]] bool delivered(bool ended_too);
  [[nodiscard]] Evidence evidence();
  Outcome conclude();
  void judge_quarantine(Verdict& verdict);
  void judge_takeovers(Outcome& outcome) const;
  void judge_runs(Outcome& outcome);
  void print(const Outcome& outcome) const;

  const Clock& clock_;
  DrillOptions options_;
  Workplace place_;
  Director director_;
  MonotonicPoint began_at_ = clock_.monotonic();
  std::map<std::int64_t, PlatformPlan> platform_;
  std::vector<std::string> missed_;
};

int Drill::Impl::run() {
  try {
    if (options_.keep) director_.tell("everything is kept in " + place_.directory());
    director_.open();
    director_.begin();
    try {
      act();
      settle();
    } catch (const GaveUp& gave_up) {
      // The judge speaks all the same, with what there is.
      missed_.emplace_back(gave_up.what());
      end_flow();
      look_at_plans();
    }
    const Outcome outcome = conclude();
    print(outcome);
    if (!outcome.verdict.good()) fmt::print(stderr, "{}", clean_text(director_.stage().logs()));
    return outcome.verdict.good() ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "systask drill: {}\n{}", clean_text(error.what()),
               clean_text(director_.stage().logs()));
    if (options_.json)
      fmt::print("{}\n", json::serialize(json::object{{"ok", false}, {"error", error.what()}}));
    return 1;
  }
}

void Drill::Impl::act() {
  switch (options_.scenario) {
    case Scenario::kNone: break;
    case Scenario::kEditWhileDown: edit_while_down(director_); break;
    case Scenario::kHoldFills: hold_fills(director_); break;
    case Scenario::kRestartAll: restart_all(director_); break;
  }
  missed_ = strike_evenly(director_);
}

// Everything has come to rest, and every process has said all that it knows.
void Drill::Impl::settle() {
  Stage& stage = director_.stage();
  director_.until_logged_in();
  director_.until_normal();
  end_flow();
  look_at_plans();
  if (!director_.for_at_most(kSoon, [this] { return delivered(true); }))
    director_.for_at_most(kDelivery, [this] { return delivered(false); });
  for (SiteSlot& site : stage.sites())
    site.child->signal(SIGUSR1);
  director_.for_at_most(kLastWords, [&] {
    return std::ranges::all_of(stage.sites(),
                               [](const SiteSlot& site) { return site.digests > 0; });
  });
}

// It writes its account when it is asked to end; a flow that hangs has none.
void Drill::Impl::end_flow() {
  Stage& stage = director_.stage();
  const auto ended = [&] { return stage.flow_ended(); };
  stage.signal_flow(SIGTERM);
  if (director_.for_at_most(kSoon, ended)) return;
  stage.signal_flow(SIGCONT);  // somebody may have stopped it
  if (director_.for_at_most(kLastWords, ended)) return;
  missed_.emplace_back(
      "the flow did not end when it was asked to, and wrote no account: plans are "
      "judged by what sites saw alone");
}

void Drill::Impl::look_at_plans() {
  for (const auto& [plan, request] : director_.requests()) {
    platform_[plan] = view_of(director_.answer(fmt::format("/api/plans/{}", plan)));
  }
}

// Of a plan that ended while its site was dead nothing more is delivered.
bool Drill::Impl::delivered(bool ended_too) {
  return std::ranges::all_of(platform_, [this, ended_too](const auto& entry) {
    const auto& [plan, view] = entry;
    return director_.stage().seen(plan) >= view.last || (!ended_too && view.status == "b");
  });
}

Evidence Drill::Impl::evidence() {
  Evidence evidence;
  evidence.sites.assign(director_.stage().traces().begin(), director_.stage().traces().end());
  LineFile trace{place_.path("flow.trace")};
  trace.read_new([&](std::string_view line) {
    if (!add_flow_line(evidence.flow, line))
      throw std::runtime_error(
          fmt::format("the flow's trace has a line that is none of its "
                      "format: {}",
                      line));
  });
  evidence.flow_spoke = director_.stage().flow_ended();
  if (evidence.flow_spoke) evidence.folds = read_folds(place_.path("flow.fold.json"));
  evidence.requests = director_.requests();
  evidence.platform = platform_;
  return evidence;
}

Outcome Drill::Impl::conclude() {
  Outcome outcome;
  outcome.verdict = judge(evidence());
  outcome.flow = director_.stage().flow();
  outcome.kills = director_.stage().kills();
  outcome.notes = missed_;
  for (const std::string& missed : missed_)
    outcome.verdict.breaches.push_back({.fault = Fault::kAccount, .detail = missed});
  const auto status = director_.answer("/api/status");
  if (const auto* intake = status.as_object().if_contains("intake");
      intake != nullptr && intake->is_object())
    for (const auto& count : intake->get_object())
      outcome.intake[std::string{count.key()}] =
          count.value().is_number() ? count.value().to_number<std::int64_t>() : 0;
  outcome.recoveries = read_recoveries(director_.answer("/api/recoveries?limit=10000"));
  for (const Recovery& row : outcome.recoveries)
    outcome.replayed += row.replayed;
  for (std::size_t i = 0; i < outcome.kills.size(); ++i)
    outcome.phases.push_back(phases_of(outcome.kills, i, outcome.recoveries));
  judge_quarantine(outcome.verdict);
  judge_takeovers(outcome);
  judge_runs(outcome);
  outcome.seconds = std::chrono::duration<double>(clock_.monotonic() - began_at_).count();
  return outcome;
}

// The flow says nothing impossible, so nothing of it may be in quarantine.
void Drill::Impl::judge_quarantine(Verdict& verdict) {
  const auto rows = director_.answer("/api/quarantine?limit=10000");
  std::size_t shown = 0;
  for (const json::value& row : rows_of(rows)) {
    if (shown++ == kQuarantineShown) break;
    verdict.breaches.push_back({.fault = Fault::kAccount,
                                .plan = flow::integer_member(row, "plan"),
                                .message_id = flow::text_member(row, "message_id"),
                                .detail = "the platform quarantined it: " + json::serialize(row)});
  }
}

// A service that dies must not cost a site its plans. Otherwise a takeover without a kill
// is no loss, but worth a note.
void Drill::Impl::judge_takeovers(Outcome& outcome) const {
  for (const Recovery& row : unexplained(outcome.kills, outcome.recoveries)) {
    const std::string what =
        fmt::format("plan {} was given from site {} to site {} though nothing was done to {}",
                    row.plan, row.from_site, row.to_site, row.from_site);
    outcome.notes.push_back(what);
    if (options_.service_kills > 0)
      outcome.verdict.breaches.push_back(
          {.fault = Fault::kAccount, .plan = row.plan, .detail = what});
  }
}

// What a dead service had claimed is settled by the one after it.
void Drill::Impl::judge_runs(Outcome& outcome) {
  outcome.runs = account_of_runs(director_.answer("/api/runs?limit=10000"), outcome.kills);
  for (const std::string& what : outcome.runs.unsettled)
    outcome.verdict.breaches.push_back({.fault = Fault::kAccount, .detail = what});
}

void Drill::Impl::print(const Outcome& outcome) const {
  fmt::print(options_.json ? stderr : stdout, "{}", clean_text(text_of(outcome)));
  std::fflush(stdout);  // before the logs, which go to standard error
  if (!options_.json) return;
  json::object all = json_of(outcome);
  all["plans"] = options_.plans;
  all["sites"] = options_.sites;
  all["seed"] = options_.seed;
  if (options_.keep) all["directory"] = place_.directory();
  fmt::print("{}\n", json::serialize(all));
}

Drill::Drill(const Clock& clock, DrillOptions options)
    : impl_(std::make_unique<Impl>(clock, std::move(options))) {}
Drill::~Drill() = default;

int Drill::run() { return impl_->run(); }

}  // namespace systask::peers::drill
