#include "peers/drill/plans.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <random>
#include <stdexcept>

#include "peers/flow/recording.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSlices = 12;
constexpr std::int64_t kLot = 100;
// An order brings a placement and an answer at least; nearly all bring a fill as well.
constexpr double kMessagesPerOrder = 2.7;

NewPlan twap_plan(std::int64_t index, std::int64_t window_s, std::mt19937_64& random) {
  const auto between = [&](std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>{from, to}(random);
  };
  NewPlan plan;
  plan.name = fmt::format("drill {}", index + 1);
  plan.strategy = "twap";
  const auto cents = between(500, 20'000);
  plan.request.parameters = {{"window_seconds", std::to_string(window_s)},
                             {"slices", std::to_string(kSlices)},
                             {"price", fmt::format("{}.{:02}", cents / 100, cents % 100)}};
  plan.request.details = {{.market = 1,
                           .security = std::to_string(between(600'000, 603'999)),
                           .direction = between(1, 2),
                           .quantity = kSlices * kLot * between(1, 5)}};
  return plan;
}

NewPlan follow_plan(std::int64_t index, const std::string& security) {
  NewPlan plan;
  plan.name = fmt::format("drill {}", index + 1);
  plan.strategy = "follow";
  for (const std::int64_t direction : {1, 2})
    plan.request.details.push_back(
        {.market = 1, .security = security, .direction = direction, .quantity = 0});
  return plan;
}

}  // namespace

std::vector<NewPlan> make_plans(const DrillOptions& options, const std::string& security) {
  std::mt19937_64 random{options.seed};
  std::vector<NewPlan> plans;
  for (std::int64_t i = 0; i < options.plans; ++i)
    plans.push_back(options.from.empty() ? twap_plan(i, options.window_s, random)
                                         : follow_plan(i, security));
  return plans;
}

json::object body_of(const NewPlan& plan) {
  json::object parameters;
  for (const auto& [key, value] : plan.request.parameters)
    parameters[key] = value;
  json::array details;
  for (const auto& detail : plan.request.details)
    details.push_back(json::object{{"market_no", detail.market},
                                   {"stock_code", detail.security},
                                   {"entrust_direction", detail.direction},
                                   {"quantity", detail.quantity}});
  return {{"name", plan.name},
          {"strategy", plan.strategy},
          {"parameters", std::move(parameters)},
          {"details", std::move(details)},
          {"actor", "drill"}};
}

Expected expected_messages(const DrillOptions& options) {
  if (options.from.empty())
    return {
        static_cast<std::int64_t>(static_cast<double>(options.plans * kSlices) * kMessagesPerOrder),
        {},
        {},
        0};
  flow::ReplayOptions how = options.of(flow::FileName{options.from});
  if (options.limit > 0) how.limit = options.limit;
  const auto whole = flow::survey(how);
  if (whole.reports == 0)
    throw std::runtime_error(whole.account + options.shown + " has no order to replay");
  return {whole.reports, whole.first_security, whole.account, whole.last_us};
}

}  // namespace systask::peers::drill
