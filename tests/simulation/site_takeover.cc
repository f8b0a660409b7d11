// How a Site takes a plan over (docs/protocol.md, section 5), and what a zombie says.
#include <boost/json.hpp>

#include "tests/simulation/observer.h"
#include "tests/simulation/site.h"

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace json = boost::json;

namespace {

// What the status in a recover_scheme or a finish asks the site to carry out.
std::optional<PlanRequest> unanswered(PlanStatus status) {
  switch (status) {
    case PlanStatus::kSubmitting: return PlanRequest::kStart;
    case PlanStatus::kPausing: return PlanRequest::kPause;
    case PlanStatus::kResuming: return PlanRequest::kResume;
    case PlanStatus::kCancelling: return PlanRequest::kCancel;
    case PlanStatus::kExpiring: return PlanRequest::kExpire;
    default: return std::nullopt;
  }
}

}  // namespace

void Site::asked_to_rebuild(const Push& push) {
  if (const auto it = plans_.find(push.plan); it != plans_.end() && it->second.epoch > push.epoch)
    return;
  parts_.journal.say("site {} is asked to rebuild plan {} in epoch {}", name_, push.plan.value(),
                     push.epoch.value());
  Held held;
  held.epoch = push.epoch;
  held.stage = Stage::kReading;
  const auto body = json::parse(push.body).as_object();
  const auto& detail = body.at("plan").as_object().at("details").as_array().front().as_object();
  held.security = std::string{detail.at("stock_code").as_string()};
  held.market = static_cast<int>(detail.at("market_no").as_int64());
  plans_[push.plan] = held;
  if (faults_ && parts_.dice.one_in(15)) {  // it forgets about it: the platform must notice
    plans_.erase(push.plan);
    return;
  }
  if (faults_ && parts_.dice.one_in(15)) {
    ask<bool>(
        push.plan, push.epoch,
        [](Platform& p, const SiteRequest& who, Answer<bool> a) {
          p.recover_failed(who, "no room", a);
        },
        "recover_failed",
        [this, plan = push.plan](Held&, const Result<bool>& answer) {
          if (answer.has_value()) drop(plan, "it cannot rebuild it");
        });
    return;
  }
  go_on(push.plan);
}

void Site::go_on(PlanId plan) {
  Held& held = plans_.at(plan);
  switch (held.stage) {
    case Stage::kRunning: return;
    case Stage::kReading:
      held.pages.clear();
      held.after = {};
      return read_page(plan, held);
    case Stage::kClaiming: return claim(plan, held);
    case Stage::kReplaying: return replay(plan, held);
    case Stage::kFinishing: return finish(plan, held, held.through);
  }
}

void Site::read_page(PlanId plan, Held& held) {
  const auto limit = static_cast<std::size_t>(parts_.dice.between(1, 4));
  ask<OpenOrdersPage>(
      plan, held.epoch,
      [after = held.after, limit](Platform& p, const SiteRequest& who, Answer<OpenOrdersPage> a) {
        p.open_orders(who, after, limit, a);
      },
      "open_orders",
      [this, plan](Held& now, const Result<OpenOrdersPage>& answer) {
        if (now.stage != Stage::kReading) return;
        if (answer.has_error()) return drop(plan, answer.error().message);
        const auto page = json::parse(answer->json).as_object();
        const LineNumber snapshot{page.at("snapshot").as_int64()};
        if (!now.pages.empty() && snapshot != now.snapshot) {
          now.pages.clear();
          now.after = {};
          now.snapshot = snapshot;
          return read_page(plan, now);
        }
        now.snapshot = snapshot;
        now.pages.push_back(answer->json);
        for (const json::value& order : page.at("orders").as_array())
          if (const auto& name = order.at("algo_ordid").as_string(); !name.empty())
            now.orders[std::string{name}] = true;
        if (!page.at("next").is_null()) {
          now.after = OrderId{page.at("next").as_int64()};
          return read_page(plan, now);
        }
        now.stage = Stage::kClaiming;
        claim(plan, now);
      });
}

