#include "trading/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "calendar/market_hours.h"
#include "trading/book.h"
#include "trading/identifiers.h"
#include "trading/intake.h"
#include "trading/limits.h"
#include "trading/line.h"
#include "trading/placement.h"
#include "trading/plan_json.h"
#include "trading/ports/day_store.h"
#include "trading/ports/message_store.h"
#include "trading/ports/plan_store.h"
#include "trading/ports/records.h"
#include "trading/same_body.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

constexpr std::string_view kNewPlanTopic = "stp.api.scheme_new";

struct Change {
  PlanRequest request;
  std::string_view name;
  int function_no;
  PlanStatus to;    // what the plan is while the site has not answered
  PlanStatus then;  // what it is when the site has
};

constexpr std::array kChanges{
    Change{PlanRequest::kStart, "start", 5180301, PlanStatus::kSubmitting, PlanStatus::kRunning},
    Change{PlanRequest::kPause, "pause", 5180302, PlanStatus::kPausing, PlanStatus::kPaused},
    Change{PlanRequest::kResume, "resume", 5180303, PlanStatus::kResuming, PlanStatus::kRunning},
    Change{PlanRequest::kCancel, "cancel", 5180304, PlanStatus::kCancelling,
           PlanStatus::kCancelled},
    Change{PlanRequest::kModify, "modify", 5180305, PlanStatus::kRunning, PlanStatus::kRunning},
    Change{PlanRequest::kExpire, "expire", 5180306, PlanStatus::kExpiring, PlanStatus::kExpired},
};

const Change& row_of(PlanRequest request) {
  const auto* const row = std::ranges::find(kChanges, request, &Change::request);
  CHECK(row != kChanges.end(), "every request has its row");
  return *row;
}

Refusal not_running(const Plan& plan, std::string_view what) {
  return {"PLAN_NOT_RUNNING", fmt::format("plan {} is {}: it cannot {}", plan.id.value(),
                                          name_of(plan.effective_status()), what)};
}

Refusal no_plan(PlanId plan) {
  return {"NO_SUCH_PLAN", fmt::format("there is no plan {}", plan.value())};
}

// A parameter's name is an identifier without "=": what stands behind that is its value.
Result<void> well_named(const Parameters& parameters) {
  for (const auto& [key, value] : parameters)
    if (!is_identifier(key) || key.find('=') != std::string::npos)
      return Refusal{"BAD_REQUEST",
                     not_identifier("a name in parameters", key) + ", and without '='"};
  return {};
}

Result<void> valid(const NewPlan& request) {
  const auto bad = [](std::string message) { return Refusal{"BAD_REQUEST", std::move(message)}; };
  if (!is_identifier(request.strategy)) return bad(not_identifier("strategy", request.strategy));
  if (!is_identifier(request.environment))
    return bad(not_identifier("environment", request.environment));
  if (const auto named = well_named(request.parameters); named.has_error()) return named.error();
  if (request.details.empty()) return bad("details: none, expected one or more");
  for (const PlanDetail& detail : request.details) {
    if (detail.market.value() <= 0) return bad("details.market_no: expected a number above 0");
    if (!is_identifier(detail.security))
      return bad(not_identifier("details.stock_code", detail.security));
    if (detail.quantity < 0 || detail.quantity > kMostQuantity)
      return bad(fmt::format("details.quantity: found {}, expected 0 (no target) to {}",
                             detail.quantity, kMostQuantity));
  }
  if (request.tolerance_percent < 0 || request.tolerance_percent > kMostTolerancePercent)
    return bad(fmt::format("tolerance_percent: found {}, expected 0 to {}",
                           request.tolerance_percent, kMostTolerancePercent));
  if (request.last_date && !is_date(*request.last_date))
    return bad(
        fmt::format("last_date: found {}, expected a date, YYYYMMDD", request.last_date->value()));
  return {};
}

// Every detail is of a market that has hours; a table without any row says nothing of any.
Result<void> in_markets(const NewPlan& request, const std::map<Market, std::string>& sessions) {
  std::string known;
  for (const auto& [market, text] : sessions)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", market.value());
  for (const PlanDetail& detail : request.details)
    if (!sessions.empty() && !sessions.contains(detail.market))
      return Refusal{"NO_SESSIONS",
                     fmt::format("market {} has no trading sessions: algojr_texectimeinfo has "
                                 "those of {}; name one of these markets, or add its row",
                                 detail.market.value(), known)};
  return {};
}

Result<void> until_later(const NewPlan& request, BusinessDate date) {
  if (!request.last_date || *request.last_date >= date) return {};
  return Refusal{"BAD_REQUEST",
                 fmt::format("last_date: found {}, expected {}, the plan's business date, or later",
                             request.last_date->value(), date.value())};
}

// As much of a site's reason as is kept, fit to be shown.
std::string kept_reason(const std::string& reason) {
  constexpr std::size_t kLongest = 500;
  const std::string kept = one_line(reason, kLongest);
  return kept.empty() ? "its site gave no reason" : kept;
}

