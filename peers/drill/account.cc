#include "peers/drill/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "peers/link/secrets.h"

namespace systask::peers::drill {
namespace {

namespace json = boost::json;

std::string text(const json::object& row, std::string_view key) {
  return std::string{row.at(key).as_string()};
}

PlanFold fold_of(const json::object& row) {
  PlanFold fold;
  fold.unique = row.at("unique").as_int64();
  for (const auto& item : row.at("totals").as_array()) {
    const json::object& total = item.as_object();
    fold.totals.push_back({total.at("market").as_int64(), text(total, "security"),
                           total.at("direction").as_int64(), total.at("ordered").as_int64(),
                           total.at("filled").as_int64(), text(total, "amount")});
  }
  for (const auto& item : row.at("open").as_array()) {
    const json::object& open = item.as_object();
    fold.open.push_back({open.at("market").as_int64(), text(open, "number"), text(open, "algo"),
                         open.at("direction").as_int64(), open.at("quantity").as_int64(),
                         open.at("filled").as_int64(), text(open, "state")});
  }
  return fold;
}

// The plan's details count as totals even where nothing was ordered of them.
std::vector<TotalLine> all_totals(const PlanRequest& request, const PlanFold& fold) {
  std::vector<TotalLine> totals = fold.totals;
  for (const auto& detail : request.details) {
    const bool known = std::ranges::any_of(totals, [&](const TotalLine& total) {
      return total.market == detail.market && total.security == detail.security &&
             total.direction == detail.direction;
    });
    if (!known) totals.push_back({detail.market, detail.security, detail.direction, 0, 0, "0"});
  }
  std::ranges::sort(totals, {}, [](const TotalLine& total) {
    return std::tie(total.market, total.security, total.direction);
  });
  return totals;
}

}  // namespace

std::map<std::int64_t, PlanFold> read_folds(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream content;
  content << file.rdbuf();
  try {
    std::map<std::int64_t, PlanFold> folds;
    const json::value whole = json::parse(content.str());
    for (const auto& row : whole.as_object().at("plans").as_array())
      folds[row.as_object().at("plan").as_int64()] = fold_of(row.as_object());
    return folds;
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{} is no account of the flow ({}); the flow did not end as it should", path,
                    error.what()));
  }
}

char expected_status(const PlanRequest& request, const PlanFold& fold) {
  const auto filled = [&](const PlanRequest::Detail& detail) {
    return detail.quantity > 0 && std::ranges::any_of(fold.totals, [&](const TotalLine& total) {
             return total.market == detail.market && total.security == detail.security &&
                    total.direction == detail.direction && total.filled >= detail.quantity;
           });
  };
  return !request.details.empty() && std::ranges::all_of(request.details, filled) ? 'b' : '2';
}

std::string digest_text(std::int64_t plan, const PlanRequest& request, const PlanFold& fold) {
  std::string lines = fmt::format("plan {}\nstatus {}\n", plan, expected_status(request, fold));
  const auto out = std::back_inserter(lines);
  for (const auto& [key, value] : request.parameters)
    fmt::format_to(out, "parameter {}={}\n", key, value);
  for (const TotalLine& total : all_totals(request, fold))
    fmt::format_to(out, "total {} {} {} {} {} {}\n", total.market, total.security, total.direction,
                   total.ordered, total.filled, total.amount);
  auto open = fold.open;
  std::ranges::sort(open, {}, [](const OpenLine& order) {
    return std::tie(order.market, order.number, order.algo_ordid);
  });
  for (const OpenLine& order : open)
    fmt::format_to(out, "open {} {} {} {} {} {} {}\n", order.market, order.number, order.algo_ordid,
                   order.direction, order.quantity, order.filled, order.state);
  return lines;
}

std::string digest_of(std::int64_t plan, const PlanRequest& request, const PlanFold& fold) {
  return sha256(digest_text(plan, request, fold));
}

}  // namespace systask::peers::drill
