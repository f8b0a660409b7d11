#include "db/message_store.h"

#include <fmt/format.h>

#include "db/message_columns.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr std::string_view kAdd =
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id,"
    " line_no, disposition, market_no, entrust_no, topic, reason, body, received_at) values (:no,"
    " :id, :function, :date, :plan, :line, :disposition, :market, :number, :topic, :reason, :body,"
    " :at) on conflict (message_id) do nothing";

constexpr std::string_view kSettle =
    "update algojr_tmessage set disposition = :disposition, scheme_id = :plan, line_no = :line,"
    " topic = :topic, reason = :reason where message_no = :no";

// A statement that may abort in the middle of its rows keeps a copy of every page it changes, to
// go back to; this one sets a literal that its check allows, and nothing else can stop it.
constexpr std::string_view kApplied =
    "update or fail algojr_tmessage set disposition = 'a' where scheme_id = :plan"
    " and line_no >= :from and line_no <= :through and disposition = 'c'";

constexpr std::string_view kReplace =
    "update algojr_tmessage set function_no = :function, business_date = :date, scheme_id = :plan,"
    " line_no = :line, disposition = :disposition, market_no = :market, entrust_no = :number,"
    " topic = :topic, reason = :reason, body = :body, received_body ="
    " case when received_body = '' and body <> :body then body else received_body end"
    " where message_no = :no";

// Waiting messages have no event yet; every other one that has a number is an event or a skip.
constexpr std::string_view kEvents =
    "select line_no, topic, body from ("
    " select line_no, topic, body from algojr_tmessage where scheme_id = :plan"
    " and line_no > :after and line_no <= :through and disposition not in ('c', 'k')"
    " union all select line_no, topic, body from algojr_thismessage where scheme_id = :plan"
    " and line_no > :after and line_no <= :through and disposition not in ('c', 'k'))"
    " order by line_no limit :limit";

struct MessageWrites {
  explicit MessageWrites(soci::session& sql)
      : add(sql, kAdd),
        settle(sql, kSettle),
        applied(sql, kApplied),
        // The literal 'k' is what lets the partial indices serve these.
        parked_of(sql, fmt::format("select {} from algojr_tmessage where disposition = 'k' and"
                                   " business_date = :date and market_no = :market"
                                   " and entrust_no = :number order by message_no",
                                   kMessageColumns)),
        parked(sql, fmt::format("select {} from algojr_tmessage where disposition = 'k'"
                                " order by message_no",
                                kMessageColumns)),
        find(sql,
             fmt::format("select {} from algojr_tmessage where message_no = :no", kMessageColumns)),
        received(sql, fmt::format("select {} from algojr_tmessage where message_id = :id",
                                  kReceivedColumns)),
        replace(sql, kReplace),
        quarantined_of(sql, fmt::format("select {} from algojr_tmessage where disposition = 'q'"
                                        " and disposition <> 'a' and scheme_id = :plan"
                                        " order by message_no",
                                        kMessageColumns)),
        events(sql, kEvents) {}

  Command<MessageNo, std::string, int, BusinessDate, PlanId, LineNumber, Disposition, Market,
          std::string, std::string, std::string, std::string, TimePoint>
      add;
  Command<Disposition, PlanId, LineNumber, std::string, std::string, MessageNo> settle;
  Command<PlanId, LineNumber, LineNumber> applied;
  MessageQuery<BusinessDate, Market, std::string> parked_of;
  MessageQuery<> parked;
  MessageQuery<MessageNo> find;
  MessageQuery<std::string> received;
  Command<int, BusinessDate, PlanId, LineNumber, Disposition, Market, std::string, std::string,
          std::string, std::string, MessageNo>
      replace;
  MessageQuery<PlanId> quarantined_of;
  Query<Params<PlanId, LineNumber, LineNumber, std::size_t>, LineNumber, std::string, std::string>
      events;
};

struct MessageReads {
  explicit MessageReads(soci::session& sql)
      : last(sql,
             "select max(coalesce((select max(message_no) from algojr_tmessage), 0),"
             " coalesce((select max(message_no) from algojr_thismessage), 0))"),
        parked(sql, "select count(*) from algojr_tmessage where disposition = 'k'"),
        quarantined(sql, "select count(*) from algojr_tmessage where disposition = 'q'"),
        applied(sql,
                "select (select count(*) from algojr_tmessage)"
                " - (select count(*) from algojr_tmessage where disposition <> 'a')"),
        other(sql,
              "select count(*) from algojr_tmessage where disposition <> 'a'"
              " and disposition = :disposition") {}

  Query<Params<>, MessageNo> last;
  Query<Params<>, std::int64_t> parked;
  Query<Params<>, std::int64_t> quarantined;
  Query<Params<>, std::int64_t> applied;
  Query<Params<Disposition>, std::int64_t> other;
};