PlanStatus& effective(Plan& plan) {
  return plan.status == PlanStatus::kAbnormal ? plan.saved_status : plan.status;
}

}  // namespace

std::optional<PlanRequest> plan_request(std::string_view name) {
  const auto* const row = std::ranges::find(kChanges, name, &Change::name);
  if (row == kChanges.end()) return std::nullopt;
  return row->request;
}

std::string_view name_of(PlanRequest request) { return row_of(request).name; }

std::optional<PlanRequest> change_of(int function_no) {
  const auto* const row = std::ranges::find(kChanges, function_no, &Change::function_no);
  if (row == kChanges.end()) return std::nullopt;
  return row->request;
}

int function_of(PlanRequest request) { return row_of(request).function_no; }

Result<void> apply_change(Plan& plan, PlanRequest request, const std::string& body, TimePoint now) {
  PlanStatus& status = effective(plan);
  if (request == PlanRequest::kModify) {
    if (ended(status)) return not_running(plan, "be modified");
    const auto parameters = parameters_of(body);
    if (parameters.has_error()) return parameters.error();
    Parameters changed = *plan.parameters;
    for (const auto& [key, value] : *parameters)
      changed.insert_or_assign(key, value);
    plan.parameters = std::move(changed);
    return {};
  }
  const PlanStatus to = row_of(request).to;
  if (!allowed(status, to)) return not_running(plan, name_of(request));
  status = to;
  plan.status_at = now;
  return {};
}

Result<CreatedPlan> Changes::create(Turn& turn, const NewPlan& request) {
  if (const auto checked = valid(request); checked.has_error()) return checked.error();
  const Market market = request.details.front().market;
  const auto sessions = stores_.day.session_texts();
  if (const auto known = in_markets(request, sessions); known.has_error()) return known.error();
  const auto dated = hours_.date_for(turn.book.open_date(), market, turn.now, sessions);
  if (dated.has_error()) return dated.error();
  const BusinessDate date = *dated;
  if (const auto later = until_later(request, date); later.has_error()) return later.error();
  const bool today = date <= turn.book.open_date();
  const Placed placed =
      placement_.choose(turn.book, PlanId{}, request.strategy, request.environment, monotonic_());
  if (today && !placed.site)
    return Refusal{"NO_SITE", "no strategy site available: " + placed.explain()};

  Plan plan;
  plan.id = turn.book.new_plan_id();
  if (!request.message_id.empty() && !note_message(turn, request, plan.id))
    return already_used(turn, request);
  plan.date = date;
  plan.last_date = request.last_date.value_or(date);
  plan.name = request.name;
  plan.strategy = request.strategy;
  plan.environment = request.environment;
  plan.parameters = request.parameters;
  plan.details = request.details;
  plan.tolerance_percent = request.tolerance_percent;
  plan.created_by = request.actor;
  plan.created_at = plan.status_at = turn.now;
  stores_.plans.insert(turn.work, plan);
  stores_.records.add(
      turn.work, {turn.now, request.actor, "plan create", fmt::format("plan {}", plan.id.value()),
                  "", plan_json(plan), request.reason});
  const PlanId id = plan.id;
  turn.book.plans.put(id, std::move(plan));
  if (!today) return CreatedPlan{id, "", date};
  start_on(turn, id, *placed.site);
  return CreatedPlan{id, turn.book.sites.find(*placed.site)->name, date};
}

Refusal Changes::already_used(Turn& turn, const NewPlan& request) const {
  const auto before = stores_.messages.received(turn.work, request.message_id);
  if (before && before->topic == kNewPlanTopic && same_body(before->body, new_plan_json(request)))
    return {"DUPLICATE_REQUEST",
            fmt::format("message {} asked for plan {} before: it was made then", request.message_id,
                        before->plan.value())};
  return {"DUPLICATE_REQUEST",
          fmt::format(
              "message id {} was used before for something else ({} of order '{}'): no plan "
              "is made, ask again under an id of its own",
              request.message_id, before ? before->topic : "", before ? before->order_number : "")};
}

bool Changes::note_message(Turn& turn, const NewPlan& request, PlanId plan) {
  MessageRow row;
  row.no = MessageNo{turn.book.new_message_no()};
  row.message_id = request.message_id;
  row.date = turn.book.open_date();
  row.plan = plan;
  row.disposition = Disposition::kApplied;
  row.topic = kNewPlanTopic;
  row.body = new_plan_json(request);
  row.received_at = turn.now;
  return stores_.messages.add(turn.work, row);
}

bool Changes::submit(Turn& turn, PlanId plan, const Loads& loads) {
  const Plan& waiting = *turn.book.plans.find(plan);
  const Placed placed = placement_.choose(turn.book, loads, plan, waiting.strategy,
                                          waiting.environment, monotonic_());
  if (!placed.site) return false;
  start_on(turn, plan, *placed.site);
  return true;
}