void Site::claim(PlanId plan, Held& held) {
  const LineNumber snapshot = held.snapshot;
  ask<ClaimAnswer>(
      plan, held.epoch,
      [this, snapshot, pages = held.pages](Platform& p, const SiteRequest& who,
                                           Answer<ClaimAnswer> a) {
        p.claim(who, snapshot, [this, pages, who, a](const Result<ClaimAnswer>& answer) {
          if (answer.has_value()) parts_.observer.claimed(who, *answer, pages);
          a(answer);
        });
      },
      "claim",
      [this, plan, snapshot](Held& now, const Result<ClaimAnswer>& answer) {
        if (now.stage != Stage::kClaiming) return;
        if (answer.has_error()) {
          if (answer.error().code != "SNAPSHOT_MOVED") return drop(plan, answer.error().code);
          now.stage = Stage::kReading;
          return go_on(plan);
        }
        parts_.journal.say("site {} has claimed plan {}: epoch {}, as of {}", name_, plan.value(),
                           answer->epoch.value(), snapshot.value());
        now.epoch = answer->epoch;
        now.through = now.acked = snapshot;
        now.stage = Stage::kReplaying;
        replay(plan, now);
      });
}

void Site::replay(PlanId plan, Held& held) {
  const auto limit = static_cast<std::size_t>(parts_.dice.between(1, 5));
  ask<CachedAnswer>(
      plan, held.epoch,
      [limit](Platform& p, const SiteRequest& who, Answer<CachedAnswer> a) {
        p.cached(who, limit, a);
      },
      "cached",
      [this, plan](Held& now, const Result<CachedAnswer>& answer) {
        if (now.stage != Stage::kReplaying) return;
        if (answer.has_error()) return drop(plan, answer.error().code);
        if (answer->through > now.through)
          parts_.journal.breach("R3", "site {} is told plan {} was pushed through {}, it has {}",
                                name_, plan.value(), answer->through.value(), now.through.value());
        // Now and then it asks to finish too early, which must be refused.
        const bool hasty = answer->remaining > 0 && faults_ && parts_.dice.one_in(4);
        if (answer->remaining > 0 && !hasty) return replay(plan, now);
        // Or it goes on with its orders before it has finished.
        if (faults_ && parts_.dice.one_in(8)) {
          place(plan, now);
          cancel(plan, now);
        }
        now.stage = Stage::kFinishing;
        finish(plan, now, answer->through);
      });
}

void Site::finish(PlanId plan, Held& held, LineNumber last) {
  ask<FinishAnswer>(
      plan, held.epoch,
      [last](Platform& p, const SiteRequest& who, Answer<FinishAnswer> a) {
        p.finish(who, last, a);
      },
      "finish",
      [this, plan](Held& now, const Result<FinishAnswer>& answer) {
        if (now.stage != Stage::kFinishing) return;
        if (answer.has_error()) {
          if (answer.error().code != "NOT_DRAINED") return drop(plan, answer.error().code);
          now.stage = Stage::kReplaying;
          return replay(plan, now);
        }
        parts_.journal.say("site {} has finished plan {}: status {}, through {}", name_,
                           plan.value(), static_cast<char>(answer->status), answer->last.value());
        now.stage = Stage::kRunning;
        now.ended = ended(answer->status);
        now.asked = unanswered(answer->status);
        now.asked_at = parts_.agenda.now();
      });
}

void Site::say_stale_things(const Plans& plans) {
  if (!link_) return;
  careless_ = true;
  for (const auto& [plan, held] : plans)
    for (auto n = parts_.dice.between(0, 3); n > 0; --n)
      say_stale_thing(plan, held);
  careless_ = false;
}

// With the epoch that it had; whether that is stale is the platform's business.
void Site::say_stale_thing(PlanId plan, const Held& before) {
  Held held = before;
  switch (parts_.dice.below(9)) {
    case 0:
    case 1: return place(plan, held);
    case 2: return cancel(plan, held);
    case 3: held.asked = PlanRequest::kStart; return say_done(plan, held);
    case 4:
      if (held.stage != Stage::kReading) held.snapshot = held.through;
      held.pages.clear();
      return claim(plan, held);
    case 5: return replay(plan, held);
    case 6: return finish(plan, held, held.through);
    case 7: return acknowledge(plan, held);
    default:
      return ask<bool>(plan, held.epoch,
                       [](Platform& p, const SiteRequest& who, Answer<bool> a) {
                         p.recover_failed(who, "woken late", a);
                       },
                       "recover_failed", {});
  }
}

}  // namespace systask::simulation
