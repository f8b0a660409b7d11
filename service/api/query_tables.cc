#include "service/api/query_tables.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "db/queries.h"
#include "service/api/plan_trail.h"
#include "trading/decimal.h"
#include "trading/order.h"
#include "trading/plan_status.h"
#include "trading/ports/message_store.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using db::Column;
using db::Table;
using trading::Disposition;
using trading::OrderState;
using trading::PlanId;

// More than this waits for the order system only when nobody takes its orders.
constexpr std::size_t kOutboxCounted = 100'000;
constexpr std::size_t kTrailChanges = 100'000;

json::value cell_json(const Table::Cell& cell, Column::Type type, const Zone& zone) {
  if (const auto* text = std::get_if<std::string>(&cell)) return json::string{*text};
  const auto* number = std::get_if<std::int64_t>(&cell);
  if (number == nullptr) return nullptr;
  switch (type) {
    case Column::Type::kTime:
      return *number == 0 ? json::value{} : json::string{zone.to_rfc3339(from_micros(*number))};
    case Column::Type::kPrice: return json::string{trading::format_ticks(*number)};
    case Column::Type::kFlag: return *number != 0;
    default: return *number;
  }
}

json::object row_json(const Table& table, const Table::Row& row, const Zone& zone) {
  json::object object;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    object.emplace(table.columns[i].name, cell_json(row[i], table.columns[i].type, zone));
  return object;
}

void append(json::array& rows, const Table& table, const Zone& zone, std::size_t limit) {
  for (const Table::Row& row : table.rows) {
    if (rows.size() >= limit) return;
    rows.push_back(row_json(table, row, zone));
  }
}

json::array rows_json(const Table& table, const Zone& zone, std::size_t limit = SIZE_MAX) {
  json::array rows;
  append(rows, table, zone, limit);
  return rows;
}

std::int64_t integer_at(const Table::Row& row, std::size_t column) {
  const auto* number = std::get_if<std::int64_t>(&row.at(column));
  return number == nullptr ? 0 : *number;
}

// Parameters are kept as a JSON text; whoever reads JSON wants them as an object.
void unfold(json::object& row, std::string_view member) {
  auto* const value = row.if_contains(member);
  if (value == nullptr || !value->is_string()) return;
  boost::system::error_code error;
  json::value parsed = json::parse(value->get_string(), error);
  if (!error) *value = std::move(parsed);
}

std::string_view order_state_name(OrderState state) {
  switch (state) {
    case OrderState::kNotReported: return "not reported";
    case OrderState::kReported: return "reported";
    case OrderState::kRejected: return "rejected";
    case OrderState::kPartlyFilled: return "partly filled";
    case OrderState::kFilled: return "filled";
    case OrderState::kPartlyCancelled: return "partly cancelled";
    case OrderState::kCancelled: return "cancelled";
    case OrderState::kCancelPending: return "cancel requested";
  }
  return "unknown";
}

// Codes of the source system have their names beside them.
void name_order(json::object& row) {
  const auto& state = row.at("state").as_string();
  row["state_name"] =
      order_state_name(static_cast<OrderState>(state.empty() ? '?' : state.front()));
  const auto* const side = row.at("side").if_int64();
  row["side_name"] = side != nullptr && *side == 1 ? "buy" : "sell";
  row["order_number"] = json::value(row.at("number"));  // a copy: the row may move
}

json::array named_orders(json::array rows) {
  for (auto& row : rows)
    name_order(row.get_object());
  return rows;
}

std::string_view site_state(bool live, bool draining) {
  if (!live) return "lost";
  return draining ? "draining" : "live";
}

}  // namespace

Tables::Rows QueryTables::plans() {
  json::array rows = rows_json(queries_.plans(), zone_);
  for (auto& row : rows) {
    json::object& plan = row.get_object();
    unfold(plan, "parameters");
    const auto* const saved = plan.at("saved_status").if_string();
    const auto status =
        saved == nullptr || saved->empty() ? std::nullopt : trading::plan_status(saved->front());
    plan["saved_status_name"] = status ? json::value(trading::name_of(*status)) : json::value{};
  }
  return rows;
}

