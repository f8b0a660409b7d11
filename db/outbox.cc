#include "db/outbox.h"

#include <algorithm>

#include "db/statement.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

// A negative fence is none.
constexpr std::string_view kAddToOutbox =
    "insert into algojr_toutbox (out_no, out_kind, topic, scheme_id, line_no, algo_ordid, body,"
    " created_at, attempts, last_error) select :no, :kind, :topic, :plan, :line, :ordid, :body, "
    ":at,"
    " :attempts, :error where :fence < 0 or exists (select 1 from algojr_tscheme p"
    " where p.scheme_id = :plan and p.epoch = :fence and p.scheme_status <> 'h')";

// Remembers the greatest number among rows about to be removed.
constexpr std::string_view kRemember =
    "insert into algojr_tplatform (name, value) select 'last_out_no', cast(top as text)"
    " from (select max(out_no) as top from algojr_toutbox where out_kind = 'o'"
    " and out_no <= :through) as sent where top is not null"
    " on conflict (name) do update set value = excluded.value"
    " where cast(algojr_tplatform.value as bigint) < cast(excluded.value as bigint)";
constexpr std::string_view kRememberOne =
    "insert into algojr_tplatform (name, value) select 'last_out_no', cast(out_no as text)"
    " from algojr_toutbox where out_no = :no"
    " on conflict (name) do update set value = excluded.value"
    " where cast(algojr_tplatform.value as bigint) < cast(excluded.value as bigint)";

struct OutboxStatements {
  explicit OutboxStatements(soci::session& sql)
      : add(sql, kAddToOutbox),
        remember(sql, kRemember),
        remember_one(sql, kRememberOne),
        remove_through(sql,
                       "delete from algojr_toutbox where out_kind = 'o' and out_no <= :through"),
        remove(sql, "delete from algojr_toutbox where out_no = :no"),
        failed(sql,
               "update algojr_toutbox set attempts = attempts + 1, last_error = :error"
               " where out_no = :no"),
        pending(sql,
                "select out_no, out_kind, topic, scheme_id, line_no, algo_ordid, body,"
                " created_at, attempts, last_error from algojr_toutbox where out_kind = :kind"
                " and out_no > :after order by out_no limit :limit"),
        last(sql,
             "select max(coalesce((select max(out_no) from algojr_toutbox), 0),"
             " coalesce((select cast(value as bigint) from algojr_tplatform"
             " where name = 'last_out_no'), 0))") {}

  Command<OutNo, OutKind, std::string, PlanId, LineNumber, std::string, std::string, TimePoint, int,
          std::string, std::int64_t>
      add;
  Command<OutNo> remember;
  Command<OutNo> remember_one;
  Command<OutNo> remove_through;
  Command<OutNo> remove;
  Command<std::string, OutNo> failed;
  Query<Params<OutKind, OutNo, std::size_t>, OutNo, OutKind, std::string, PlanId, LineNumber,
        std::string, std::string, TimePoint, int, std::string>
      pending;
  Query<Params<>, OutNo> last;
};

}  // namespace

bool Outbox::add(trading::UnitOfWork& work, const OutRow& row, std::optional<Epoch> fence) {
  return prepared<OutboxStatements>(work).add.run(
             row.no, row.kind, row.topic, row.plan, row.line, row.algo_ordid, row.body,
             row.created_at, row.attempts, row.last_error, fence ? fence->value() : -1) == 1;
}

void Outbox::remove_through(trading::UnitOfWork& work, OutNo through) {
  auto& statements = prepared<OutboxStatements>(work);
  statements.remember.run(through);
  statements.remove_through.run(through);
}

void Outbox::remove(trading::UnitOfWork& work, std::span<const OutNo> numbers) {
  if (numbers.empty()) return;
  auto& statements = prepared<OutboxStatements>(work);
  statements.remember_one.run(*std::ranges::max_element(numbers));
  for (const OutNo no : numbers)
    statements.remove.run(no);
}

void Outbox::failed_again(trading::UnitOfWork& work, OutNo no, const std::string& error) {
  prepared<OutboxStatements>(work).failed.run(error, no);
}

std::vector<OutRow> Outbox::pending(trading::UnitOfWork& work, OutKind kind, OutNo after,
                                    std::size_t limit) {
  std::vector<OutRow> rows;
  prepared<OutboxStatements>(work).pending.run(
      kind, after, limit,
      [&](OutNo no, OutKind of, std::string topic, PlanId plan, LineNumber line, std::string ordid,
          std::string body, TimePoint created_at, int attempts, std::string error) {
        rows.push_back(OutRow{no, of, std::move(topic), plan, line, std::move(ordid),
                              std::move(body), created_at, attempts, std::move(error)});
      });
  return rows;
}

OutNo Outbox::last_no() {
  return database_.readers().lease().prepared<OutboxStatements>().last.first().value_or(OutNo{});
}

}  // namespace systask::db
