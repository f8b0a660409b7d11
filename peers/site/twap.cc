#include "peers/site/twap.h"

#include <algorithm>
#include <charconv>

namespace systask::peers {
namespace {

constexpr std::int64_t kLongestWindow = 7 * 24 * 3600;
constexpr std::int64_t kMostSlices = 100'000;
constexpr Micros kShortestInterval{1'000};

std::int64_t positive_integer(const Parameters& parameters, const std::string& key) {
  const auto found = parameters.find(key);
  if (found == parameters.end()) return 0;
  const std::string& text = found->second;
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? number : 0;
}

Refusal bad_parameter(const std::string& key, const std::string& expected) {
  return {"BAD_PARAMETER",
          "twap cannot run with this `" + key + "`: it must be " + expected + "; modify the plan"};
}

// Filled, open, or asked for and not answered yet.
std::int64_t committed(const PlanView& view, const Detail& detail) {
  const auto same = [&detail](const auto& order) {
    return order.market == detail.market && order.direction == detail.direction &&
           order.security == detail.security;
  };
  std::int64_t quantity = detail.filled;
  for (const Order& order : view.state.orders())
    if (same(order)) quantity += order.remaining();
  for (const Place& order : view.unanswered)
    if (same(order)) quantity += order.quantity;
  return quantity;
}

// Where a plan without a `start` must have started for its orders to be what they are: in
// the middle of its last slice's time at the latest, so that none is ordered too early.
TimePoint start_from_progress(const PlanView& view, const TwapParameters& parameters,
                              TimePoint now) {
  Micros elapsed{0};
  for (const Detail& detail : view.state.details()) {
    if (detail.quantity <= 0) continue;
    const auto slices_done = committed(view, detail) * parameters.slices / detail.quantity;
    elapsed = std::max(elapsed, parameters.interval() * std::max<std::int64_t>(slices_done - 1, 0));
  }
  return now - elapsed;
}

Actions finish(const PlanView& view, std::string_view request) {
  Actions actions;
  bool open = !view.unanswered.empty();
  for (const Order& order : view.state.orders()) {
    if (!order.open()) continue;
    open = true;
    if (!order.cancel_pending && !order.cancel_asked)
      actions.emplace_back(Cancel{order.market, order.number, order.algo_ordid});
  }
  if (!open) actions.emplace_back(Done{request});
  return actions;
}

}  // namespace

Result<TwapParameters> TwapParameters::read(const Parameters& parameters) {
  TwapParameters read;
  const auto seconds = positive_integer(parameters, "window_seconds");
  if (seconds <= 0 || seconds > kLongestWindow)
    return bad_parameter("window_seconds", "a whole number of seconds, a week at most");
  read.window = std::chrono::seconds{seconds};
  read.slices = positive_integer(parameters, "slices");
  if (read.slices <= 0 || read.slices > kMostSlices || read.interval() < kShortestInterval)
    return bad_parameter("slices", "a whole number from 1, at most one slice a millisecond");
  const auto price = parameters.find("price");
  if (price == parameters.end() || parse_price(price->second).value_or(0) <= 0)
    return bad_parameter("price", "a decimal number above 0, such as 48.00");
  read.price = price->second;
  if (const auto start = parameters.find("start"); start != parameters.end()) {
    const auto at = from_rfc3339(start->second);
    if (!at) return bad_parameter("start", "an instant such as 2026-05-22T09:30:00+08:00");
    read.start = *at;
  }
  return read;
}

Actions Twap::on_event(const PlanView& view, std::string_view topic, TimePoint now) {
  const char status = view.state.status();
  const bool urgent =
      status == '2' ? topic == "asset.algo.scheme_modify" : !request_of(status).empty();
  return urgent ? on_timer(view, now) : Actions{};
}

Actions Twap::on_timer(const PlanView& view, TimePoint now) {
  const char status = view.state.status();
  const std::string_view request = request_of(status);
  if (status == '9' || status == 'g') return finish(view, request);
  if (status == '1') {
    const auto parameters = TwapParameters::read(view.state.parameters());
    if (!parameters) return {Fail{parameters.error().message}};
  }
  if (!request.empty()) return {Done{request}};
  return status == '2' ? slice(view, now) : Actions{};
}

Actions Twap::slice(const PlanView& view, TimePoint now) {
  const auto read = TwapParameters::read(view.state.parameters());
  if (!read) return {};  // a client spoiled them: nothing is ordered until they are mended
  const TwapParameters& parameters = *read;
  if (parameters != used_) slice_ = -1;  // a change takes effect at once
  if (parameters.start != TimePoint{}) {
    start_ = parameters.start;
  } else if (start_ == TimePoint{}) {
    start_ = start_from_progress(view, parameters, now);
  }
  if (now < start_) return {};
  const auto index = (now - start_) / parameters.interval();
  if (index == slice_) return {};
  slice_ = index;
  used_ = parameters;
  const auto due = std::min<std::int64_t>(index + 1, parameters.slices);
  Actions actions;
  for (const Detail& detail : view.state.details()) {
    const auto target =
        static_cast<std::int64_t>(static_cast<Wide>(detail.quantity) * due / parameters.slices);
    const auto quantity = target - committed(view, detail);
    if (quantity > 0)
      actions.emplace_back(
          Place{detail.market, detail.security, detail.direction, parameters.price, quantity});
  }
  return actions;
}

}  // namespace systask::peers
