#include "service/api/query_tables.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "db/queries.h"
#include "service/api/page.h"
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
constexpr std::int64_t kTrailChanges = 100'000;
constexpr std::int64_t kTrailAttempts = 1'000'000;

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

// One row more than is answered, so that it is known whether there are more.
db::Page page_for(const Tables::Asked& asked) {
  db::Page page{.limit = static_cast<std::int64_t>(asked.limit) + 1, .after = {}};
  page.bytes = kBytesOfAPage;
  if (asked.after) page.after = db::Page::Key{asked.after->first, asked.after->second};
  return page;
}

// The rows asked for, and the cursor of the last one where there are more: the keys are the columns
// named.
Tables::Page page_json(const Table& table, const Zone& zone, std::size_t limit,
                       std::string_view first, std::string_view second = {}) {
  Tables::Page page{rows_json(table, zone, limit), {}};
  if (page.rows.empty() || (table.rows.size() <= page.rows.size() && !table.cut)) return page;
  const Table::Row& last = table.rows.at(page.rows.size() - 1);
  page.next = cursor_text({integer_at(last, table.column(first)),
                           second.empty() ? 0 : integer_at(last, table.column(second))});
  return page;
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

Tables::Page plan_page(const Table& plans, const Zone& zone, std::size_t limit) {
  Tables::Page page = page_json(plans, zone, limit, "plan");
  for (auto& row : page.rows) {
    json::object& plan = row.get_object();
    unfold(plan, "parameters");
    const auto* const saved = plan.at("saved_status").if_string();
    const auto status =
        saved == nullptr || saved->empty() ? std::nullopt : trading::plan_status(saved->front());
    plan["saved_status_name"] = status ? json::value(trading::name_of(*status)) : json::value{};
  }
  return page;
}

}  // namespace

Tables::Page QueryTables::plans(const Asked& asked) {
  return plan_page(queries_.plans(page_for(asked)), zone_, asked.limit);
}

Tables::Page QueryTables::quarantined_plans(const Asked& asked) {
  return plan_page(queries_.quarantined_plans(page_for(asked)), zone_, asked.limit);
}

Tables::Rows QueryTables::sites() {
  json::array rows = rows_json(queries_.sites(), zone_);
  for (auto& row : rows) {
    json::object& site = row.get_object();
    site["state"] = site_state(site.at("live").as_bool(), site.at("draining").as_bool());
  }
  return rows;
}

// Of all plans the cursor is (plan, order): those of the latest plan come first.
Tables::Page QueryTables::orders(std::optional<PlanId> plan, const Asked& asked) {
  if (plan) {
    Page page = page_json(queries_.orders(*plan, page_for(asked)), zone_, asked.limit, "order");
    page.rows = named_orders(std::move(page.rows));
    return page;
  }
  const Table plans = queries_.plans();
  const std::size_t id = plans.column("plan");
  Page page;
  for (auto one = plans.rows.rbegin(); one != plans.rows.rend() && page.next.empty(); ++one) {
    const std::int64_t of = integer_at(*one, id);
    if (asked.after && of > asked.after->first) continue;
    Asked within{.limit = asked.limit - page.rows.size(), .after = {}};
    if (asked.after && of == asked.after->first) within.after = Cursor{asked.after->second, 0};
    const Table orders = queries_.orders(PlanId{of}, page_for(within));
    const Page some = page_json(orders, zone_, within.limit, "order");
    for (const json::value& row : some.rows)
      page.rows.push_back(row);
    const bool full = page.rows.size() >= asked.limit || page.rows.size() >= kRowsOfAPage;
    if (some.next.empty() && !full) continue;
    const std::int64_t last = some.rows.empty() ? 0
                                                : integer_at(orders.rows.at(some.rows.size() - 1),
                                                             orders.column("order"));
    if (!some.next.empty() || one + 1 != plans.rows.rend()) page.next = cursor_text({of, last});
  }
  page.rows = named_orders(std::move(page.rows));
  return page;
}

Tables::Page QueryTables::cache(std::optional<PlanId> plan, const Asked& asked) {
  const db::Page wanted = page_for(asked);
  return plan ? page_json(queries_.cache(*plan, wanted), zone_, asked.limit, "number")
              : page_json(queries_.cache(wanted), zone_, asked.limit, "plan");
}

Tables::Page QueryTables::quarantine(const Asked& asked) {
  return page_json(queries_.quarantine(page_for(asked)), zone_, asked.limit, "received_at", "no");
}

Tables::Page QueryTables::recoveries(const WhichRecoveries& which) {
  return page_json(queries_.recoveries({which.plan.value_or(PlanId{}), which.open, which.since,
                                        page_for({which.limit, which.after})}),
                   zone_, which.limit, "recovery");
}

Tables::Rows QueryTables::trail(PlanId plan) {
  json::array rows = rows_json(
      trail_of(queries_.plan(plan),
               queries_.recoveries({.plan = plan, .page = {.limit = kTrailAttempts, .after = {}}}),
               queries_.audit({.limit = kTrailChanges, .after = {}},
                              "plan " + std::to_string(plan.value()))),
      zone_);
  for (auto& row : rows) {
    json::object& step = row.get_object();
    // As the audit log names them; the others are their names before.
    step["action"] = json::value(step.at("what"));  // copies: the step may move
    step["actor"] = json::value(step.at("who"));
  }
  return rows;
}

Tables::Page QueryTables::audit(const std::string& object, TimePoint since, const Asked& asked) {
  Page page = page_json(queries_.audit(page_for(asked), object, since), zone_, asked.limit, "no");
  for (auto& row : page.rows)
    for (const std::string_view state : {"before", "after"})
      unfold(row.get_object(), state);
  return page;
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