Tables::Rows QueryTables::sites() {
  json::array rows = rows_json(queries_.sites(), zone_);
  for (auto& row : rows) {
    json::object& site = row.get_object();
    site["state"] = site_state(site.at("live").as_bool(), site.at("draining").as_bool());
  }
  return rows;
}

Tables::Rows QueryTables::orders(std::optional<PlanId> plan, std::size_t limit) {
  if (plan) return named_orders(rows_json(queries_.orders(*plan), zone_, limit));
  const Table plans = queries_.plans();
  const std::size_t id = plans.column("plan");
  json::array rows;
  for (auto latest = plans.rows.rbegin(); latest != plans.rows.rend() && rows.size() < limit;
       ++latest)
    append(rows, queries_.orders(PlanId{integer_at(*latest, id)}), zone_, limit);
  return named_orders(std::move(rows));
}

Tables::Rows QueryTables::cache(std::optional<PlanId> plan, std::size_t limit) {
  return rows_json(plan ? queries_.cache(*plan) : queries_.cache(), zone_, limit);
}

Tables::Rows QueryTables::quarantine(std::size_t limit) {
  const Table plans = queries_.quarantined_plans();
  Table messages = queries_.quarantine();
  std::ranges::reverse(messages.rows);
  json::array rows;
  for (const auto& plan : plans.rows) {
    if (rows.size() >= limit) break;
    const json::object whole = row_json(plans, plan, zone_);
    json::object& row = rows.emplace_back(json::object{}).get_object();
    // The same members as a message, so that one table shows both.
    for (const Column& column : messages.columns)
      row[column.name] = nullptr;
    row["plan"] = whole.at("plan");
    row["received_at"] = whole.at("status_at");
    row["reason"] = whole.at("quarantine_reason");
  }
  append(rows, messages, zone_, limit);
  return rows;
}

Tables::Rows QueryTables::recoveries(const WhichRecoveries& which) {
  return rows_json(
      queries_.recoveries({which.limit, which.plan.value_or(PlanId{}), which.open, which.since}),
      zone_);
}

Tables::Rows QueryTables::trail(PlanId plan) {
  json::array rows =
      rows_json(trail_of(queries_.plan(plan), queries_.recoveries({.plan = plan}),
                         queries_.audit(kTrailChanges, "plan " + std::to_string(plan.value()))),
                zone_);
  for (auto& row : rows) {
    json::object& step = row.get_object();
    // As the audit log names them; the others are their names before.
    step["action"] = json::value(step.at("what"));  // copies: the step may move
    step["actor"] = json::value(step.at("who"));
  }
  return rows;
}

Tables::Rows QueryTables::audit(const std::string& object, TimePoint since, std::size_t limit) {
  json::array rows = rows_json(queries_.audit(limit, object, since), zone_);
  for (auto& row : rows)
    for (const std::string_view state : {"before", "after"})
      unfold(row.get_object(), state);
  return rows;
}

StoredCounts QueryTables::counts() {
  StoredCounts counts;
  for (const auto& [name, disposition] : {std::pair{"applied", Disposition::kApplied},
                                          {"passed", Disposition::kPassed},
                                          {"parked", Disposition::kParked},
                                          {"quarantined", Disposition::kQuarantined}})
    counts.messages[name] = messages_.count(disposition);

  // Messages put into the cache by hand are not in the message table, but wait like others.
  const Table cached = queries_.cache();
  std::int64_t& waiting = counts.messages["cached"];
  for (const auto& row : cached.rows) {
    counts.cached.push_back(integer_at(row, cached.column("messages")));
    waiting += counts.cached.back();
  }

  const Table plans = queries_.plans();
  const std::size_t status = plans.column("status_name");
  for (const auto& row : plans.rows)
    ++counts.plans[std::get<std::string>(row.at(status))];

  const Table sites = queries_.sites();
  for (const auto& row : sites.rows) {
    const bool live = integer_at(row, sites.column("live")) != 0;
    const bool draining = integer_at(row, sites.column("draining")) != 0;
    ++counts.sites[std::string{site_state(live, draining)}];
  }
  counts.outbox = static_cast<std::int64_t>(queries_.outbox(kOutboxCounted).rows.size());
  return counts;
}

}  // namespace systask::service
