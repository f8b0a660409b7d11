#include "peers/flow/replay.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace systask::peers::flow {
namespace {

constexpr std::int32_t kMarket = 1;
constexpr std::string_view kSecurity = "ESH4";
constexpr std::size_t kLookAhead = 8;  // enough to meet another plan's message

std::int32_t time_of_day(std::int64_t at_us) {
  const auto second = at_us / 1'000'000 % 86'400;
  return static_cast<std::int32_t>(second / 3600 * 10'000 + second / 60 % 60 * 100 + second % 60);
}

}  // namespace

Replay::Replay(ReplayOptions options)
    : options_(std::move(options)),
      reader_(options_.path),
      random_(options_.seed),
      next_number_(options_.first_number) {
  if (options_.plans.empty())
    throw std::runtime_error(
        "a replay needs plans to spread its orders over; name them with "
        "--plan-ids or --plan-ids-file");
}

std::optional<Report> Replay::next(std::int64_t elapsed_us) {
  const auto at = next_at_us();
  if (!at || *at > elapsed_us) return {};
  maybe_swap();
  Report report = std::move(ready_.front().report);
  ready_.pop_front();
  ++given_;
  return report;
}

std::optional<std::int64_t> Replay::next_at_us() {
  look_ahead();
  if (ready_.empty() || given_ >= options_.limit) return {};
  return ready_.front().at_us;
}

void Replay::look_ahead() {
  while (!ended_ && ready_.size() < kLookAhead) {
    const auto row = reader_.next();
    ended_ = !row;
    if (row) add_row(*row);
  }
}

void Replay::add_row(const LifeRow& row) {
  const auto found = lives_.find(row.order);
  if (row.event == LifeEvent::kAdded) {
    if (found != lives_.end())
      throw std::runtime_error(
          fmt::format("the recording adds order {} twice; the second time at "
                      "{} us",
                      row.order, row.at_us));
    const auto plan = options_.plans[static_cast<std::size_t>(row.order) % options_.plans.size()];
    return begin(row, plan, row.side == 'A' ? 2 : 1);
  }
  if (found == lives_.end())
    throw std::runtime_error(
        fmt::format("the recording has event {} of order {} at {} us, which "
                    "is not open then; mend the recording",
                    static_cast<char>(row.event), row.order, row.at_us));
  Life& life = found->second;
  if (row.event == LifeEvent::kFilled) {
    fill(row, life);
    if (life.filled == life.facts.quantity) lives_.erase(found);
    return;
  }
  cancel(row, life);
  const auto plan = life.facts.plan;
  const int direction = life.facts.direction;
  lives_.erase(found);
  if (row.event == LifeEvent::kReplaced) begin(row, plan, direction);
}

void Replay::begin(const LifeRow& row, std::int64_t plan, int direction) {
  Life& life = lives_[row.order];
  life.facts = {.plan = plan,
                .business_date = options_.business_date,
                .market = kMarket,
                .number = next_number_++,
                .algo_ordid = {},
                .security = std::string{kSecurity},
                .direction = direction,
                .price = row.price,
                .quantity = row.quantity};
  push(row, life, Function::kPlaced, '1');  // the one that must name the plan
  life.names_plan = (random_() & 1U) != 0;
  push(row, life, Function::kConfirmed, '4');
}

void Replay::fill(const LifeRow& row, Life& life) {
  life.filled += row.quantity;
  if (life.filled > life.facts.quantity)
    throw std::runtime_error(
        fmt::format("the recording fills order {} beyond its quantity {} at "
                    "{} us; mend the recording",
                    row.order, life.facts.quantity, row.at_us));
  const bool all = life.filled == life.facts.quantity;
  Report& report = push(row, life, Function::kFilled, all ? '7' : '6');
  report.deal = ++life.deals;
  report.deal_price = row.price;
  report.deal_quantity = row.quantity;
  report.total_filled = life.filled;
}

void Replay::cancel(const LifeRow& row, const Life& life) {
  push(row, life, Function::kCancelRequested, 'a');
  Report& report = push(row, life, Function::kCancelled, life.filled > 0 ? '8' : '9');
  report.cancelled = life.facts.quantity - life.filled;
}

Report& Replay::push(const LifeRow& row, const Life& life, Function function, char state) {
  Timed& timed = ready_.emplace_back();
  timed.at_us = row.at_us;
  timed.report.function = function;
  timed.report.order = life.facts;
  timed.report.names_plan = life.names_plan;
  timed.report.time = time_of_day(row.at_us);
  timed.report.state = state;
  return timed.report;
}

// Only neighbours of different plans: the order of one plan's messages is what it is.
void Replay::maybe_swap() {
  if (options_.swap <= 0 || ready_.size() < 2) return;
  if (ready_[0].report.order.plan == ready_[1].report.order.plan) return;
  if (std::uniform_real_distribution<>{}(random_) < options_.swap)
    std::swap(ready_[0].report, ready_[1].report);
}

}  // namespace systask::peers::flow
