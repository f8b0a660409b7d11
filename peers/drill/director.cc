#include "peers/drill/director.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/text.h"
#include "peers/drill/plans.h"
#include "peers/drill/rows.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kAccountEvery{500};
constexpr std::chrono::milliseconds kStatusEvery{100};
constexpr std::chrono::milliseconds kSettle{200};
constexpr std::chrono::seconds kRest{10};  // so long after the trading, nothing is under way

// A count in the status, such as plans/abnormal; 0 where it is not named.
std::int64_t count_in(const json::value& status, std::string_view group, std::string_view name) {
  const auto* counts = status.is_object() ? status.get_object().if_contains(group) : nullptr;
  return counts == nullptr ? 0 : flow::integer_member(*counts, name);
}

// 0 where there is none.
std::int64_t plan_named(const json::value& plans, const std::string& name) {
  for (const json::value& plan : rows_of(plans))
    if (flow::text_member(plan, "name") == name) return flow::integer_member(plan, "plan");
  return 0;
}

// Messages a second of a recording during which something is killed: a short one takes some seconds
// still, so that the kills meet it.
std::string state_of(const SiteSlot& site) {
  if (site.state == SiteState::kUp) return fmt::format("{} {}", site.name, site.plans.size());
  return fmt::format("{} {}", site.name, site.state == SiteState::kDown ? "down" : "stopped");
}

}  // namespace

std::vector<std::string> site_names(int count) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    names.push_back(i < 26 ? std::string(1, static_cast<char>('A' + i))
                           : fmt::format("S{}", i + 1));
  return names;
}

Director::Director(const Clock& clock, const DrillOptions& options, const Workplace& place)
    : clock_(clock),
      options_(options),
      place_(place),
      random_(options.seed),
      stage_(clock, place, site_names(options.sites), options),
      api_({"127.0.0.1", place.port()}, {}, std::chrono::seconds{5}),
      patience_(clock, options.timeout, [this] { return chores(); }),
      began_at_(clock.monotonic()),
      account_at_(clock.monotonic()),
      status_at_(clock.monotonic() - kStatusEvery),
      moved_at_(clock.monotonic()) {}

void Director::open() {
  Expected expected = expected_messages(options_);
  expected_ = expected.messages;
  security_ = std::move(expected.security);
  if (!expected.account.empty()) tell(expected.account);
  if (!options_.from.empty()) {
    auto pace = pace_of(options_, expected_, expected.lasted_us);
    if (pace.has_error()) throw std::runtime_error(pace.error().message);
    pace_ = std::move(*pace);
  }
  if (!pace_.told.empty()) tell(pace_.told);
  stage_.start_service();
  until("the service to be ready", [this] { return api_.get("/readyz").has_value(); });
  for (SiteSlot& site : stage_.sites())
    stage_.start_site(site);
  until_logged_in();
  tell(fmt::format("a service on {} and {} sites are up", place_.address(), options_.sites));
}

void Director::begin() {
  const auto plans = make_plans(options_, security_);
  if (options_.from.empty()) start_flow();
  for (const NewPlan& plan : plans)
    create_plan(plan);
  tell(fmt::format("{} plans are created; at least {} messages are to come", plans.size(),
                   expected_));
  if (!options_.from.empty()) start_flow();
}

// A client whose answer was lost with the service looks whether the plan was made, before it
// asks again.
void Director::create_plan(const NewPlan& plan) {
  auto made = api_.post("/api/plans", body_of(plan));
  std::int64_t number = made.has_value() ? flow::integer_member(*made, "plan") : 0;
  until("the plan " + plan.name + " to be created", [&] {
    if (number != 0) return true;
    if (!may_pass(made.error()))
      throw std::runtime_error(
          fmt::format("a plan could not be created: {}", made.error().message));
    number = plan_named(answer("/api/plans?limit=10000"), plan.name);
    if (number == 0) made = api_.post("/api/plans", body_of(plan));
    if (made.has_value()) number = flow::integer_member(*made, "plan");
    return number != 0;
  });
  requests_[number] = plan.request;
}