struct CacheStatements {
  explicit CacheStatements(soci::session& sql)
      : append(sql,
               "insert into algojr_trequestcache (message_no, message_id, function_no,"
               " business_date, scheme_id, line_no, market_no, entrust_no, topic, reason, body,"
               " received_at) values (:no, :id, :function, :date, :plan, :line, :market, :number,"
               " :topic, :reason, :body, :at)"),
        oldest(sql, fmt::format("select {} from algojr_trequestcache where scheme_id = :plan"
                                " order by line_no limit :limit",
                                kCachedColumns)),
        remove(sql,
               "delete from algojr_trequestcache where scheme_id = :plan and line_no >= :from"
               " and line_no <= :through"),
        depth(sql, "select count(*) from algojr_trequestcache where scheme_id = :plan"),
        depths(sql,
               "select scheme_id, count(*) from algojr_trequestcache group by scheme_id"
               " order by scheme_id") {}

  Command<MessageNo, std::string, int, BusinessDate, PlanId, LineNumber, Market, std::string,
          std::string, std::string, std::string, TimePoint>
      append;
  MessageQuery<PlanId, std::size_t> oldest;
  Command<PlanId, LineNumber, LineNumber> remove;
  Query<Params<PlanId>, std::int64_t> depth;
  Query<Params<>, PlanId, std::int64_t> depths;
};

}  // namespace

bool MessageStore::add(trading::UnitOfWork& work, const MessageRow& row) {
  return prepared<MessageWrites>(work).add.run(row.no, row.message_id, row.function_no, row.date,
                                               row.plan, row.number, row.disposition, row.market,
                                               row.order_number, row.topic, row.reason, row.body,
                                               row.received_at) == 1;
}

void MessageStore::settle(trading::UnitOfWork& work, const MessageRow& row) {
  prepared<MessageWrites>(work).settle.run(row.disposition, row.plan, row.number, row.topic,
                                           row.reason, row.no);
}

void MessageStore::applied(trading::UnitOfWork& work, const LineRange& range) {
  prepared<MessageWrites>(work).applied.run(range.plan, range.from, range.through);
}

std::vector<MessageRow> MessageStore::parked_of(trading::UnitOfWork& work, BusinessDate date,
                                                Market market, const std::string& order_number) {
  return rows_of(prepared<MessageWrites>(work).parked_of, date, market, order_number);
}

std::vector<MessageRow> MessageStore::parked(trading::UnitOfWork& work) {
  return rows_of(prepared<MessageWrites>(work).parked);
}

std::optional<MessageRow> MessageStore::find(trading::UnitOfWork& work, MessageNo no) {
  auto rows = rows_of(prepared<MessageWrites>(work).find, no);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

std::optional<MessageRow> MessageStore::received(trading::UnitOfWork& work,
                                                 const std::string& message_id) {
  auto rows = rows_of(prepared<MessageWrites>(work).received, message_id);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

void MessageStore::replace(trading::UnitOfWork& work, const MessageRow& row) {
  prepared<MessageWrites>(work).replace.run(row.function_no, row.date, row.plan, row.number,
                                            row.disposition, row.market, row.order_number,
                                            row.topic, row.reason, row.body, row.no);
}

std::vector<MessageRow> MessageStore::quarantined_of(trading::UnitOfWork& work, PlanId plan) {
  return rows_of(prepared<MessageWrites>(work).quarantined_of, plan);
}

std::vector<LineEvent> MessageStore::events(trading::UnitOfWork& work, PlanId plan,
                                            LineNumber after, LineNumber through,
                                            std::size_t limit) {
  std::vector<LineEvent> events;
  prepared<MessageWrites>(work).events.run(
      plan, after, through, limit, [&](LineNumber number, std::string topic, std::string body) {
        events.push_back(LineEvent{number, std::move(topic), std::move(body)});
      });
  return events;
}

MessageNo MessageStore::last_no() {
  return database_.readers().lease().prepared<MessageReads>().last.first().value_or(MessageNo{});
}

std::int64_t MessageStore::count(Disposition disposition) {
  const ReadPool::Lease lease = database_.readers().lease();
  auto& reads = lease.prepared<MessageReads>();
  switch (disposition) {
    case Disposition::kParked: return reads.parked.first().value_or(0);
    case Disposition::kApplied: return reads.applied.first().value_or(0);
    case Disposition::kQuarantined: return reads.quarantined.first().value_or(0);
    default: return reads.other.first(disposition).value_or(0);
  }
}

void MessageCache::append(trading::UnitOfWork& work, const MessageRow& row) {
  prepared<CacheStatements>(work).append.run(row.no, row.message_id, row.function_no, row.date,
                                             row.plan, row.number, row.market, row.order_number,
                                             row.topic, row.reason, row.body, row.received_at);
}

std::vector<MessageRow> MessageCache::oldest_first(trading::UnitOfWork& work, PlanId plan,
                                                   std::size_t limit) {
  return rows_of(prepared<CacheStatements>(work).oldest, plan, limit);
}

void MessageCache::remove(trading::UnitOfWork& work, const LineRange& range) {
  prepared<CacheStatements>(work).remove.run(range.plan, range.from, range.through);
}

std::int64_t MessageCache::depth(trading::UnitOfWork& work, PlanId plan) {
  return prepared<CacheStatements>(work).depth.first(plan).value_or(0);
}

std::vector<MessageCache::Depth> MessageCache::depths() {
  std::vector<Depth> depths;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<CacheStatements>().depths.run([&](PlanId plan, std::int64_t messages) {
    depths.push_back(Depth{plan, messages});
  });
  return depths;
}

}  // namespace systask::db
