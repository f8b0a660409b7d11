// A message's row as the message table and the cache both give it. Private to db/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "db/statement.h"
#include "trading/ports/message_store.h"

namespace systask::db {

// In the order in which MessageQuery reads them; the cache has 'c' for the disposition.
inline constexpr std::string_view kMessageColumns =
    "message_no, message_id, function_no, business_date, scheme_id, line_no, disposition,"
    " market_no, entrust_no, topic, reason, body, received_at";
// The body as it was received, where an operator edited it since.
inline constexpr std::string_view kReceivedColumns =
    "message_no, message_id, function_no, business_date, scheme_id, line_no, disposition,"
    " market_no, entrust_no, topic, reason,"
    " case when received_body = '' then body else received_body end, received_at";
inline constexpr std::string_view kCachedColumns =
    "message_no, message_id, function_no, business_date, scheme_id, line_no, 'c',"
    " market_no, entrust_no, topic, reason, body, received_at";

template <class... Given>
using MessageQuery =
    Query<Params<Given...>, trading::MessageNo, std::string, int, trading::BusinessDate,
          trading::PlanId, trading::LineNumber, trading::Disposition, trading::Market, std::string,
          std::string, std::string, std::string, TimePoint>;

template <class... Given>
std::vector<trading::MessageRow> rows_of(MessageQuery<Given...>& query, const Given&... given) {
  std::vector<trading::MessageRow> rows;
  query.run(given...,
            [&](trading::MessageNo no, std::string id, int function_no, trading::BusinessDate date,
                trading::PlanId plan, trading::LineNumber number, trading::Disposition disposition,
                trading::Market market, std::string order_number, std::string topic,
                std::string reason, std::string body, TimePoint received_at) {
              rows.push_back(trading::MessageRow{no, std::move(id), function_no, date, plan, number,
                                                 disposition, market, std::move(order_number),
                                                 std::move(topic), std::move(reason),
                                                 std::move(body), received_at});
            });
  return rows;
}

}  // namespace systask::db
