// What the Observer hears, and what it asks for at the end.
#include <algorithm>
#include <boost/json.hpp>

#include "tests/simulation/observer.h"
#include "trading/plan_json.h"
#include "trading/text_hash.h"

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace {

constexpr Micros kHold{5'000'000};
constexpr Micros kStall{300'000};
constexpr Micros kBatch{10'000};  // from what is asked to what is done, at most

}  // namespace

void Observer::change_accepted(PlanNo plan, LineNumber number, const std::string& name) {
  changes_[{plan, number.value()}] = name;
}

void Observer::taken(int link, const std::string& id) {
  if (link < stream_.link) return;  // read late: a newer one has begun
  if (link > stream_.link) stream_ = {link, looked_at_, {}, 0};
  if (row_of(id) == nullptr && std::ranges::find(stream_.ids, id) == stream_.ids.end())
    stream_.ids.push_back(id);  // else it is a repeat
}

void Observer::acknowledged(const std::string& id) {
  acked_.insert(id);
  newly_acked_.push_back(id);
}

void Observer::order_left(const OutRow& row) {
  const auto key = std::pair{row.plan, row.algo_ordid};
  if (!t_.algo_ids.contains(key))
    journal_.breach("R9", "order {} of plan {} left, and is not in the tables", row.algo_ordid,
                    row.plan.value());
}

void Observer::pushed(const Push& push) {
  if (push.line == LineNumber{}) return;
  const auto p = push.plan.value();
  const auto [holder, first] = holders_.try_emplace({push.plan, push.epoch}, push.session);
  if (!first && holder->second != push.session)
    journal_.breach("R5", "plan {} in epoch {} is pushed to session {}, and was to {}", p,
                    push.epoch.value(), push.session.value(), holder->second.value());
  const MessageRow* row = nullptr;
  for (const auto& [no, candidate] : t_.messages)
    if (candidate.plan == push.plan && candidate.number == push.line) row = &candidate;
  const bool skip = push.topic == "asset.algo.skip";
  const bool event = row != nullptr && row->disposition == Disposition::kApplied;
  if (skip == event)
    return journal_.breach("R3", "number {} of plan {} is pushed as {}, and is {}",
                           push.line.value(), p, push.topic,
                           event ? "an event" : "no applied message");
  if (event && (row->body != push.body || row->topic != push.topic))
    journal_.breach("R3", "number {} of plan {} is pushed with another body", push.line.value(), p);
}

void Observer::published(const Publication& publication) {
  if (publication.line == LineNumber{}) published_.insert(publication.body);
}

// --- sessions ---

void Observer::service_started() {
  stream_ = {};  // what was queued in the one before is gone
  started_ = now_;
  leases_.clear();
  // Whoever dies while it stands still starts awake.
  if (stalls_.empty() || stalls_.back().first <= now_) return;
  stalls_.back().second -= stalls_.back().first - now_;
  stalls_.back().first = now_;
}

void Observer::service_stalled(Micros length) { stalls_.emplace_back(now_ + length, length); }

void Observer::logged_in(SessionId session, const std::string& site, Micros now) {
  Lease lease{now};
  // It may have been found lost already, and this login is only a little ahead of that.
  if (const auto it = leases_.find(session); it != leases_.end() &&
                                             it->second.closed >= Micros{0} &&
                                             now - it->second.closed >= kSiteGrace)
    lease.late = {it->second.closed, now};
  leases_[session] = lease;
  names_[session] = site;
}

void Observer::heard(SessionId session, Micros now) {
  const auto it = leases_.find(session);
  if (it == leases_.end()) return;
  Lease& lease = it->second;
  if (now - lease.heard >= kSuspect) lease.late = {lease.heard, now};
  lease.heard = now;
}

void Observer::disconnected(SessionId session, Micros now) {
  if (const auto it = leases_.find(session); it != leases_.end()) it->second.closed = now;
}

// By a login of its site, which is committed with the end of the one before it.
bool Observer::replaced(SessionId session) const {
  return std::ranges::any_of(t_.sites, [&](const auto& entry) {
    return entry.second.session > session && names_.contains(session) &&
           names_.at(session) == entry.second.name;
  });
}

void Observer::session_lost(SessionId session, Micros now) {
  for (const auto& [id, site] : t_.sites)
    if (site.live && site.session == session)
      journal_.breach("R5", "session {} is lost, and the row of site {} says that it lives",
                      session.value(), site.name);
  if (replaced(session)) {
    leases_.erase(session);
    return;
  }
  const auto it = leases_.find(session);
  // Time in which the service itself stood still does not count.
  const auto awake_since = [&](Micros since) {
    Micros passed = now - since;
    for (const auto& [end, length] : stalls_)
      if (length > kStall && end > since)
        passed -= std::min(length, std::min(end, now) - std::max(since, end - length));
    return passed;
  };
  if (it == leases_.end()) {
    if (awake_since(started_) < kStartGrace)
      journal_.breach("R12", "session {} had {} ms to come back after the start", session.value(),
                      awake_since(started_).count() / 1000);
    return;
  }
  const Lease lease = it->second;
  leases_.erase(it);
  if (lease.closed >= Micros{0}) {
    // It may have closed between the look that found it silent and the batch that wrote so.
    const bool silent_before =
        awake_since(lease.closed) <= kBatch && awake_since(lease.heard) >= kSuspect;
    if (!silent_before && awake_since(lease.closed) < kSiteGrace)
      journal_.breach("R12", "session {} had {} ms to come back", session.value(),
                      awake_since(lease.closed).count() / 1000);
    return;
  }
  // It may have spoken again between the look that found it lost and the batch that did it.
  const bool too_late = lease.late.second > Micros{0} && awake_since(lease.late.second) <= kBatch;
  const Micros silent = awake_since(too_late ? lease.late.first : lease.heard);
  if (silent < (too_late ? kSiteGrace : kSuspect))
    journal_.breach("R12", "session {} was given up after {} ms of silence", session.value(),
                    silent.count() / 1000);
  int others = 0;
  bool somebody = false;
  for (const auto& [other, seen] : leases_) {
    const bool live = std::ranges::any_of(t_.sites, [&, id = other](const auto& entry) {
      return entry.second.live && entry.second.session == id;
    });
    if (seen.closed >= Micros{0} || !live) continue;
    ++others;
    somebody |= awake_since(seen.heard) <= kSiteTimeout + kSiteGrace;
  }
  if (others > 1 && !somebody && silent < kSiteTimeout + kHold - kSiteGrace)
    journal_.breach("R12", "session {} was given up after {} ms while every site is silent",
                    session.value(), silent.count() / 1000);
}

// --- requests of sites ---

void Observer::asked(const std::string& site, const SiteRequest& who, const std::string& what) {
  journal_.say("site {} asks {} of plan {} in epoch {} (session {})", site, what, who.plan.value(),
               who.epoch.value(), who.session.value());
}

void Observer::judged(const SiteRequest& who, const std::string& what, const std::string& code) {
  if (code != "ok")
    journal_.say("  {} of plan {} in epoch {} is refused: {}", what, who.plan.value(),
                 who.epoch.value(), code);
  if (code == "INTERNAL" || code == "BUSY") return;
  const auto plan = t_.plans.find(who.plan);
  if (plan == t_.plans.end()) return;
  const auto before = before_.find(who.plan);
  // A plan gets another epoch when it becomes abnormal: in one and the same it was so all along.
  const auto closed = [&](const Plan& one) {
    return one.status == PlanStatus::kAbnormal && one.epoch == who.epoch;
  };
  const bool ordering = what.starts_with("place ") || what.starts_with("cancel ");
  if (ordering && closed(plan->second) && before != before_.end() && closed(before->second) &&
      code != "RECOVERING" && code != "STALE_EPOCH")
    journal_.breach("R4", "{} got {} while plan {} is abnormal", what, code, who.plan.value());
  if (code != "ok") return;
  // In the batch that answered, the plan may have moved on from its epoch, but by this step only.
  const Epoch least = before == before_.end() ? Epoch{1} : before->second.epoch;
  const bool claim = what == "claim";
  const Epoch held = claim ? next_of(who.epoch) : who.epoch;
  if (held < least || held > plan->second.epoch)
    return journal_.breach("R6", "{} of plan {} in epoch {} was accepted: it is in epoch {}", what,
                           who.plan.value(), who.epoch.value(), plan->second.epoch.value());
  const bool reading = what == "open_orders" || what == "recover_failed";
  if (reading) return;
  const auto [holder, first] = holders_.try_emplace({who.plan, held}, who.session);
  if (!first && holder->second != who.session)
    journal_.breach("R6", "{} of plan {} in epoch {} was accepted from session {}, not {}", what,
                    who.plan.value(), who.epoch.value(), who.session.value(),
                    holder->second.value());
  if (what.starts_with("place ")) {
    const std::pair key{who.plan, what.substr(6)};
    if (!t_.algo_ids.contains(key))
      journal_.breach("R9", "order {} was accepted, and is not in the tables", key.second);
    accepted_.emplace(key.first.value(), key.second);
  }
}

void Observer::claimed(const SiteRequest& who, const ClaimAnswer& answer,
                       const std::vector<std::string>& pages) {
  const auto plan = t_.plans.find(who.plan);
  if (pages.empty() || plan == t_.plans.end() || plan->second.epoch != answer.epoch ||
      plan->second.phase != RecoveryPhase::kReplaying || plan->second.applied != answer.snapshot ||
      !paged_.insert({who.plan, answer.epoch}).second)
    return;
  std::map<std::int64_t, std::string> rebuilt;  // as the site has them
  for (const std::string& text : pages) {
    const auto page = boost::json::parse(text).as_object();
    if (page.at("snapshot").as_int64() != answer.snapshot.value())
      journal_.breach("R4", "a page of plan {} is of another snapshot", who.plan.value());
    for (const auto& entry : page.at("orders").as_array()) {
      const auto& order = entry.as_object();
      rebuilt[order.at("order").as_int64()] =
          fmt::format("{} {} {}", order.at("filled").as_int64(), order.at("cancelled").as_int64(),
                      std::string{order.at("entrust_state").as_string()});
    }
  }
  std::map<std::int64_t, std::string> kept;
  for (const auto& [id, order] : t_.orders)
    if (order.plan == who.plan && order.open())
      kept[id.value()] =
          fmt::format("{} {} {}", order.filled, order.cancelled, static_cast<char>(order.state()));
  if (rebuilt != kept)
    journal_.breach("R4", "plan {} was rebuilt with {} open orders as of {}, it has {}",
                    who.plan.value(), rebuilt.size(), answer.snapshot.value(), kept.size());
}

// --- the end ---

std::string Observer::unrest() const {
  for (const auto& [id, plan] : t_.plans) {
    if (!plan.quarantine_reason.empty())
      return fmt::format("plan {} is quarantined: {}", id.value(), plan.quarantine_reason);
    if (plan.status == PlanStatus::kAbnormal)
      return fmt::format("plan {} is abnormal (phase '{}', epoch {})", id.value(),
                         static_cast<char>(plan.phase), plan.epoch.value());
    if (awaits_site(plan.status))
      return fmt::format("plan {} waits for its site in status {}", id.value(),
                         static_cast<char>(plan.status));
  }
  // An order that is at the market may wait for its acknowledgement until the next login.
  for (const auto& [no, row] : t_.outbox)
    if (row.kind == OutKind::kPublication ||
        market_.order_of(row.plan.value(), row.algo_ordid) == nullptr)
      return fmt::format("row {} ({}) waits in the outbox", no.value(), row.topic);
  return "";
}

void Observer::compare_digest_with_market(PlanNo plan, char status) {
  const Fold& fold = folds_.at(plan);
  for (const auto& [key, truth] : market_.orders()) {
    if (truth.plan != plan) continue;
    const auto it = fold.orders().find(key);
    if (it == fold.orders().end() || it->second.filled != truth.filled ||
        it->second.cancelled != truth.cancelled || it->second.state() != truth.state())
      journal_.breach("R10",
                      "order {}{} of plan {} (status {}) is not what it is at the market: "
                      "filled {} of {}",
                      truth.number, truth.algo_ordid, plan, status,
                      it == fold.orders().end() ? -1 : it->second.filled, truth.filled);
  }
}

void Observer::at_the_end(const std::map<PlanNo, std::string>& digests) {
  look();
  for (const auto& [id, report] : market_.reports()) {
    const MessageRow* const row = row_of(id);
    if (report.published == 0) continue;
    if (row == nullptr) {
      journal_.breach("R1", "message {} was sent and is nowhere", id);
      continue;
    }
    const auto d = row->disposition;
    const bool fits = report.fate == Fate::kEffect ? d == Disposition::kApplied
                      : report.fate == Fate::kOneOfDeal
                          ? d == Disposition::kApplied || d == Disposition::kDuplicate
                      : report.fate == Fate::kPass ? d == Disposition::kPassed
                      : report.fate == Fate::kNoOrder
                          ? d == Disposition::kParked || d == Disposition::kQuarantined
                          // or an operator has skipped it
                          : d == Disposition::kQuarantined || d == Disposition::kDuplicate;
    if (report.fate == Fate::kPass && !published_.contains(report.body))
      journal_.breach("R1", "message {} was passed on, and nobody was told", id);
    if (!fits)
      journal_.breach("R1", "message {} of function {} ended as '{}': {}", id, report.function,
                      static_cast<char>(d), row->reason);
  }
  for (const auto& [key, name] : changes_)
    if (!lines_.contains({PlanId{key.first}, LineNumber{key.second}}))
      journal_.breach("R1", "a client's {} of plan {} took number {} and is nowhere", name,
                      key.first, key.second);
  for (const auto& [plan, algo] : accepted_)
    if (market_.order_of(plan, algo) == nullptr)
      journal_.breach("R9", "order {} of plan {} was accepted and never reached the market", algo,
                      plan);
  for (const auto& [plan, digest] : digests) {
    const char status = static_cast<char>(t_.plans.at(PlanId{plan}).effective_status());
    compare_digest_with_market(plan, status);
    if (digest != sha256_hex(folds_.at(plan).digest_text(status)))
      journal_.breach("R10", "plan {}: the platform's digest is not that of the messages", plan);
  }
}

}  // namespace systask::simulation
