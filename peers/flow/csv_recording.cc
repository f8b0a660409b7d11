#include "peers/flow/csv_recording.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace systask::peers::flow {
namespace {

constexpr std::int32_t kCsvMarket = 1;
constexpr std::string_view kCsvSecurity = "ESH4";

std::int32_t time_of(const LifeRow& row) {
  const auto second = row.at_us / 1'000'000 % 86'400;
  return static_cast<std::int32_t>(second / 3600 * 10'000 + second / 60 % 60 * 100 + second % 60);
}

}  // namespace

CsvRecording::CsvRecording(const ReplayOptions& options)
    : options_(options),
      reader_(options_.path),
      random_(options_.seed),
      next_number_(options_.first_number) {}

std::optional<Recorded> CsvRecording::next() {
  while (ready_.empty()) {
    const auto row = reader_.next();
    if (!row) return {};
    add_row(*row);
  }
  Recorded recorded = std::move(ready_.front());
  ready_.pop_front();
  return recorded;
}

void CsvRecording::add_row(const LifeRow& row) {
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
  OrderLife& life = found->second;
  if (row.event == LifeEvent::kFilled) {
    fill(row, life);
    if (life.rest() == 0) lives_.erase(found);
    return;
  }
  push(row, cancel_requested_report(life, time_of(row)));
  push(row, cancelled_report(life, time_of(row)));
  const auto plan = life.facts.plan;
  const int direction = life.facts.direction;
  lives_.erase(found);
  if (row.event == LifeEvent::kReplaced) begin(row, plan, direction);
}

void CsvRecording::begin(const LifeRow& row, std::int64_t plan, int direction) {
  OrderLife& life = lives_[row.order];
  life.facts = {.plan = plan,
                .business_date = options_.business_date,
                .market = kCsvMarket,
                .number = next_number_++,
                .algo_ordid = {},
                .security = std::string{kCsvSecurity},
                .direction = direction,
                .price = row.price,
                .quantity = row.quantity};
  push(row, placed_report(life, time_of(row)));
  life.names_plan = (random_() & 1U) != 0;
  push(row, confirmed_report(life, time_of(row)));
}

void CsvRecording::fill(const LifeRow& row, OrderLife& life) {
  if (row.quantity > life.rest())
    throw std::runtime_error(
        fmt::format("the recording fills order {} beyond its quantity {} at "
                    "{} us; mend the recording",
                    row.order, life.facts.quantity, row.at_us));
  push(row, filled_report(life, time_of(row), row.quantity, row.price));
}

void CsvRecording::push(const LifeRow& row, Report report) {
  ready_.push_back({row.at_us, std::move(report)});
}

}  // namespace systask::peers::flow
