#include "service/api/plan_trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace systask::service {
namespace {

using db::Column;
using db::Table;

std::string text_at(const Table& table, const Table::Row& row, std::string_view name) {
  const auto* const text = std::get_if<std::string>(&row.at(table.column(name)));
  return text == nullptr ? std::string{} : *text;
}

// 0 where there is nothing.
std::int64_t number_at(const Table& table, const Table::Row& row, std::string_view name) {
  const auto* const number = std::get_if<std::int64_t>(&row.at(table.column(name)));
  return number == nullptr ? 0 : *number;
}

class Trail {
 public:
  Trail() {
    table_.columns = {{"at", Column::Type::kTime}, {"what"}, {"site"}, {"who"}, {"detail"}};
  }

  void add(std::int64_t at, std::string what, std::string site, std::string who,
           std::string detail) {
    table_.rows.push_back(
        {at, std::move(what), std::move(site), std::move(who), std::move(detail)});
  }

  // What the platform did with it; nothing where it has not come to that.
  void add_phase(const Table& attempts, const Table::Row& attempt, std::string_view time,
                 std::string what, std::string_view site, std::string detail) {
    if (const std::int64_t at = number_at(attempts, attempt, time); at != 0)
      add(at, std::move(what), text_at(attempts, attempt, site), "platform", std::move(detail));
  }

  Table in_order() && {
    std::ranges::stable_sort(
        table_.rows, {}, [](const Table::Row& row) { return std::get<std::int64_t>(row.front()); });
    return std::move(table_);
  }

 private:
  Table table_;
};

void add_change(Trail& trail, const Table& changes, const Table::Row& row) {
  const std::string action = text_at(changes, row, "action");
  const std::string reason = text_at(changes, row, "reason");
  const std::string after = text_at(changes, row, "after");
  // Of other changes, before and after are whole plans: the audit log shows them.
  const bool names_site = action == "plan start" || action == "plan move";
  const std::string before = action == "plan move" ? text_at(changes, row, "before") : "";
  trail.add(number_at(changes, row, "at"), action, names_site ? after : "",
            text_at(changes, row, "actor"),
            before.empty() ? reason : fmt::format("from {}: {}", before, reason));
}

void add_attempt(Trail& trail, const Table& attempts, const Table::Row& row) {
  const std::string why = text_at(attempts, row, "why");
  const bool first = number_at(attempts, row, "attempt") == 1;
  trail.add_phase(attempts, row, "noticed_at", first ? "site lost" : "rebuild failed", "from_site",
                  why);
  trail.add_phase(attempts, row, "offered_at", "offered", "to_site", "");
  trail.add_phase(attempts, row, "claimed_at", "claimed", "to_site", "");
  trail.add_phase(attempts, row, "finished_at", "recovered", "to_site",
                  fmt::format("{} messages replayed, {:.1f} ms after its site was lost",
                              number_at(attempts, row, "replayed"),
                              static_cast<double>(number_at(attempts, row, "all_us")) / 1e3));
}

}  // namespace

Table trail_of(const Table& plan, const Table& attempts, const Table& changes) {
  Trail trail;
  for (auto row = changes.rows.rbegin(); row != changes.rows.rend(); ++row)
    add_change(trail, changes, *row);
  for (auto row = attempts.rows.rbegin(); row != attempts.rows.rend(); ++row)
    add_attempt(trail, attempts, *row);
  for (const Table::Row& row : plan.rows) {
    const std::string failed = text_at(plan, row, "reason");
    trail.add(number_at(plan, row, "status_at"), text_at(plan, row, "status_name"),
              text_at(plan, row, "site"), "",
              failed.empty() ? text_at(plan, row, "quarantine_reason") : failed);
  }
  return std::move(trail).in_order();
}

}  // namespace systask::service
