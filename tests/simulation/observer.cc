// What the Observer checks in the tables after every step.
#include "tests/simulation/observer.h"

#include <boost/json.hpp>

#include "trading/plan_json.h"

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

const Report* Observer::report_of(const std::string& id) const {
  const auto it = market_.reports().find(id);
  return it == market_.reports().end() ? nullptr : &it->second;
}

const MarketOrder* Observer::truth_of(const Report& report) const {
  if (report.combined) return nullptr;
  const auto it = market_.orders().find(report.order);
  return it == market_.orders().end() ? nullptr : &it->second;
}

PlanNo Observer::plan_of(const Report& report) const {
  if (report.combined) return market_.pairs().at(report.order).plan;
  const MarketOrder* const order = truth_of(report);
  return order == nullptr ? 0 : order->plan;
}

const MessageRow* Observer::row_of(const std::string& id) const {
  for (const auto& [no, row] : t_.archived_messages)
    if (row.message_id == id) return &row;  // what comes again after that is a repeat
  const auto it = t_.message_ids.find(id);
  return it == t_.message_ids.end() ? nullptr : &t_.messages.at(it->second);
}

void Observer::look() {
  if (journal_.broken()) return;
  read_messages();
  check_stream();
  for (const std::string& id : std::exchange(newly_acked_, {}))
    if (row_of(id) == nullptr)
      journal_.breach("R1", "message {} was acknowledged and is nowhere in the tables", id);
  for (const auto& [id, plan] : t_.plans)
    check_plan(plan);
  for (const auto& [no, row] : t_.messages)
    if (row.disposition == Disposition::kParked) check_parked(row);
  for (const auto& [id, site] : t_.sites)
    names_[site.session] = site.name;
  before_ = t_.plans;
  if (!t_.messages.empty()) looked_at_ = std::max(looked_at_, t_.messages.rbegin()->first);
}

void Observer::read_messages() {
  lines_.clear();
  for (const auto* table : {&t_.messages, &t_.archived_messages})
    for (const auto& [no, row] : *table) {
      check_row(row);
      if (row.number == LineNumber{}) continue;
      const LineKey key{row.plan, row.number};
      if (!lines_.emplace(key, &row).second)
        journal_.breach("R3", "number {} of plan {} was given twice", row.number.value(),
                        row.plan.value());
      if (row.disposition == Disposition::kCached) cached_as_[key] = row.message_id;
    }
}

// On one connection none overtakes another, also where a batch is lost in the middle of it.
void Observer::check_stream() {
  const auto recorded = [this](const std::string& id) { return row_of(id) != nullptr; };
  while (stream_.recorded < stream_.ids.size() && recorded(stream_.ids[stream_.recorded]))
    ++stream_.recorded;
  for (std::size_t i = stream_.recorded + 1; i < stream_.ids.size(); ++i)
    if (const MessageRow* const row = row_of(stream_.ids[i]);
        row != nullptr && row->no > stream_.from)
      journal_.breach("R10", "message {} was taken, and {}, before it on its connection, was not",
                      row->message_id, stream_.ids[stream_.recorded]);
}

void Observer::check_row(const MessageRow& row) {
  const bool waits = t_.cache.contains({row.plan, row.number});
  if (waits != (row.disposition == Disposition::kCached))
    journal_.breach("R1", "message {} is '{}' and {} in the cache", row.message_id,
                    static_cast<char>(row.disposition), waits ? "is" : "is not");
  if (row.message_id.starts_with("change-")) return;
  const Report* const report = report_of(row.message_id);
  if (report == nullptr || report->published == 0 || report->body != row.body)
    return journal_.breach("R2", "message {} is in the tables, and nobody sent it", row.message_id);
  const bool poisoned = report->fate == Fate::kQuarantine || report->fate == Fate::kNoOrder;
  // A repeat that comes when the day is archived finds nobody who knows it (R13).
  const auto of_yesterday = [&] { return row_of(row.message_id) != &row; };
  if (row.disposition == Disposition::kQuarantined && !poisoned && !of_yesterday())
    journal_.breach("R1", "message {} is quarantined, and there is nothing wrong with it: {}",
                    row.message_id, row.reason);
  if (row.disposition == Disposition::kApplied && poisoned)
    journal_.breach("R2", "message {} is impossible, and was applied", row.message_id);
  if ((row.disposition == Disposition::kPassed) != (report->fate == Fate::kPass))
    journal_.breach("R1", "message {} is '{}'", row.message_id, static_cast<char>(row.disposition));
  if (row.disposition == Disposition::kQuarantined && row.reason.empty())
    journal_.breach("R11", "message {} is quarantined without a reason", row.message_id);
}