void Changes::start_on(Turn& turn, PlanId plan, SiteId site) {
  Plan& started = turn.book.plans.edit(plan);
  started.site = site;
  started.session = turn.book.sites.find(site)->session;
  started.status = PlanStatus::kSubmitting;
  started.status_at = turn.now;
  stores_.records.add(turn.work,
                      {turn.now, "platform", "plan start", fmt::format("plan {}", plan.value()), "",
                       turn.book.sites.find(site)->name, ""});
  take_number(turn, plan, PlanRequest::kStart, plan_json(started), false);
}

Result<LineNumber> Changes::change(Turn& turn, PlanId plan, PlanRequest request,
                                   const Parameters& parameters, const std::string& actor,
                                   const std::string& reason) {
  const Plan* const found = turn.book.plans.find(plan);
  if (found == nullptr) return no_plan(plan);
  if (const auto named = well_named(parameters); named.has_error()) return named.error();
  const Plan before = *found;
  const std::string body =
      request == PlanRequest::kModify ? parameters_json(parameters) : std::string{"{}"};
  Plan after = before;
  PlanStatus& status = effective(after);
  // Nobody has it yet: there is no site to ask.
  const bool at_once = before.status == PlanStatus::kToBeSubmitted;
  if (at_once && request == PlanRequest::kCancel)
    status = PlanStatus::kCancelled;
  else if (at_once && request == PlanRequest::kExpire)
    status = before.last_date > before.date ? PlanStatus::kExpiredForDay : PlanStatus::kExpired;
  else if (const auto applied = apply_change(after, request, body, turn.now); applied.has_error())
    return applied.error();
  const bool cached = before.status == PlanStatus::kAbnormal || !before.quarantine_reason.empty();
  if (!cached) turn.book.plans.edit(plan) = std::move(after);
  const LineNumber number = take_number(turn, plan, request, body, cached);
  stores_.records.add(turn.work, {turn.now, actor, fmt::format("plan {}", name_of(request)),
                                  fmt::format("plan {}", plan.value()), plan_json(before),
                                  cached ? "cached until a site has the plan: " + body
                                         : plan_json(*turn.book.plans.find(plan)),
                                  reason});
  return number;
}

LineNumber Changes::take_number(Turn& turn, PlanId plan, PlanRequest request, std::string body,
                                bool cached) {
  const Plan& before = *turn.book.plans.find(plan);
  const Function& function = *find_function(function_of(request));
  MessageRow row;
  row.no = MessageNo{turn.book.new_message_no()};
  row.number = next_of(before.last);
  row.message_id = fmt::format("change-{}-{}", plan.value(), row.number.value());
  row.function_no = function.number;
  row.date = turn.book.open_date();
  row.plan = plan;
  row.disposition = cached ? Disposition::kCached : Disposition::kApplied;
  row.topic = function.topic_out;
  row.body = std::move(body);
  row.received_at = turn.now;
  CHECK(stores_.messages.add(turn.work, row), "a number of a line is given once");
  const LineNumber number = row.number;
  if (cached) {
    intake_.cache(turn, before, std::move(row));
    return number;
  }
  Plan& changed = turn.book.plans.edit(plan);
  changed.last = changed.applied = number;
  write_plan(stores_, turn, changed, changed.epoch);
  emit(turn, changed, number, row.topic, row.body);
  return number;
}

Result<PlanStatus> Changes::done(Turn& turn, PlanId plan, PlanRequest request) {
  const Plan& before = *turn.book.plans.find(plan);
  const Change& change = row_of(request);
  PlanStatus then = change.then;
  if (request == PlanRequest::kExpire && before.last_date > before.date)
    then = PlanStatus::kExpiredForDay;
  if (before.status == then) return then;  // said before
  if (before.status != change.to || request == PlanRequest::kModify)
    return not_running(before, fmt::format("be done with {}", change.name));
  Plan& after = turn.book.plans.edit(plan);
  after.status = then;
  after.status_at = turn.now;
  write_plan(stores_, turn, after, after.epoch);
  return then;
}

Result<PlanStatus> Changes::failed(Turn& turn, PlanId plan, const std::string& reason) {
  const Plan& before = *turn.book.plans.find(plan);
  if (before.status == PlanStatus::kFailed) return PlanStatus::kFailed;
  if (before.status == PlanStatus::kAbnormal)  // its messages wait for a site that has it
    return Refusal{"RECOVERING",
                   fmt::format("plan {} is being taken over: say recover_failed where you cannot "
                               "rebuild it, or fail it after finish",
                               plan.value())};
  if (!allowed(before.status, PlanStatus::kFailed)) return not_running(before, "fail");
  const std::string why = kept_reason(reason);
  const std::string site = turn.book.sites.find(before.site)->name;
  stores_.records.add(turn.work, {turn.now, site, "plan failed",
                                  fmt::format("plan {}", plan.value()), "", "", why});
  turn.effects.call([plan, site, why] {
    log::warn("a plan failed: its site cannot run it",
              {{"plan", plan}, {"site", site}, {"reason", why}});
  });
  Plan& after = turn.book.plans.edit(plan);
  after.status = PlanStatus::kFailed;
  after.fail_reason = why;
  after.status_at = turn.now;
  write_plan(stores_, turn, after, after.epoch);
  return PlanStatus::kFailed;
}

}  // namespace systask::trading
