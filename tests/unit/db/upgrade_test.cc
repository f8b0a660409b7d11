// Databases of earlier scripts: what the scripts since make of their rows.
#include <gmock/gmock.h>

#include <algorithm>

#include "db/order_store.h"
#include "db/schema.h"
#include "tests/support/scratch_folder.h"
#include "trading/seen_cancels.h"

namespace systask::db {
namespace {

// The scripts before that of the number.
std::span<const Script> before(int version) {
  const auto all = scripts();
  const auto end = std::ranges::find_if(all, [&](const Script& s) { return s.version >= version; });
  return all.first(static_cast<std::size_t>(end - all.begin()));
}

constexpr const char* kDay =
    "insert into algojr_tentrust (entrust_id, scheme_id, business_date, market_no, stock_code,"
    " entrust_direction, entrust_price, entrust_amount, entrust_no, algo_ordid, cbentrust_id,"
    " epoch, confirmed, rejected, cancel_pending, deal_amount, cancel_amount, deal_balance,"
    " revoke_cause, entrust_state) values"
    " (5, 1, 20260522, 1, '600570', 1, 1, 100, 'E1', null, 0, 1, 1, 0, 0, 0, 50, 0, '', '4'),"
    " (6, 1, 20260522, 2, '600570', 1, 1, 100, 'E1', null, 0, 1, 1, 0, 0, 0, 0, 0, '', '4'),"
    " (7, 1, 20260522, 1, '600570', 1, 1, 100, '', '1-1', 0, 1, 1, 0, 0, 0, 0, 0, '', '4');"
    "insert into algojr_tcbentrust (cbentrust_id, scheme_id, business_date, market_no, entrust_no,"
    " buy_entrust_id, sell_entrust_id, confirmed, rejected, cancel_pending, cancelled,"
    " revoke_cause, entrust_state) values"
    " (9, 1, 20260522, 1, 'E1', 5, 6, 1, 0, 0, 0, '', '4');"
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id,"
    " line_no, disposition, market_no, entrust_no, topic, reason, body, received_at) values"
    " (1, 'm1', 402212, 20260522, 1, 2, 'a', 1, 'E1', '', '',"
    " '{\"entrust_no\":\"c1\",\"cancel_entrust_no\":\"E1\",\"cancel_amount\":\"30\"}', 1),"
    " (2, 'm2', 402212, 20260522, 1, 3, 'a', 1, 'E1', '', '',"
    " '{\"entrust_no\":\"E1\",\"cancel_amount\":20,\"business_time\":\"093001\"}', 1),"
    " (3, 'm3', 402210, 20260522, 1, 4, 'a', 1, 'E1', '', '',"
    " '{\"entrust_no\":7,\"cancel_entrust_no\":\"E1\"}', 1),"
    " (4, 'm4', 402212, 20260522, 1, 0, 'q', 1, 'E1', '', '',"
    " '{\"entrust_no\":\"c9\",\"cancel_entrust_no\":\"E1\",\"cancel_amount\":9}', 1),"
    " (5, 'm5', 402212, 20260522, 1, 0, 'a', 1, 'E1', '', '', 'no JSON', 1),"
    " (6, 'm6', 402235, 20260522, 1, 5, 'a', 1, 'E1', '', '', '{\"entrust_no\":\"c2\","
    "\"cancel_entrust_no\":\"E1\",\"buy_cancel_amount\":1,\"sell_cancel_amount\":\"2\"}', 1);";

trading::Message cancel_of(int function, const std::string& number, const std::string& order,
                           trading::Quantity off, std::int32_t time = 0) {
  trading::Message message;
  message.function = trading::find_function(function);
  message.number = number;
  message.cancel_number = order;
  message.cancel_quantity = off;
  message.time = time;
  return message;
}

TEST(Upgrade, CancelsOfTheOpenDayAreKnown) {
  const ScratchFolder folder;
  {
    Writer writer{folder.file("test.db")};
    ASSERT_TRUE(migrate(writer, before(21)));
    Writer::Lease lease = writer.lease(Urgency::kNormal);
    lease.connection().run_script(kDay);
  }
  const auto database = Database::open(folder.url()).value();
  OrderStore store{*database};
  const auto orders = store.load_orders();
  ASSERT_EQ(orders.size(), 3U);
  EXPECT_TRUE(orders[0].placed);
  EXPECT_FALSE(orders[2].placed) << "the order system has not given it a number";
  EXPECT_EQ(orders[1].cancels.text(), "") << "of another market";
  const trading::SeenCancels& seen = orders[0].cancels;
  EXPECT_EQ(seen.find(cancel_of(402212, "c1", "E1", 30)), "30");
  EXPECT_EQ(seen.find(cancel_of(402212, "E1", "", 20, 93001)), "20");
  EXPECT_EQ(seen.find(cancel_of(402210, "7", "E1", 0)), "");
  EXPECT_FALSE(seen.find(cancel_of(402211, "7", "E1", 0)).has_value());
  EXPECT_FALSE(seen.find(cancel_of(402212, "c9", "E1", 9)).has_value()) << "it was not applied";
  const auto pairs = store.load_combined();
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].cancels.find(cancel_of(402235, "c2", "E1", 0)), "1/2");
}

}  // namespace
}  // namespace systask::db