void Observer::check_parked(const MessageRow& row) {
  const Report* const sent = report_of(row.message_id);
  if (sent == nullptr) return;  // nobody did: told already
  const Report& report = *sent;
  const auto fold = folds_.find(plan_of(report));
  if (report.fate == Fate::kNoOrder || fold == folds_.end()) return;
  const MarketOrder* truth = truth_of(report);
  // A leg is known with its combined order.
  if (fold->second.knows_order(report, truth) &&
      (truth == nullptr || truth->algo_ordid.empty() || fold->second.orders().contains(truth->key)))
    journal_.breach("R1", "message {} is parked, and its order is known to plan {}", row.message_id,
                    fold->first);
}

void Observer::check_plan(const Plan& plan) {
  const auto fold = folds_.find(plan.id.value());
  if (fold == folds_.end()) return;
  const auto before = before_.find(plan.id);
  const Plan* const last = before == before_.end() ? nullptr : &before->second;
  if (last != nullptr) check_hands(*last, plan);
  // Numbers that are given but not applied wait in the cache, and only while somebody must
  // still take the plan.
  for (auto n = next_of(plan.applied); n <= plan.last; n = next_of(n))
    if (const auto line = lines_.find({plan.id, n});
        !t_.cache.contains({plan.id, n}) &&
        (line == lines_.end() || line->second->disposition != Disposition::kQuarantined))
      journal_.breach("R8", "number {} of plan {} is neither applied nor cached ({}, {} of {})",
                      n.value(), plan.id.value(),
                      line == lines_.end()
                          ? std::string{"nowhere"}
                          : fmt::format("{} '{}'", line->second->message_id,
                                        static_cast<char>(line->second->disposition)),
                      plan.applied.value(), plan.last.value());
  if (plan.status != PlanStatus::kAbnormal && plan.quarantine_reason.empty() &&
      plan.applied != plan.last)
    journal_.breach("R7", "plan {} runs, and number {} of {} is applied: a message is left behind",
                    plan.id.value(), plan.applied.value(), plan.last.value());
  accept_orders(last, plan, fold->second);
  fold_numbers(plan, fold->second);
  compare(plan, fold->second);
}

void Observer::check_hands(const Plan& before, const Plan& plan) {
  const auto p = plan.id.value();
  if (plan.epoch < before.epoch || plan.applied < before.applied || plan.last < before.last)
    journal_.breach("R3", "plan {} went back: epoch {}, applied {}, last {}", p, plan.epoch.value(),
                    plan.applied.value(), plan.last.value());
  const bool was = before.status == PlanStatus::kAbnormal;
  const bool is = plan.status == PlanStatus::kAbnormal;
  // A site that is drained keeps its epoch until it has acknowledged what it was pushed.
  if (!was && is && plan.epoch == before.epoch && plan.session != before.session)
    journal_.breach("R5", "plan {} became abnormal in the same epoch {}", p, plan.epoch.value());
  if (plan.phase == RecoveryPhase::kReplaying && before.phase != RecoveryPhase::kReplaying &&
      plan.epoch == before.epoch)
    journal_.breach("R5", "plan {} was claimed and its epoch {} was not raised", p,
                    plan.epoch.value());
  if (before.phase == RecoveryPhase::kReplaying && is && plan.session != before.session &&
      plan.epoch == before.epoch)
    journal_.breach("R5", "plan {} lost its claimant in the same epoch {}", p, plan.epoch.value());
  if (plan.session != SessionId{} && !ended(plan.status)) {
    const auto site = t_.sites.find(plan.site);
    if (site == t_.sites.end() || !site->second.live || site->second.session != plan.session)
      journal_.breach("R5", "plan {} is of session {}, which is dead", p, plan.session.value());
  }
  const bool untouched = was && is && plan.epoch == before.epoch &&
                         plan.phase != RecoveryPhase::kReplaying && !day_turns_ &&
                         before.quarantine_reason.empty();  // or an operator decided
  if (untouched && (plan.applied != before.applied || plan.details != before.details ||
                    plan.parameters != before.parameters))
    journal_.breach("R4", "plan {} is abnormal, nobody has claimed it, and it changed", p);
}

