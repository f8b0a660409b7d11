#include "peers/site/takeover.h"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "base/log.h"
#include "peers/site/body.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

constexpr int kOrdersAPage = 1000;
constexpr int kCachedAtOnce = 2000;

bool passing(const std::string& code) {
  return code == "CONNECTION_LOST" || code == "BUSY" || code == "INTERNAL" ||
         code == "NOT_LOGGED_IN";
}

}  // namespace

Takeover::Takeover(Link& link, Plans& plans, Hooks hooks)
    : link_(link), plans_(plans), hooks_(std::move(hooks)) {}

void Takeover::offered(std::int64_t plan, std::int64_t epoch, const json::object& body) {
  if (HeldPlan* held = plans_.find(plan); held != nullptr) {
    if (epoch <= held->line.epoch()) return;  // a repeat, or older than what is held
    hooks_.drop(plan);
  }
  auto state = PlanState::from_plan(object_at(body, "plan"));
  if (!state) return cannot_rebuild(plan, epoch, state.error().message);
  auto strategy = make_strategy(state->strategy());
  if (strategy == nullptr)
    return cannot_rebuild(plan, epoch, "the site does not run strategy " + state->strategy());
  HeldPlan& held = plans_.add(plan);
  held.phase = Phase::kPages;
  held.line = Line{epoch, 0};
  held.state = std::move(*state);
  held.snapshot = integer_at(body, "snapshot");
  held.skipped = integer_at(body, "skipped");
  held.strategy = std::move(strategy);
  advance(held);
}

void Takeover::advance(HeldPlan& held) {
  if (held.asked || held.running()) return;
  switch (held.phase) {
    case Phase::kPages:
      return ask(held, "open_orders", {{"after", held.page_after}, {"limit", kOrdersAPage}},
                 &Takeover::take_page);
    case Phase::kClaim:
      return ask(held, "claim", {{"snapshot", held.snapshot}}, &Takeover::take_claim);
    case Phase::kDraining:
      return ask(held, "cached", {{"limit", kCachedAtOnce}}, &Takeover::take_cached);
    case Phase::kFinish:
      return ask(held, "finish", {{"through", held.line.last()}, {"digest", digest_of(held.state)}},
                 &Takeover::take_finish);
    case Phase::kRunning: return;
  }
}

void Takeover::retry() {
  for (const auto plan : plans_.numbers())
    if (HeldPlan* held = plans_.find(plan); held != nullptr) advance(*held);
}

void Takeover::ask(HeldPlan& held, const char* name, const json::object& body, Step then) {
  held.asked = true;
  link_.request({name, held.id, held.line.epoch()}, body,
                [this, plan = held.id, serial = held.serial, then](const Answer& answer) {
                  HeldPlan* asker = plans_.find(plan, serial);
                  if (asker == nullptr) return;
                  asker->asked = false;
                  if (!answer) return refused(*asker, answer.error());
                  (this->*then)(*asker, **answer);
                });
}

void Takeover::refused(HeldPlan& held, const Refusal& refusal) {
  if (passing(refusal.code)) return;  // retry() asks again
  if (refusal.code == "NOT_DRAINED") {
    held.phase = Phase::kDraining;
    return advance(held);
  }
  if (refusal.code == "SNAPSHOT_MOVED") return begin_again(held);
  if (refusal.code == "DIGEST_DIFFERS")
    log::error("the platform sees this plan otherwise",
               {{"plan", held.id}, {"reason", refusal.message}, {"seen", digest_text(held.state)}});
  log::info("takeover ended: the plan is not ours",
            {{"plan", held.id}, {"code", refusal.code}, {"reason", refusal.message}});
  hooks_.drop(held.id);
}

void Takeover::begin_again(HeldPlan& held) {
  held.phase = Phase::kPages;
  held.page_after = 0;
  held.state.forget_orders();
  advance(held);
}

void Takeover::take_page(HeldPlan& held, const json::object& page) {
  if (const auto snapshot = integer_at(page, "snapshot"); snapshot != held.snapshot) {
    held.snapshot = snapshot;
    // The first page may as well be kept; a later one does not fit those before it.
    if (held.page_after != 0) return begin_again(held);
  }
  for (const auto& row : array_at(page, "orders"))
    if (row.is_object()) held.state.restore_order(row.get_object());
  for (const auto& row : array_at(page, "combined"))
    if (row.is_object()) held.state.restore_combined(row.get_object());
  held.page_after = integer_at(page, "next");
  if (held.page_after == 0) held.phase = Phase::kClaim;
  advance(held);
}

void Takeover::take_claim(HeldPlan& held, const json::object& claim) {
  held.snapshot = integer_at(claim, "snapshot");
  held.line = Line{integer_at(claim, "epoch"), held.snapshot};
  held.phase = Phase::kDraining;
  hooks_.claimed(held);
  advance(held);
}

void Takeover::take_cached(HeldPlan& held, const json::object& cached) {
  if (integer_at(cached, "remaining") == 0) held.phase = Phase::kFinish;
  advance(held);
}

void Takeover::take_finish(HeldPlan& held, const json::object& finish) {
  const std::string status = text_at(finish, "status");
  if (!status.empty()) held.state.set_status(status.front());
  held.phase = Phase::kRunning;
  hooks_.finished(held);
}

void Takeover::cannot_rebuild(std::int64_t plan, std::int64_t epoch, const std::string& reason) {
  log::warn("a plan cannot be rebuilt here", {{"plan", plan}, {"reason", reason}});
  link_.request({"recover_failed", plan, epoch}, {{"reason", reason}}, {});
}

}  // namespace systask::peers
