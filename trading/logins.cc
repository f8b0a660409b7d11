#include "trading/logins.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "trading/book.h"
#include "trading/line.h"
#include "trading/name_disputes.h"
#include "trading/ports/message_store.h"
#include "trading/ports/records.h"
#include "trading/ports/site_store.h"
#include "trading/recovery.h"
#include "trading/site_watch.h"
#include "trading/stores.h"

namespace systask::trading {
namespace {

constexpr std::size_t kMissedAtATime = 1'000;
constexpr std::string_view kStartTopic = "asset.algo.scheme_start";

LoginAnswer::Kept kept(const Plan& plan) {
  return {plan.id, plan.epoch, plan.effective_status(), plan.phase == RecoveryPhase::kReplaying};
}

std::vector<PlanId> plans_of(const Book& book, SessionId session) {
  std::vector<PlanId> ids;
  book.plans.for_each([&](PlanId id, const Plan& plan) {
    if (plan.session == session) ids.push_back(id);
  });
  std::ranges::sort(ids);
  return ids;
}

// Those that it is asked to rebuild, as the first or as another.
std::vector<PlanId> asked_of(const Book& book, SessionId session) {
  std::vector<PlanId> ids;
  book.plans.for_each([&](PlanId id, const Plan& plan) {
    if (plan.phase != RecoveryPhase::kOffered) return;
    const auto* const others = book.asked.find(id);
    if (plan.session == session ||
        (others != nullptr && std::ranges::find(*others, session) != others->end()))
      ids.push_back(id);
  });
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

void Logins::login(Turn& turn, const LoginRequest& request, const Answer<LoginAnswer>& answer) {
  const Site* const known = turn.book.find_site(request.name);
  Site site = known == nullptr ? Site{} : *known;
  if (known == nullptr) {
    site.id = turn.book.new_site_id();
    site.name = request.name;
  }
  const bool resumes = site.live && request.resume != SessionId{} && request.resume == site.session;
  if (site.live && !resumes) {
    if (!replace(turn, site, request, answer)) return;
    site = *turn.book.sites.find(site.id);
  }
  site.environment = request.environment;
  site.strategies = request.strategies;
  site.capacity = request.capacity;
  site.live = true;
  if (!resumes) {
    site.session = turn.book.new_session_id();
    site.draining = false;
    site.logged_in_at = turn.now;
  }
  stores_.sites.put(turn.work, site);
  turn.book.sites.put(site.id, site);
  turn.effects.call([this, session = site.session, name = site.name, from = request.from] {
    watch_.connected(session, monotonic_());
    disputes_.logged_in(name, from);
  });
  turn.effects.recover_now();
  if (resumes) return resume(turn, site, request, answer);
  turn.effects.call([answer, site, name = site.name] {
    log::info("site logged in", {{"site", name}, {"session", site.session}});
    answer(LoginAnswer{site.id, site.session, false, {}});
  });
}

bool Logins::is_well(SessionId session) const {
  const auto silent = watch_.silent_for(session, monotonic_());
  return watch_.is_connected(session) && silent && *silent <= 2 * options_.heartbeat;
}

bool Logins::replace(Turn& turn, const Site& site, const LoginRequest& request,
                     const Answer<LoginAnswer>& answer) {
  const bool well = is_well(site.session);
  const std::string from = request.from.empty() ? "elsewhere" : request.from;
  const auto closed = disputes_.closed_for(site.name, monotonic_());
  if (well && closed > MonotonicPoint::duration{0}) {
    const std::string holder = disputes_.holder(site.name);
    turn.effects.call([this, answer, name = site.name, from, holder, closed] {
      disputes_.refused(name, from, monotonic_());
      answer(Refusal{
          "NAME_IN_USE",
          fmt::format("site {} is logged in from {}, is well, and was replaced {} times within "
                      "{} s: two processes use this name. Stop one of them; this one may replace "
                      "the other in {} s",
                      name, holder.empty() ? "elsewhere" : holder, NameDisputes::kMost,
                      NameDisputes::kWindow.count(),
                      std::chrono::ceil<std::chrono::seconds>(closed).count())});
    });
    return false;
  }
  turn.effects.call([this, former = site.session, name = site.name, from, well] {
    watch_.forget(former);
    if (!well) return;
    disputes_.replaced(name, from, monotonic_());
    log::warn("a site that was well is replaced by another login under its name",
              {{"site", name}, {"by", from}});
  });
  recovery_.lose(turn, site.session, "it logged in anew", {});
  turn.effects.session_lost(site.session, from);
  return true;
}

void Logins::resume(Turn& turn, const Site& site, const LoginRequest& request,
                    const Answer<LoginAnswer>& answer) {
  LoginAnswer resumed{site.id, site.session, true, {}};
  std::vector<std::pair<PlanId, LineNumber>> missed;
  // What it is asked to rebuild it has in no line yet, whatever it says: it begins again.
  const std::vector<PlanId> asked = asked_of(turn.book, site.session);
  for (const PlanId id : asked)
    resumed.plans.push_back(kept(*turn.book.plans.find(id)));
  for (const PlanId id : plans_of(turn.book, site.session)) {
    const Plan& plan = *turn.book.plans.find(id);
    if (plan.phase == RecoveryPhase::kOffered) continue;
    const auto has = missed_of(turn, plan, request.held);
    if (has.has_error()) {
      recovery_.disown(turn, id, has.error().message);
      continue;
    }
    resumed.plans.push_back(kept(plan));
    if (*has) missed.emplace_back(id, **has);
  }
  turn.effects.call([answer, resumed, name = site.name] {
    log::info("site resumed", {{"site", name}, {"session", resumed.session}});
    answer(resumed);
  });
  for (const PlanId id : asked)
    recovery_.ask_to_rebuild(turn, id, site.session);
  for (const auto& [id, after] : missed)
    push_missed(turn, *turn.book.plans.find(id), after);
  // What it says it has is what it would have acknowledged: a plan that leaves it may go.
  for (const auto& [id, through] : missed)
    if (const Plan& plan = *turn.book.plans.find(id); through <= plan.applied)
      static_cast<void>(recovery_.acknowledge(turn, {site.session, id, plan.epoch}, through));
}

// The number behind which a resumed site's events of the plan begin; nothing where it is pushed
// none; and why nobody runs the plan, where site and platform do not agree about it.
Result<std::optional<LineNumber>> Logins::missed_of(Turn& turn, const Plan& plan,
                                                    const std::vector<LoginRequest::Held>& list) {
  const auto held = std::ranges::find(list, plan.id, &LoginRequest::Held::plan);
  const bool has_it = held != list.end() && held->epoch == plan.epoch;
  if (has_it && held->through <= plan.applied) return std::optional{held->through};
  if (has_it)
    return Refusal{"DIFFERS", fmt::format("its site resumed with number {} of it, and {} is the "
                                          "last there is",
                                          held->through.value(), plan.applied.value())};
  // What has ended is nobody's to run; a claim whose answer was lost the site asks again, under
  // the epoch of the offer.
  if (ended(plan.status) || plan.phase == RecoveryPhase::kReplaying)
    return std::optional<LineNumber>{};
  // A start that never reached it is put again, with what was asked since: cancel, or expire. In
  // any other status the site has answered the start, and has lost the plan since.
  if (plan.status == PlanStatus::kSubmitting || plan.status == PlanStatus::kCancelling ||
      plan.status == PlanStatus::kExpiring)
    if (const auto start = last_start(turn, plan))
      return std::optional{LineNumber{start->value() - 1}};
  return Refusal{"DIFFERS", "its site resumed without it"};
}

std::optional<LineNumber> Logins::last_start(Turn& turn, const Plan& plan) {
  std::optional<LineNumber> found;
  LineNumber after;
  const LineNumber last = plan.applied;
  while (after < last) {
    const auto events = stores_.messages.events(turn.work, plan.id, after, last, kMissedAtATime);
    if (events.empty()) break;
    for (const LineEvent& event : events)
      if (event.topic == kStartTopic) found = event.number;
    after = events.back().number;
  }
  return found;
}

void Logins::push_missed(Turn& turn, const Plan& plan, LineNumber after) {
  // Whatever the site says that it has: nothing comes before number 1, nor behind the last.
  after = std::clamp(after, LineNumber{}, plan.applied);
  // A number that is not in the table yielded no event: what was parked at replay.
  const auto skip_to = [&](LineNumber next) {
    for (after = next_of(after); after < next; after = next_of(after))
      emit_skip(turn, plan, after, "no event");
  };
  const LineNumber end = next_of(plan.applied);
  while (after < plan.applied) {
    const auto events =
        stores_.messages.events(turn.work, plan.id, after, plan.applied, kMissedAtATime);
    if (events.empty()) break;
    for (const LineEvent& event : events) {
      skip_to(event.number);
      if (event.topic == kSkipTopic)
        emit_skip(turn, plan, event.number, "no event");
      else
        turn.effects.push(
            {plan.session, event.topic, plan.id, plan.epoch, event.number, event.body});
    }
  }
  skip_to(end);
}

Result<bool> Logins::logout(Turn& turn, SessionId session) {
  turn.effects.call([this, session] { watch_.forget(session); });
  return recovery_.lose(turn, session, "it logged out", {});
}

Result<bool> Logins::drain(Turn& turn, const std::string& name, const std::string& actor,
                           const std::string& reason) {
  const Site* const found = turn.book.find_site(name);
  if (found == nullptr)
    return Refusal{"NO_SUCH_SITE", fmt::format("there is no site {}: see `systask sites`", name)};
  const SiteId id = found->id;
  const bool drained_before = found->draining;
  Site& site = turn.book.sites.edit(id);
  site.draining = true;
  stores_.sites.put(turn.work, site);
  const auto plans = std::ranges::count_if(plans_of(turn.book, site.session), [&](PlanId plan) {
    return !ended(turn.book.plans.find(plan)->status);
  });
  stores_.records.add(turn.work, {turn.now, actor, "site drain", "site " + name,
                                  drained_before ? "draining" : "open to plans",
                                  fmt::format("draining, {} plans are to move", plans), reason});
  log::info("site is draining", {{"site", name}, {"plans", plans}});
  recovery_.drain_next(turn, id);
  return true;
}

}  // namespace systask::trading
