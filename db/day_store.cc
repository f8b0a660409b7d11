#include "db/day_store.h"

#include <fmt/format.h>

#include "db/archive_moves.h"
#include "db/message_columns.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr std::string_view kArchiveCached =
    "insert into algojr_thisrequestcache (scheme_id, line_no, business_date, function_no,"
    " message_id, body, message_no, market_no, entrust_no, topic, reason, received_at, outcome)"
    " select scheme_id, line_no, business_date, function_no, message_id, body, message_no,"
    " market_no, entrust_no, topic, reason, received_at, :outcome from algojr_trequestcache"
    " where scheme_id = :plan and line_no = :line";

struct DayWrites {
  explicit DayWrites(soci::session& sql)
      : set_open_date(sql,
                      "insert into algojr_tplatform (name, value) values"
                      " ('open_business_date', :date)"
                      " on conflict (name) do update set value = excluded.value"),
        add_session_text(sql,
                         "insert into algojr_texectimeinfo (market_no, day_exec_time_range)"
                         " values (:market, :text) on conflict (market_no) do nothing"),
        stale(sql, fmt::format("select {} from algojr_trequestcache where business_date < :before"
                               " and not exists (select 1 from algojr_tscheme p where p.scheme_id ="
                               " algojr_trequestcache.scheme_id and p.quarantine_reason <> '')"
                               " order by scheme_id, line_no limit :limit",
                               kCachedColumns)),
        archive_cached(sql, kArchiveCached),
        drop_cached(sql,
                    "delete from algojr_trequestcache where scheme_id = :plan"
                    " and line_no = :line"),
        prune(sql, "delete from algojr_thisrequestcache where business_date < :before") {}

  Command<std::string> set_open_date;
  Command<Market, std::string> add_session_text;
  MessageQuery<BusinessDate, std::size_t> stale;
  Command<std::string, PlanId, LineNumber> archive_cached;
  Command<PlanId, LineNumber> drop_cached;
  Command<BusinessDate> prune;
};

struct DayReads {
  explicit DayReads(soci::session& sql)
      : open_date(sql,
                  "select cast(value as integer) from algojr_tplatform"
                  " where name = 'open_business_date'"),
        sessions(sql,
                 "select market_no, day_exec_time_range from algojr_texectimeinfo"
                 " order by market_no") {}

  Query<Params<>, BusinessDate> open_date;
  Query<Params<>, Market, std::string> sessions;
};

}  // namespace

std::optional<BusinessDate> DayStore::open_date() {
  return database_.readers().lease().prepared<DayReads>().open_date.first();
}

void DayStore::set_open_date(trading::UnitOfWork& work, BusinessDate date) {
  prepared<DayWrites>(work).set_open_date.run(std::to_string(date.value()));
}

std::map<Market, std::string> DayStore::session_texts() {
  std::map<Market, std::string> texts;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<DayReads>().sessions.run(
      [&](Market market, std::string text) { texts.emplace(market, std::move(text)); });
  return texts;
}

void DayStore::add_session_text(trading::UnitOfWork& work, Market market, const std::string& text) {
  prepared<DayWrites>(work).add_session_text.run(market, text);
}

std::size_t DayStore::archive_some(trading::UnitOfWork& work, BusinessDate before,
                                   std::size_t limit) {
  auto& moves = prepared<ArchiveMoves>(work);
  // Every kind is looked at before the answer is 0, wherever the last call stopped.
  for (std::size_t looked = 0; looked < ArchiveMoves::kKinds; ++looked) {
    const std::size_t moved = moves.move(kind_, before, limit);
    if (moved > 0) return moved;
    kind_ = (kind_ + 1) % ArchiveMoves::kKinds;
  }
  return 0;
}

std::vector<MessageRow> DayStore::stale_cache(trading::UnitOfWork& work, BusinessDate before,
                                              std::size_t limit) {
  return rows_of(prepared<DayWrites>(work).stale, before, limit);
}

void DayStore::archive_cached(trading::UnitOfWork& work, PlanId plan, LineNumber number,
                              const std::string& outcome) {
  auto& writes = prepared<DayWrites>(work);
  writes.archive_cached.run(outcome, plan, number);
  writes.drop_cached.run(plan, number);
}

std::size_t DayStore::prune_cache_archive(trading::UnitOfWork& work, BusinessDate before) {
  return static_cast<std::size_t>(prepared<DayWrites>(work).prune.run(before));
}

}  // namespace systask::db
