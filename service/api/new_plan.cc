#include "service/api/new_plan.h"

#include <limits>
#include <utility>

#include "service/api/body.h"
#include "trading/limits.h"

namespace systask::service {
namespace {

constexpr std::int64_t kHighestMarket = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kFirstDate = 1970'01'01;
constexpr std::int64_t kLastDate = 9999'12'31;

trading::PlanDetail detail_of(Body& body) {
  trading::PlanDetail detail;
  detail.market =
      trading::Market{static_cast<std::int32_t>(body.integer("market_no", 0, kHighestMarket))};
  detail.security = body.text("stock_code");
  detail.side =
      body.integer("entrust_direction", 1, 2) == 2 ? trading::Side::kSell : trading::Side::kBuy;
  detail.quantity = body.integer("quantity", 0, trading::kMostQuantity);
  return detail;
}

}  // namespace

Result<trading::NewPlan> new_plan_of(Body body, std::string actor) {
  trading::NewPlan plan;
  plan.name = body.text("name");
  plan.strategy = body.text("strategy");
  plan.environment = body.text_or("environment", "prod");
  plan.parameters = body.texts("parameters");
  for (Body& detail : body.objects("details")) {
    plan.details.push_back(detail_of(detail));
    body.take_mistakes(detail);
  }
  if (const auto date = body.optional_integer("last_date", kFirstDate, kLastDate))
    plan.last_date = trading::BusinessDate{static_cast<std::int32_t>(*date)};
  plan.tolerance_percent = static_cast<std::int32_t>(
      body.optional_integer("tolerance_percent", 0, trading::kMostTolerancePercent).value_or(0));
  plan.actor = std::move(actor);
  plan.reason = body.text_or("reason", "");
  if (body.wrong()) return body.refusal();
  return plan;
}

}  // namespace systask::service
