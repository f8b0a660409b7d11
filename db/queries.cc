#include "db/queries.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "db/statement.h"
#include "trading/plan_status.h"

namespace systask::db {
namespace {

using trading::PlanId;
using Type = Column::Type;

// A column of an answer: the SQL that gives it, and how it is shown.
struct Shown {
  const char* name;
  const char* sql;
  Type type = Type::kText;
};

constexpr Type kInt = Type::kInteger;

// Every cell is read as text, which keeps 64 bits whole on every database; the column's
// type says which are numbers.
Table::Cell cell_of(const std::optional<std::string>& text, Type type) {
  if (!text) return std::monostate{};
  if (type == Type::kText) return *text;
  return static_cast<std::int64_t>(std::stoll(*text));
}

constexpr std::size_t kAllBytes = std::numeric_limits<std::size_t>::max();

template <class... Given, std::size_t... Index>
Table ask_columns(ReadPool& pool, const std::vector<Shown>& columns, const std::string& from,
                  std::size_t most_bytes, std::index_sequence<Index...>, const Given&... given) {
  Table table;
  std::string text = "select ";
  for (const Shown& column : columns) {
    if (!table.columns.empty()) text += ", ";
    text += std::string{"cast("} + column.sql + " as text)";
    table.columns.push_back(Column{column.name, column.type});
  }
  const ReadPool::Lease lease = pool.lease();
  Query<Params<Given...>, decltype((void(Index), std::optional<std::string>{}))...> query{
      lease.sql(), text + " from " + from};
  std::size_t bytes = 0;
  query.run_while(given..., [&](const auto&... cells) {
    if (bytes > most_bytes) return !(table.cut = true);
    Table::Row row;
    std::size_t at = 0;
    (row.push_back(cell_of(cells, columns[at++].type)), ...);
    bytes += ((cells ? cells->size() : 0) + ...);
    table.rows.push_back(std::move(row));
    return true;
  });
  return table;
}

template <std::size_t Count, class... Given>
Table ask(ReadPool& pool, const Shown (&columns)[Count], const std::string& from,
          const Given&... given) {
  return ask_columns(pool, std::vector<Shown>(columns, columns + Count), from, kAllBytes,
                     std::make_index_sequence<Count>{}, given...);
}

// The same, of a page: `from` ends with what `given` and then the limit are bound to.
template <std::size_t Count, class... Given>
Table ask_page(ReadPool& pool, const Shown (&columns)[Count], const std::string& from,
               const Page& page, const Given&... given) {
  return ask_columns(pool, std::vector<Shown>(columns, columns + Count), from + " limit :limit",
                     page.bytes, std::make_index_sequence<Count>{}, given..., page.limit);
}

// What all keys of an answer come after, in rising order.
std::int64_t above(const Page& page) {
  return page.after ? page.after->first : std::numeric_limits<std::int64_t>::min();
}
// The same in falling order.
std::int64_t below(const Page& page) {
  return page.after ? page.after->first : std::numeric_limits<std::int64_t>::max();
}

constexpr Shown kPlan[] = {
    {"plan", "p.scheme_id", kInt},
    {"name", "p.scheme_name"},
    {"strategy", "p.strategy_name"},
    {"environment", "p.environment"},
    {"business_date", "p.business_date", kInt},
    {"last_date", "p.last_date", kInt},
    {"status", "p.scheme_status"},
    {"status_name", "p.scheme_status"},
    {"saved_status", "case when p.scheme_status = 'h' then p.saved_status end"},
    {"phase",
     "case p.recover_phase when '-' then null when 'w' then 'waiting'"
     " when 'o' then 'offered' else 'replaying' end"},
    {"site", "s.site_name"},
    {"epoch", "p.epoch", kInt},
    {"last_number", "p.last_line", kInt},
    {"applied_number", "p.applied_line", kInt},
    {"quantity", "coalesce(d.quantity, 0)", kInt},
    {"ordered", "coalesce(d.ordered, 0)", kInt},
    {"filled", "coalesce(d.filled, 0)", kInt},
    {"amount", "coalesce(d.amount, 0)", Type::kPrice},
    {"tolerance_percent", "p.tolerance_percent", kInt},
    {"parameters", "p.scheme_params"},
    {"quarantine_reason", "nullif(p.quarantine_reason, '')"},
    {"reason", "nullif(p.fail_reason, '')"},
    {"created_by", "p.created_by"},
    {"created_at", "p.created_at", Type::kTime},
    {"status_at", "p.status_at", Type::kTime},
};
constexpr std::size_t kStatusName = 7;

const std::string kFromPlans =
    "algojr_tscheme p"
    " left join algojr_tstrategysite s on s.site_no = p.site_no"
    " left join (select scheme_id, sum(scheme_amount) as quantity,"
    " sum(entrust_amount) as ordered, sum(deal_amount) as filled, sum(deal_balance) as amount"
    " from algojr_tschemestock group by scheme_id) d on d.scheme_id = p.scheme_id ";

Table with_status_names(Table table) {
  for (Table::Row& row : table.rows) {
    auto& cell = std::get<std::string>(row[kStatusName]);
    if (const auto status = trading::plan_status(cell.empty() ? '?' : cell.front())) {
      cell = std::string{trading::name_of(*status)};
    }
  }
  return table;
}

constexpr Shown kMessage[] = {
    {"no", "message_no", kInt},
    {"received_at", "received_at", Type::kTime},
    {"function", "function_no", kInt},
    {"business_date", "business_date", kInt},
    {"plan", "nullif(scheme_id, 0)", kInt},
    {"number", "nullif(line_no, 0)", kInt},
    {"market", "market_no", kInt},
    {"order_number", "entrust_no"},
    {"reason", "reason"},
    {"message_id", "message_id"},
    {"body", "case when length(cast(body as blob)) <= 4096 then body end"},
    {"body_bytes", "length(cast(body as blob))", kInt},
};
static_assert(Queries::kBodyShown == 4'096);

}  // namespace

Table Queries::plans(const Page& page) {
  return with_status_names(ask_page(pool_, kPlan,
                                    kFromPlans + "where p.scheme_id > :after order by p.scheme_id",
                                    page, above(page)));
}

Table Queries::plan(PlanId id) {
  return with_status_names(ask(pool_, kPlan, kFromPlans + "where p.scheme_id = :plan", id));
}

Table Queries::plan_details(PlanId id) {
  constexpr Shown kDetail[] = {
      {"market", "market_no", kInt},
      {"security", "stock_code"},
      {"side", "entrust_direction", kInt},
      {"quantity", "scheme_amount", kInt},
      {"ordered", "entrust_amount", kInt},
      {"filled", "deal_amount", kInt},
      {"amount", "deal_balance", Type::kPrice},
  };
  return ask(pool_, kDetail, "algojr_tschemestock where scheme_id = :plan order by detail_no", id);
}

Table Queries::orders(PlanId plan, const Page& page) {
  constexpr Shown kOrder[] = {
      {"order", "entrust_id", kInt},
      {"plan", "scheme_id", kInt},
      {"business_date", "business_date", kInt},
      {"market", "market_no", kInt},
      {"security", "stock_code"},
      {"side", "entrust_direction", kInt},
      {"price", "entrust_price", Type::kPrice},
      {"quantity", "entrust_amount", kInt},
      {"filled", "deal_amount", kInt},
      {"cancelled", "cancel_amount", kInt},
      {"amount", "deal_balance", Type::kPrice},
      {"state", "entrust_state"},
      {"number", "nullif(entrust_no, '')"},
      {"algo_ordid", "algo_ordid"},
      {"combined", "nullif(cbentrust_id, 0)", kInt},
      {"epoch", "epoch", kInt},
      {"cause", "nullif(revoke_cause, '')"},
  };
  return ask_page(pool_, kOrder,
                  "algojr_tentrust where scheme_id = :plan and entrust_id > :after"
                  " order by entrust_id",
                  page, plan, above(page));
}

Table Queries::combined_orders(PlanId plan) {
  constexpr Shown kCombined[] = {
      {"order", "cbentrust_id", kInt},          {"plan", "scheme_id", kInt},
      {"business_date", "business_date", kInt}, {"market", "market_no", kInt},
      {"number", "nullif(entrust_no, '')"},     {"buy", "buy_entrust_id", kInt},
      {"sell", "sell_entrust_id", kInt},        {"state", "entrust_state"},
      {"cause", "nullif(revoke_cause, '')"},
  };
  return ask(pool_, kCombined, "algojr_tcbentrust where scheme_id = :plan order by cbentrust_id",
             plan);
}

Table Queries::fills(PlanId plan) {
  constexpr Shown kFill[] = {
      {"number", "line_no", kInt},
      {"at", "deal_at", Type::kTime},
      {"business_date", "business_date", kInt},
      {"market", "market_no", kInt},
      {"order_number", "entrust_no"},
      {"order", "entrust_id", kInt},
      {"deal", "deal_no"},
      {"price", "deal_price", Type::kPrice},
      {"quantity", "deal_amount", kInt},
  };
  return ask(pool_, kFill, "algojr_trealdeal where scheme_id = :plan order by line_no", plan);
}

Table Queries::cache(const Page& page) {
  constexpr Shown kDepth[] = {
      {"plan", "scheme_id", kInt},
      {"messages", "count(*)", kInt},
      {"first_number", "min(line_no)", kInt},
      {"last_number", "max(line_no)", kInt},
      {"oldest", "min(received_at)", Type::kTime},
  };
  return ask_page(pool_, kDepth,
                  "algojr_trequestcache where scheme_id > :after group by scheme_id"
                  " order by scheme_id",
                  page, above(page));
}

Table Queries::cache(PlanId plan, const Page& page) {
  constexpr Shown kCached[] = {
      {"plan", "scheme_id", kInt},
      {"number", "line_no", kInt},
      {"business_date", "business_date", kInt},
      {"function", "function_no", kInt},
      {"market", "market_no", kInt},
      {"order_number", "entrust_no"},
      {"topic", "topic"},
      {"received_at", "received_at", Type::kTime},
      {"message_id", "message_id"},
      {"body", "case when length(cast(body as blob)) <= 4096 then body end"},
      {"body_bytes", "length(cast(body as blob))", kInt},
  };
  return ask_page(pool_, kCached,
                  "algojr_trequestcache where scheme_id = :plan and line_no > :after"
                  " order by line_no",
                  page, plan, above(page));
}

Table Queries::quarantine(const Page& page) {
  const std::int64_t at = below(page);
  return ask_page(pool_, kMessage,
                  "algojr_tmessage where disposition = 'q' and (received_at < :at or"
                  " (received_at = :same and message_no < :no))"
                  " order by received_at desc, message_no desc",
                  page, at, at, page.after ? page.after->second : 0);
}

Table Queries::quarantined_plans(const Page& page) {
  const std::string held =
      kFromPlans + "where p.quarantine_reason <> '' and p.scheme_id > :after order by p.scheme_id";
  return with_status_names(ask_page(pool_, kPlan, held, page, above(page)));
}

Table Queries::parked() {
  return ask(pool_, kMessage,
             "algojr_tmessage where disposition = 'k' order by received_at, message_no");
}

Table Queries::sites() {
  constexpr Shown kSite[] = {
      {"site", "site_no", kInt},
      {"name", "site_name"},
      {"environment", "environment"},
      {"strategies", "strategies"},
      {"capacity", "capacity", kInt},
      {"plans",
       "(select count(*) from algojr_tscheme p where p.site_no = x.site_no"
       " and p.scheme_status not in ('a', 'b', 'c', 'd', 'e', 'h'))",
       kInt},
      {"draining", "draining", Type::kFlag},
      {"live", "live", Type::kFlag},
      {"session", "session_no", kInt},
      {"logged_in_at", "logged_in_at", Type::kTime},
      {"lost_at", "lost_at", Type::kTime},
  };
  return ask(pool_, kSite, "algojr_tstrategysite x order by site_no");
}

Table Queries::outbox(std::size_t limit) {
  constexpr Shown kOut[] = {
      {"no", "out_no", kInt},
      {"kind", "out_kind"},
      {"topic", "topic"},
      {"plan", "nullif(scheme_id, 0)", kInt},
      {"algo_ordid", "nullif(algo_ordid, '')"},
      {"attempts", "attempts", kInt},
      {"last_error", "nullif(last_error, '')"},
      {"created_at", "created_at", Type::kTime},
      {"body", "body"},
  };
  return ask(pool_, kOut, "algojr_toutbox order by out_no limit :limit", limit);
}

Table Queries::recoveries(const WhichRecoveries& which) {
  constexpr Shown kRecovery[] = {
      {"recovery", "attempt_id", kInt},
      {"plan", "scheme_id", kInt},
      {"attempt", "attempt", kInt},
      {"from_site", "from_site"},
      {"to_site", "to_site"},
      {"why", "why"},
      {"lost_at", "lost_at", Type::kTime},
      {"noticed_at", "noticed_at", Type::kTime},
      {"offered_at", "offered_at", Type::kTime},
      {"rebuilt_at", "rebuilt_at", Type::kTime},
      {"claimed_at", "claimed_at", Type::kTime},
      {"replayed_at", "replayed_at", Type::kTime},
      {"finished_at", "finished_at", Type::kTime},
      {"replayed", "replayed", kInt},
      {"outcome", "outcome"},
      {"phase",
       "case when outcome = 'recovered' then 'recovered' when outcome <> 'running' then 'failed'"
       " when replayed_at is not null then 'finishing' when claimed_at is not null then"
       " 'replaying' when offered_at is not null then 'rebuilding' else 'waiting' end"},
      {"notice_us", "noticed_at - lost_at", kInt},
      {"choose_us", "offered_at - noticed_at", kInt},
      {"rebuild_us", "rebuilt_at - offered_at", kInt},
      {"claim_us", "claimed_at - rebuilt_at", kInt},
      {"replay_us", "replayed_at - claimed_at", kInt},
      {"finish_us", "finished_at - replayed_at", kInt},
      {"all_us", "finished_at - lost_at", kInt},
      {"site_digest", "nullif(site_digest, '')"},
      {"platform_digest", "nullif(platform_digest, '')"},
  };
  return ask_page(pool_, kRecovery,
                  "algojr_trecovery where (:plan = 0 or scheme_id = :same) and"
                  " (:open = 0 or outcome = 'running') and noticed_at >= :since"
                  " and attempt_id < :after order by attempt_id desc",
                  which.page, which.plan, which.plan, std::int64_t{which.open}, which.since,
                  below(which.page));
}

Table Queries::audit(const Page& page, const std::string& object, TimePoint since) {
  constexpr Shown kAudit[] = {
      {"no", "audit_no", kInt}, {"at", "happened_at", Type::kTime},
      {"actor", "actor"},       {"action", "action"},
      {"object", "object"},     {"before", "before_value"},
      {"after", "after_value"}, {"reason", "reason"},
  };
  return ask_page(pool_, kAudit,
                  "algojr_tauditlog where (:object = '' or object = :same) and"
                  " happened_at >= :since and audit_no < :after order by audit_no desc",
                  page, object, object, since, below(page));
}

}  // namespace systask::db