// Of a service that is down, or has only just come back.
bool Director::may_pass(const Refusal& refusal) const {
  static const std::set<std::string, std::less<>> kPassing{"UNREACHABLE", "NOT_READY", "STOPPED",
                                                           "BUSY", "NO_SITE"};
  return options_.revive && kPassing.contains(refusal.code);
}

json::value Director::answer(const std::string& target) {
  json::value body;
  until("the platform to answer " + target, [&] {
    auto answered = api_.get(target);
    if (answered.has_error() && !may_pass(answered.error()))
      throw std::runtime_error(
          fmt::format("the platform answered {} with: {}", target, answered.error().message));
    if (answered.has_value()) body = std::move(*answered);
    return answered.has_value();
  });
  return body;
}

void Director::start_flow() {
  std::vector<std::string> arguments;
  if (options_.scenario == Scenario::kHoldFills) arguments = {"--hold", "402206"};
  if (options_.duplicate > 0)
    arguments.insert(arguments.end(), {"--duplicate", fmt::format("{}", options_.duplicate)});
  if (options_.from.empty()) {
    arguments.insert(arguments.end(), {"--reject", "0.02", "--partial", "0.4", "--latency-ms",
                                       "1..20", "--fill-ms", "10..150"});
    return stage_.start_flow(arguments);
  }
  const std::string ids = place_.path("plans");
  std::ofstream file{ids};
  for (const auto& [plan, request] : requests_)
    file << plan << '\n';
  if (!file.flush()) throw std::runtime_error(ids + " cannot be written; is the disk full?");
  const auto date = flow::integer_member(answer("/api/status"), "business_date");
  for (std::string& argument : options_.as_arguments(options_.from))
    arguments.push_back(std::move(argument));
  arguments.insert(arguments.end(),
                   {"--plan-ids-file", ids, "--speed", pace_.speed, "--business-date",
                    std::to_string(date), "--swap", fmt::format("{}", options_.swap)});
  if (options_.limit > 0)
    arguments.insert(arguments.end(), {"--limit", std::to_string(options_.limit)});
  stage_.start_flow(arguments);
}

void Director::tell(const std::string& sentence) const {
  const double seconds = std::chrono::duration<double>(clock_.monotonic() - began_at_).count();
  // Machines read standard output.
  fmt::print(options_.json ? stderr : stdout, "{:7.2f} s  {}\n", seconds, clean_text(sentence));
  std::fflush(stdout);
}

std::int64_t Director::chores() {
  stage_.poll();
  show_account();
  std::int64_t mark = stage_.flow().acked + static_cast<std::int64_t>(stage_.kills().size());
  for (const SiteTrace& trace : stage_.traces())
    mark += static_cast<std::int64_t>(trace.lines.size());
  if (std::exchange(mark_, mark) != mark) moved_at_ = clock_.monotonic();
  return mark;
}

void Director::show_account() {
  if (clock_.monotonic() - account_at_ < kAccountEvery) return;
  account_at_ = clock_.monotonic();
  std::string sites;
  for (const SiteSlot& site : stage_.sites())
    sites += ", " + state_of(site);
  const FlowProgress& flow = stage_.flow();
  const std::string held = flow.held > 0 ? fmt::format(", held {}", flow.held) : "";
  tell(fmt::format("sent {}, acknowledged {}{}; plans of sites{}", flow.sent, flow.acked, held,
                   sites));
}

void Director::until_acked(std::int64_t count) {
  until(fmt::format("{} messages to be acknowledged", count),
        [&] { return acked() >= count || stage_.flow_ended(); });
}

void Director::until_logged_in() {
  until("every site to be up and logged in", [this] {
    return std::ranges::all_of(stage_.sites(), [](const SiteSlot& site) {
      return site.state == SiteState::kUp && site.logged_in;
    });
  });
}

const json::value* Director::status() {
  if (clock_.monotonic() - status_at_ >= kStatusEvery) {
    status_at_ = clock_.monotonic();
    const auto answer = api_.get("/api/status");
    status_ = answer.has_value() ? std::make_shared<json::value>(*answer) : nullptr;
  }
  return status_.get();
}

