#include "peers/site/desk.h"

#include <boost/json.hpp>
#include <utility>
#include <variant>

#include "base/log.h"
#include "peers/site/body.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

// Nothing was changed, and the same question may succeed later.
bool passing(const std::string& code) {
  return code == "CONNECTION_LOST" || code == "BUSY" || code == "INTERNAL" ||
         code == "RECOVERING" || code == "NOT_LOGGED_IN";
}

Order* find_order(PlanState& state, const Cancel& cancel) {
  Order* order = state.find_by_algo(cancel.algo_ordid);
  return order != nullptr ? order : state.find(cancel.market, cancel.number);
}

}  // namespace

Desk::Desk(Link& link, Plans& plans, Hooks hooks)
    : link_(link), plans_(plans), hooks_(std::move(hooks)) {}

template <class Function>
OnAnswer Desk::for_plan(const HeldPlan& held, Function then) {
  return
      [this, plan = held.id, serial = held.serial, then = std::move(then)](const Answer& answer) {
        if (HeldPlan* asker = plans_.find(plan, serial); asker != nullptr) then(*asker, answer);
      };
}

void Desk::act(HeldPlan& held, const Actions& actions) {
  for (const Action& action : actions)
    std::visit(Overloaded{[&](const Place& order) { place(held, order); },
                          [&](const Cancel& order) { cancel(held, order); },
                          [&](const Done& done) { say_done(held, done.request); },
                          [&](const Fail& fail) { say_failed(held, fail.reason); }},
               action);
}

void Desk::retry(HeldPlan& held) {
  std::vector<std::string> unasked;
  for (const auto& [algo_ordid, placement] : held.placements)
    if (!placement.asked) unasked.push_back(algo_ordid);
  for (const std::string& algo_ordid : unasked)
    ask_place(held, algo_ordid);
}

void Desk::place(HeldPlan& held, const Place& order) {
  const std::string algo_ordid =
      std::to_string(held.line.epoch()) + "-" + std::to_string(held.next_order++);
  held.placements[algo_ordid] = {order};
  ask_place(held, algo_ordid);
}

void Desk::ask_place(HeldPlan& held, const std::string& algo_ordid) {
  Placement& placement = held.placements.at(algo_ordid);
  const Place& order = placement.order;
  const json::object body{{"algo_ordid", algo_ordid},     {"market_no", order.market},
                          {"stock_code", order.security}, {"entrust_direction", order.direction},
                          {"entrust_price", order.price}, {"entrust_amount", order.quantity}};
  placement.asked = true;
  link_.request({"place", held.id, held.line.epoch()}, body,
                for_plan(held, [this, algo_ordid](HeldPlan& asker, const Answer& answer) {
                  place_answered(asker, algo_ordid, answer);
                }));
}

void Desk::place_answered(HeldPlan& held, const std::string& algo_ordid, const Answer& answer) {
  const auto found = held.placements.find(algo_ordid);
  if (found == held.placements.end()) return;
  found->second.asked = false;
  if (!answer) {
    if (passing(answer.error().code) || lost_to_another(held, answer.error())) return;
    log::info("an order was not accepted", {{"plan", held.id},
                                            {"order", algo_ordid},
                                            {"code", answer.error().code},
                                            {"reason", answer.error().message}});
    held.placements.erase(found);
    return;
  }
  const Place placed = std::move(found->second.order);
  held.placements.erase(found);
  Order order;
  order.market = placed.market;
  order.algo_ordid = algo_ordid;
  order.security = placed.security;
  order.direction = placed.direction;
  order.quantity = placed.quantity;
  held.state.accepted(order);
  hooks_.placed(held, algo_ordid, placed.quantity);
}

void Desk::cancel(HeldPlan& held, const Cancel& order) {
  Order* known = find_order(held.state, order);
  if (known == nullptr || std::exchange(known->cancel_asked, true)) return;
  json::object body;
  if (!order.algo_ordid.empty()) {
    body["algo_ordid"] = order.algo_ordid;
  } else {
    body["market_no"] = order.market;
    body["entrust_no"] = order.number;
  }
  link_.request({"cancel", held.id, held.line.epoch()}, body,
                for_plan(held, [this, order](HeldPlan& asker, const Answer& answer) {
                  cancel_answered(asker, order, answer);
                }));
}

void Desk::cancel_answered(HeldPlan& held, const Cancel& order, const Answer& answer) {
  if (answer) return;
  // An order that has ended meanwhile says so on the line.
  if (!passing(answer.error().code))
    return static_cast<void>(lost_to_another(held, answer.error()));
  if (Order* known = find_order(held.state, order); known != nullptr) known->cancel_asked = false;
}

void Desk::say_done(HeldPlan& held, std::string_view request) {
  if (!held.done_asked.empty()) return;
  held.done_asked = request;
  link_.request({"plan_done", held.id, held.line.epoch()}, {{"request", held.done_asked}},
                for_plan(held, [this](HeldPlan& asker, const Answer& answer) {
                  status_answered(asker, answer);
                }));
}

void Desk::say_failed(HeldPlan& held, const std::string& reason) {
  if (!held.done_asked.empty()) return;
  held.done_asked = request_of(held.state.status());
  log::warn("a plan cannot be run", {{"plan", held.id}, {"reason", reason}});
  link_.request({"plan_failed", held.id, held.line.epoch()}, {{"reason", reason}},
                for_plan(held, [this](HeldPlan& asker, const Answer& answer) {
                  status_answered(asker, answer);
                }));
}

void Desk::status_answered(HeldPlan& held, const Answer& answer) {
  const std::string done = std::exchange(held.done_asked, {});
  if (!answer) {
    if (passing(answer.error().code) || lost_to_another(held, answer.error())) return;
    log::info("what was done was refused", {{"plan", held.id},
                                            {"request", done},
                                            {"code", answer.error().code},
                                            {"reason", answer.error().message}});
    return ask_status(held);
  }
  // Where the line has moved the plan on meanwhile, what the line says is newer.
  const std::string status = text_at(**answer, "status");
  if (!status.empty() && request_of(held.state.status()) == done)
    held.state.set_status(status.front());
}

// The platform sees the plan otherwise than this site does: take its word for the status.
void Desk::ask_status(HeldPlan& held) {
  held.done_asked = request_of(held.state.status());
  link_.request({"plan_state", held.id, held.line.epoch()},
                for_plan(held, [this](HeldPlan& asker, const Answer& answer) {
                  asker.done_asked.clear();
                  if (!answer) return static_cast<void>(lost_to_another(asker, answer.error()));
                  const std::string status = text_at(object_at(**answer, "plan"), "status");
                  if (!status.empty()) asker.state.set_status(status.front());
                }));
}

bool Desk::lost_to_another(HeldPlan& held, const Refusal& refusal) {
  if (refusal.code != "STALE_EPOCH" && refusal.code != "NO_SUCH_PLAN") return false;
  hooks_.drop(held.id);
  return true;
}

}  // namespace systask::peers
