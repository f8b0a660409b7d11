#include "trading/line.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "trading/ports/plan_store.h"
#include "trading/stores.h"

namespace systask::trading {

void write_plan(const Stores& stores, Turn& turn, const Plan& plan, Epoch fenced_by) {
  if (stores.plans.update(turn.work, plan, fenced_by)) return;
  throw std::runtime_error{
      fmt::format("plan {} is not in epoch {} in the database: somebody else changed it",
                  plan.id.value(), fenced_by.value())};
}

void emit(Turn& turn, const Plan& plan, LineNumber number, std::string_view topic,
          std::string body) {
  if (plan.session != SessionId{})
    turn.effects.push({plan.session, std::string{topic}, plan.id, plan.epoch, number, body});
  turn.effects.publish({std::string{topic}, plan.id, number, std::move(body)});
}

void emit_skip(Turn& turn, const Plan& plan, LineNumber number, std::string_view reason) {
  if (plan.session != SessionId{})
    turn.effects.push({plan.session, std::string{kSkipTopic}, plan.id, plan.epoch, number,
                       fmt::format(R"({{"reason":"{}"}})", reason)});
}

void notify(Turn& turn, const Plan& plan, std::string_view topic, std::string body) {
  if (plan.session != SessionId{})
    turn.effects.push(
        {plan.session, std::string{topic}, plan.id, plan.epoch, LineNumber{}, std::move(body)});
}

}  // namespace systask::trading
