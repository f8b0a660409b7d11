#include "peers/flow/csv_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace systask::peers::flow {
namespace {

using fix::Section;

constexpr std::int32_t kCsvMarket = 1;
constexpr std::string_view kCsvSecurity = "ESH4";

std::int32_t time_of(const LifeRow& row) {
  const auto second = row.at_us / 1'000'000 % 86'400;
  return static_cast<std::int32_t>(second / 3600 * 10'000 + second / 60 % 60 * 100 + second % 60);
}

int direction_of(const LifeRow& row) { return row.side == 'A' ? 2 : 1; }

std::string_view words_of(LifeEvent event) {
  switch (event) {
    case LifeEvent::kAdded: return "A, added";
    case LifeEvent::kFilled: return "F, filled";
    case LifeEvent::kCancelled: return "C, cancelled";
    case LifeEvent::kReplaced: return "R, replaced";
  }
  return "";
}

}  // namespace

CsvRecording::CsvRecording(const ReplayOptions& options)
    : options_(options),
      reader_(options_.name(), options_.quantity_scale),
      random_(options_.seed),
      next_number_(options_.first_number) {}

std::optional<Recorded> CsvRecording::next() {
  while (ready_.empty()) {
    const auto row = reader_.next();
    if (!row) {
      end();
      return {};
    }
    add_row(*row);
  }
  Recorded recorded = std::move(ready_.front());
  ready_.pop_front();
  return recorded;
}

std::string CsvRecording::account() const {
  return tally_.to_text(options_.name().shown, "rows about orders");
}

void CsvRecording::end() {
  if (std::exchange(ended_, true)) return;
  if (const auto blank = reader_.blank_lines(); blank > 0)
    tally_.count(Section::kAround, "lines without anything", 0, static_cast<std::size_t>(blank));
  if (!lives_.empty())
    tally_.count(Section::kNoted, "orders that were open at the end of the file", last_line_,
                 lives_.size());
}

void CsvRecording::add_row(const LifeRow& row) {
  last_line_ = row.line;
  tally_.count(Section::kOrders, words_of(row.event), row.line);
  read_time(row);
  const auto found = lives_.find(row.order);
  if (row.event == LifeEvent::kAdded) {
    if (found != lives_.end())
      reader_.complain(row, LifeColumn::kOrder,
                       fmt::format("order {} is added a second time while it is open", row.order));
    return add_order(row);
  }
  if (found == lives_.end())
    reader_.complain(row, LifeColumn::kOrder,
                     fmt::format("event {} of order {}, which is not open: it was not added, or "
                                 "has ended",
                                 static_cast<char>(row.event), row.order));
  OrderLife& life = found->second;
  expect_same_order(row, life);
  if (row.event != LifeEvent::kFilled) return change(row, life);
  fill(row, life);
  if (life.rest() == 0) lives_.erase(found);
}

// The rows' own order counts, their times only pace it.
void CsvRecording::read_time(const LifeRow& row) {
  if (!first_at_us_) first_at_us_ = row.at_us;
  if (row.at_us < last_us_)
    tally_.count(Section::kNoted,
                 "rows of an earlier time than the one before them, kept in the order of the file",
                 row.line);
  last_us_ = row.at_us;
  at_us_ = std::max(at_us_, row.at_us - *first_at_us_);
}

void CsvRecording::expect_same_order(const LifeRow& row, const OrderLife& life) const {
  if (row.side != 'N' && direction_of(row) != life.facts.direction)
    reader_.complain(row, LifeColumn::kSide,
                     fmt::format("found '{}' of order {}, which was added as '{}'", row.side,
                                 row.order, life.facts.direction == 2 ? 'A' : 'B'));
  if (!row.security.empty() && row.security != life.facts.security)
    reader_.complain(row, LifeColumn::kSecurity,
                     fmt::format("found '{}' of order {}, which was added as '{}'", row.security,
                                 row.order, life.facts.security));
  if (row.plan.empty()) return;
  const auto plan = plans_.find(row.plan);
  if (plan == plans_.end() || plan->second != life.facts.plan)
    reader_.complain(row, LifeColumn::kPlan,
                     fmt::format("found '{}' of order {}, which was added for another plan",
                                 row.plan, row.order));
}

std::int64_t CsvRecording::plan_of(const LifeRow& row) {
  const auto count = options_.plans.size();
  if (row.plan.empty()) return options_.plans[static_cast<std::size_t>(row.order) % count];
  const auto [at, fresh] = plans_.try_emplace(row.plan, options_.plans[plans_.size() % count]);
  if (fresh && plans_.size() > count)
    tally_.count(Section::kNoted, "plans that share one with another, since there are fewer",
                 row.line);
  return at->second;
}

void CsvRecording::add_order(const LifeRow& row) {
  begin(row, {.plan = plan_of(row),
              .business_date = options_.business_date,
              .market = kCsvMarket,
              .number = 0,
              .algo_ordid = {},
              .security = row.security.empty() ? std::string{kCsvSecurity} : row.security,
              .direction = direction_of(row),
              .price = row.price,
              .quantity = row.quantity});
}

// A cancel, a replacement, or a cancel of a part, which is a replacement by what is left.
void CsvRecording::change(const LifeRow& row, OrderLife& life) {
  const bool cancels = row.event == LifeEvent::kCancelled;
  if (cancels && row.quantity > life.rest())
    reader_.complain(row, LifeColumn::kQuantity,
                     fmt::format("{} are cancelled of order {}, of which only {} are left",
                                 row.quantity, row.order, life.rest()));
  const std::int64_t left = cancels ? life.rest() - row.quantity : row.quantity;
  push(row, cancel_requested_report(life, time_of(row)));
  push(row, cancelled_report(life, time_of(row)));
  OrderFacts facts = life.facts;
  lives_.erase(row.order);
  if (left == 0) return;
  if (cancels)
    tally_.count(Section::kNoted,
                 "cancels of a part, replayed as a replacement by an order of what is left",
                 row.line);
  facts.quantity = left;
  if (!cancels) facts.price = row.price;
  begin(row, std::move(facts));
}

void CsvRecording::begin(const LifeRow& row, OrderFacts facts) {
  facts.number = next_number_++;
  if (!limits_.add_order(facts))
    reader_.complain(row, LifeColumn::kQuantity,
                     "with it the orders of its plan are more than a plan can count; spread them "
                     "over more plans");
  OrderLife& life = lives_[row.order];
  life.facts = std::move(facts);
  push(row, placed_report(life, time_of(row)));
  life.names_plan = (random_() & 1U) != 0;
  push(row, confirmed_report(life, time_of(row)));
}

void CsvRecording::fill(const LifeRow& row, OrderLife& life) {
  if (row.quantity > life.rest())
    reader_.complain(row, LifeColumn::kQuantity,
                     fmt::format("{} are filled of order {}, of which only {} are left",
                                 row.quantity, row.order, life.rest()));
  if (!limits_.add_fill(life.facts, row.quantity, row.price))
    reader_.complain(row, LifeColumn::kQuantity,
                     "with it the fills of its plan are worth more than a plan can count (9.2e10); "
                     "spread the orders over more plans, or count larger units");
  push(row, filled_report(life, time_of(row), row.quantity, row.price));
}

void CsvRecording::push(const LifeRow& row, Report report) {
  tally_.count(Section::kMade, described(report.function), row.line);
  ready_.push_back({at_us_, std::move(report)});
}

}  // namespace systask::peers::flow