void Observer::accept_orders(const Plan* before, const Plan& plan, Fold& fold) {
  for (const auto& [key, id] : t_.algo_ids) {
    if (key.first != plan.id || fold.accepted(key.second)) continue;
    const Order& order = t_.orders.at(id);
    const bool closed = before != nullptr && before->status == PlanStatus::kAbnormal &&
                        plan.status == PlanStatus::kAbnormal && before->epoch == plan.epoch;
    if (closed || order.epoch > plan.epoch)
      journal_.breach("R4", "order {} was accepted while plan {} is abnormal", key.second,
                      plan.id.value());
    if (!key.second.starts_with(fmt::format("{}-", order.epoch.value())))
      journal_.breach("R6", "order {} of plan {} was accepted in epoch {}", key.second,
                      plan.id.value(), order.epoch.value());
    MarketOrder asked;
    asked.plan = plan.id.value();
    asked.market = order.market.value();
    asked.security = order.security;
    asked.side = static_cast<int>(order.side);
    asked.quantity = order.quantity;
    asked.algo_ordid = key.second;
    fold.accept(key.second, asked);
    const bool leaves = market_.order_of(asked.plan, key.second) != nullptr ||
                        std::ranges::any_of(t_.outbox, [&](const auto& out) {
                          return out.second.plan == plan.id && out.second.algo_ordid == key.second;
                        });
    if (!leaves)
      journal_.breach("R9", "order {} of plan {} was accepted, and nothing will send it",
                      key.second, plan.id.value());
  }
}

void Observer::fold_numbers(const Plan& plan, Fold& fold) {
  const std::int64_t from = fold.applied;
  if (plan.applied.value() == from) return;
  for (std::int64_t n = from + 1; n <= plan.applied.value(); ++n)
    fold_number(plan, fold, LineNumber{n});
  fold.applied = plan.applied.value();
}

void Observer::fold_number(const Plan& plan, Fold& fold, LineNumber number) {
  const auto p = plan.id.value();
  const auto line = lines_.find({plan.id, number});
  if (line == lines_.end()) {
    // Replay has parked it: its order must not be known, and the message must still be there.
    const auto was = cached_as_.find({plan.id, number});
    const bool there =
        was == cached_as_.end() ? gave_up(plan.id, number) : row_of(was->second) != nullptr;
    if (!there)
      journal_.breach("R3", "number {} of plan {} is applied, and no message has it",
                      number.value(), p);
    return;
  }
  const MessageRow& row = *line->second;
  if (row.message_id.starts_with("change-")) {
    const auto* const function = find_function(row.function_no);
    const std::string name{
        function->topic_out.substr(std::string_view{"asset.algo.scheme_"}.size())};
    if (row.disposition != Disposition::kApplied) {
      if (!fold.may_be_refused(name))
        journal_.breach("R1", "change {} of plan {} was refused, and was possible", name, p);
      return;
    }
    std::map<std::string, std::string> parameters;
    if (name == "modify") parameters = parameters_of(row.body).value();
    return fold.change(name, parameters);
  }
  const Report* const sent = report_of(row.message_id);
  if (sent == nullptr) return;  // nobody did: told already
  const Report& report = *sent;
  if (plan_of(report) != p)
    journal_.breach("R1", "message {} of plan {} took a number of plan {}", row.message_id,
                    plan_of(report), p);
  switch (row.disposition) {
    case Disposition::kApplied:
      if (const auto why = fold.apply(report, market_.orders(), market_.pairs()); !why.empty())
        journal_.breach(fold.applied_before(report) ? "R2" : "R3",
                        "message {} is number {} of plan {}, and {}", row.message_id,
                        number.value(), p, why);
      break;
    case Disposition::kDuplicate:
      if (!fold.applied_before(report) && report.fate != Fate::kQuarantine)
        journal_.breach("R1", "message {} was dropped as a repeat, and it is none", row.message_id);
      break;
    case Disposition::kQuarantined: break;  // its report says whether it should be
    default:
      journal_.breach("R1", "number {} of plan {} is applied, and message {} is '{}'",
                      number.value(), p, row.message_id, static_cast<char>(row.disposition));
  }
}