std::size_t Director::abnormal_plans() {
  const auto* now = status();
  return now == nullptr ? 0 : static_cast<std::size_t>(count_in(*now, "plans", "abnormal"));
}

void Director::until_normal() {
  // What was done to a site a moment ago may not have been noticed yet.
  for_at_most(kSettle, [] { return false; });
  until("every plan to run again", [this] {
    const auto* now = status();
    return now != nullptr && count_in(*now, "plans", "abnormal") == 0 &&
           flow::integer_member(*now, "cached") == 0 && flow::integer_member(*now, "queue") == 0;
  });
}

bool Director::over() {
  if (!options_.from.empty()) return stage_.flow_ended();
  const auto* now = status();
  return now != nullptr && stage_.flow().idle && stage_.flow().held == 0 &&
         count_in(*now, "plans", "completed") == static_cast<std::int64_t>(requests_.size()) &&
         flow::integer_member(*now, "outbox") == 0;
}

std::string Director::why_not_over() {
  if (options_.from.empty()) {
    const auto* now = status();
    for (const char* end : {"failed", "cancelled", "expired"})
      if (now != nullptr && count_in(*now, "plans", end) > 0)
        return fmt::format(
            "{} of {} plans ended as {} and will not be completed; `plans` of the "
            "service has the reason, keep it with --keep",
            count_in(*now, "plans", end), requests_.size(), end);
  }
  const auto quiet =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.monotonic() - moved_at_);
  const bool all_up = std::ranges::all_of(stage_.sites(), [](const SiteSlot& site) {
    return site.state == SiteState::kUp && site.logged_in;
  });
  if (!all_up || quiet < std::chrono::seconds{options_.window_s} + kRest) return {};
  const FlowProgress& flow = stage_.flow();
  return fmt::format(
      "the flow does not end: nothing has moved for {} s, with {} messages sent for "
      "the first time and {} of all acknowledged",
      quiet.count(), flow.unique, flow.acked);
}

SiteSlot* Director::choose_site() {
  std::vector<SiteSlot*> up;
  std::vector<SiteSlot*> busy;
  for (SiteSlot& site : stage_.sites()) {
    if (site.state != SiteState::kUp || !site.logged_in) continue;
    up.push_back(&site);
    if (!site.plans.empty()) busy.push_back(&site);
  }
  const auto& from = busy.empty() ? up : busy;
  if (from.empty()) return nullptr;
  return from[std::uniform_int_distribution<std::size_t>{0, from.size() - 1}(random_)];
}

void Director::kill(SiteSlot& site, const std::string& signal,
                    std::optional<std::chrono::milliseconds> back) {
  tell(fmt::format("SIG{} to site {}, which has {} plans", signal, site.name, site.plans.size()));
  stage_.kill_site(site, signal, back);
}

void Director::modify(std::int64_t plan, const std::map<std::string, std::string>& parameters) {
  json::object changed;
  for (const auto& [key, value] : parameters)
    changed[key] = value;
  const auto done = api_.post(fmt::format("/api/plans/{}/modify", plan),
                              {{"parameters", std::move(changed)}, {"actor", "drill"}});
  if (done.has_error())
    throw std::runtime_error(
        fmt::format("plan {} could not be modified: {}", plan, done.error().message));
  PlanRequest& request = requests_.at(plan);
  for (const auto& [key, value] : parameters)
    request.parameters[key] = value;
  ++request.changes;
}

Result<PlatformPlan> Director::view(std::int64_t plan) const {
  const auto answered = api_.get(fmt::format("/api/plans/{}", plan));
  if (answered.has_error()) return answered.error();
  return view_of(*answered);
}

PlatformPlan view_of(const json::value& plan) {
  return {.status = flow::text_member(plan, "status"),
          .last = flow::integer_member(plan, "last"),
          .skipped = flow::integer_member(plan, "skipped"),
          .digest = flow::text_member(plan, "digest")};
}

}  // namespace systask::peers::drill