// Whether a message of the plan had that number and has lost it, all since the last look: it came,
// was cached, and replay parked it, or put it behind others that it must wait for. Each answers
// for one number.
bool Observer::gave_up(PlanId plan, LineNumber number) {
  for (auto at = t_.messages.upper_bound(looked_at_); at != t_.messages.end(); ++at) {
    const MessageRow& row = at->second;
    const bool put_off = row.disposition == Disposition::kParked || row.number > number;
    if (row.plan == plan && put_off && gave_up_.insert(at->first).second) return true;
  }
  return false;
}

void Observer::compare(const Plan& plan, const Fold& fold) {
  const auto p = plan.id.value();
  const auto totals = fold.totals();
  if (plan.details.size() != totals.size())
    journal_.breach("R10", "plan {} has totals of {} securities, not {}", p, plan.details.size(),
                    totals.size());
  for (const PlanDetail& d : plan.details) {
    const auto it = totals.find({d.market.value(), d.security, static_cast<int>(d.side)});
    const Total want = it == totals.end() ? Total{} : it->second;
    if (Total{d.quantity, d.ordered, d.filled} != want)
      journal_.breach(
          "R10", "plan {} {}: ordered {} and filled {}; the messages through {} say {} and {}", p,
          d.security, d.ordered, d.filled, plan.applied.value(), want.ordered, want.filled);
  }
  if (*plan.parameters != fold.parameters())
    journal_.breach("R10", "plan {} has other parameters than its clients gave it", p);
  const char status = static_cast<char>(plan.effective_status());
  auto& known = folds_.at(p);
  const bool quiet = plan.status == PlanStatus::kAbnormal;
  if (!known.status_is_possible(status, true))
    journal_.breach("R10", "plan {} has status {} after number {}{}, which nothing explains", p,
                    status, plan.applied.value(), quiet ? " (abnormal)" : "");
  known.status_was(status);
  compare_orders(plan, fold);
}

void Observer::compare_orders(const Plan& plan, const Fold& fold) {
  const auto p = plan.id.value();
  std::size_t seen = 0;
  for (const auto& [id, order] : t_.orders) {
    if (order.plan != plan.id) continue;
    ++seen;
    const MarketOrder* want = nullptr;
    const MarketOrder* const truth =
        order.algo_ordid.empty() ? nullptr : market_.order_of(p, order.algo_ordid);
    if (truth != nullptr && fold.orders().contains(truth->key))
      want = &fold.orders().at(truth->key);
    else if (!order.algo_ordid.empty())
      want = &fold.waiting().at(order.algo_ordid);
    else
      for (const auto& [key, candidate] : fold.orders())
        if (candidate.market == order.market.value() && candidate.number == order.number)
          want = &candidate;
    if (want == nullptr || want->filled != order.filled || want->cancelled != order.cancelled ||
        want->state() != static_cast<char>(order.state()))
      return journal_.breach(
          "R10",
          "order {}{} of plan {}: filled {} cancelled {} state {}; the messages through {} "
          "say {} {} {}",
          order.number, order.algo_ordid, p, order.filled, order.cancelled,
          static_cast<char>(order.state()), plan.applied.value(), want ? want->filled : -1,
          want ? want->cancelled : -1, want ? want->state() : '?');
  }
  std::size_t expected = fold.orders().size();
  for (const auto& [algo, order] : fold.waiting()) {
    const MarketOrder* const truth = market_.order_of(p, algo);
    if (truth == nullptr || !fold.orders().contains(truth->key)) ++expected;
  }
  for (const auto& [id, order] : t_.archived_orders)
    if (order.plan == plan.id) ++seen;
  if (seen != expected) journal_.breach("R10", "plan {} has {} orders, not {}", p, seen, expected);
}

}  // namespace systask::simulation
