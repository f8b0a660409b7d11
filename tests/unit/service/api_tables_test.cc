// The tables of the API over a real database file.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"
#include "db/message_store.h"
#include "db/queries.h"
#include "service/api/query_tables.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/service/schema_check.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using trading::PlanId;

constexpr const char* kRows =
    "insert into algojr_tstrategysite values (3, 'A', 'prod', '[\"twap\"]', 50, 0, 7, 1, 5, 0);"
    "insert into algojr_tstrategysite values (4, 'B', 'prod', '[\"twap\"]', 50, 1, 8, 1, 5, 0);"
    "insert into algojr_tstrategysite values (5, 'C', 'prod', '[\"twap\"]', 50, 1, 9, 0, 5, 9);"
    "insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, strategy_name, "
    "environment,"
    " scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,"
    " epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
    " created_at, status_at, fail_reason)"
    " values (1, 20260522, 20260522, 'one', 'twap', 'prod',"
    " '{\"slices\":\"6\"}', 'h', '2', 'w', 3, 7, 4, 9, 7, 0, 'look', 'me', 10, 20, '');"
    "insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, strategy_name, "
    "environment,"
    " scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,"
    " epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
    " created_at, status_at, fail_reason)"
    " values (2, 20260522, 20260522, 'two', 'twap', 'prod', '{}', '2',"
    " '0', '-', 3, 7, 1, 0, 0, 0, '', 'me', 10, 20, '');"
    "insert into algojr_tentrust (entrust_id, scheme_id, business_date, market_no, stock_code, "
    "entrust_direction,"
    " entrust_price, entrust_amount, entrust_no, algo_ordid, cbentrust_id, epoch,"
    " confirmed, rejected, cancel_pending, deal_amount, cancel_amount, deal_balance,"
    " revoke_cause, entrust_state, said_amount)"
    " values (5, 1, 20260522, 1, '600570', 1, 4800000000, 100, '88',"
    " '4-1', 0, 4, 1, 0, 0, 40, 0, 0, '', '6', 0);"
    "insert into algojr_tentrust (entrust_id, scheme_id, business_date, market_no, stock_code, "
    "entrust_direction,"
    " entrust_price, entrust_amount, entrust_no, algo_ordid, cbentrust_id, epoch,"
    " confirmed, rejected, cancel_pending, deal_amount, cancel_amount, deal_balance,"
    " revoke_cause, entrust_state, said_amount)"
    " values (6, 2, 20260522, 1, '600571', 2, 1, 100, '89',"
    " '1-1', 0, 1, 1, 0, 0, 0, 0, 0, '', '4', 0);"
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id, "
    "line_no,"
    " disposition, market_no, entrust_no, topic, reason, body, received_at)"
    " values (1, 'm1', 402206, 20260522, 1, 1, 'a', 1, '88', '', '',"
    " '{}', 10);"
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id, "
    "line_no,"
    " disposition, market_no, entrust_no, topic, reason, body, received_at)"
    " values (2, 'm2', 402206, 20260522, 0, 0, 'q', 1, '90', '',"
    " 'too much', '{}', 10);"
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id, "
    "line_no,"
    " disposition, market_no, entrust_no, topic, reason, body, received_at)"
    " values (3, 'm3', 402206, 20260522, 0, 0, 'q', 1, '91', '',"
    " 'too late', '{}', 1000000);"
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id, "
    "line_no,"
    " disposition, market_no, entrust_no, topic, reason, body, received_at)"
    " values (4, 'm4', 402206, 20260522, 0, 0, 'k', 1, '92', '',"
    " 'no order', '{}', 10);"
    "insert into algojr_trequestcache (scheme_id, line_no, business_date, function_no, message_id,"
    " body) values (1, 8, 20260522, 402206, 'm5', '{}'), (1, 9, 20260522, 402206, 'm6', '{}');"
    "insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
    " lost_at, noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at,"
    " replayed, outcome, site_digest, platform_digest)"
    " values (1, 1, 1, 'A', 'B', 'connection closed', 1000000,"
    " 1204000, 1207000, null, null, null, null, 0, 'running', '', '');";

class QueryTablesTest : public testing::Test {
 protected:
  QueryTablesTest() {
    database_->writer().lease(db::Urgency::kNormal).connection().run_script(kRows);
  }

  ScratchFolder folder_;
  std::unique_ptr<db::Database> database_ = db::Database::open(folder_.url()).value();
  db::Queries queries_{database_->readers()};
  db::MessageStore messages_{*database_};
  QueryTables tables_{queries_, messages_, Zone::find("Asia/Shanghai").value()};
};

TEST_F(QueryTablesTest, RowsAreAsTheDocumentSays) {
  const auto wrong = [](const json::array& rows, std::string_view shape) {
    EXPECT_FALSE(rows.empty()) << shape;
    return schema_check::mismatch(rows, schema_of_type("[" + std::string{shape} + "]"), "");
  };
  EXPECT_EQ(wrong(tables_.plans({}).rows, "Plan"), "");
  EXPECT_EQ(wrong(tables_.quarantined_plans({}).rows, "Plan"), "");
  EXPECT_EQ(wrong(tables_.sites(), "Site"), "");
  EXPECT_EQ(wrong(tables_.orders({}, {10, {}}).rows, "Order"), "");
  EXPECT_EQ(wrong(tables_.cache({}, {10, {}}).rows, "Cached"), "");
  EXPECT_EQ(wrong(tables_.cache(PlanId{1}, {10, {}}).rows, "Cached"), "");
  EXPECT_EQ(wrong(tables_.quarantine({10, {}}).rows, "Quarantined"), "");
  EXPECT_EQ(wrong(tables_.recoveries({.limit = 10}).rows, "Recovery"), "");
  EXPECT_EQ(wrong(tables_.trail(PlanId{1}), "TrailStep"), "");
}

TEST_F(QueryTablesTest, PlansHaveTheirParametersAsAnObject) {
  const auto plans = tables_.plans({}).rows;
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].at("plan"), 1);
  EXPECT_EQ(plans[0].at("status_name"), "abnormal");
  EXPECT_EQ(plans[0].at("parameters"), (json::value{{"slices", "6"}}));
  EXPECT_EQ(plans[1].at("parameters"), json::object{});
  EXPECT_TRUE(plans[1].at("phase").is_null());
}

TEST_F(QueryTablesTest, PricesAreDecimalsAndFlagsBooleans) {
  const auto orders = tables_.orders(PlanId{1}, {10, {}}).rows;
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].at("price"), "48");
  EXPECT_EQ(orders[0].at("filled"), 40);
  const auto sites = tables_.sites();
  EXPECT_EQ(sites.at(0).at("live"), true);
  EXPECT_EQ(sites.at(2).at("live"), false);
  EXPECT_TRUE(sites.at(0).at("lost_at").is_null());
}

TEST_F(QueryTablesTest, OrdersOfAllPlansBeginWithTheLatestAndStopAtTheLimit) {
  const auto all = tables_.orders(std::nullopt, {10, {}}).rows;
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("plan"), 2);
  EXPECT_EQ(tables_.orders(std::nullopt, {1, {}}).rows.size(), 1U);
}

TEST_F(QueryTablesTest, TheCacheIsDepthsOrTheMessagesOfOnePlan) {
  const auto depths = tables_.cache(std::nullopt, {10, {}}).rows;
  ASSERT_EQ(depths.size(), 1U);
  EXPECT_EQ(depths[0].at("messages"), 2);
  const auto rows = tables_.cache(PlanId{1}, {1, {}}).rows;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("message_id"), "m5");
}

TEST_F(QueryTablesTest, QuarantineShowsMessagesAndPlansThatWaitAreAmongThePlans) {
  const auto plans = tables_.quarantined_plans({10, {}}).rows;
  ASSERT_EQ(plans.size(), 1U);
  EXPECT_EQ(plans[0].at("plan"), 1);
  EXPECT_EQ(plans[0].at("quarantine_reason"), "look");
  EXPECT_TRUE(tables_.quarantined_plans({10, Tables::Cursor{1, 0}}).rows.empty());
  const auto rows = tables_.quarantine({10, {}}).rows;
  ASSERT_EQ(rows.size(), 2U) << "no row is a plan's";
  EXPECT_EQ(rows[0].at("message_id"), "m3");
  EXPECT_EQ(rows[1].at("message_id"), "m2");
  EXPECT_EQ(tables_.quarantine({1, {}}).rows.size(), 1U);
}

TEST_F(QueryTablesTest, TimesOfRecoveriesAreRfc3339AndNothingBeforeTheyCome) {
  const auto rows = tables_.recoveries({.limit = 10}).rows;
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("lost_at"), "1970-01-01T08:00:01+08:00");
  EXPECT_EQ(rows[0].at("noticed_at"), "1970-01-01T08:00:01.204+08:00");
  EXPECT_TRUE(rows[0].at("claimed_at").is_null());
  EXPECT_EQ(rows[0].at("outcome"), "running");
  EXPECT_TRUE(tables_.audit("", TimePoint::min(), {10, {}}).rows.empty());
}

// Every row once, whatever the size of the pages.
template <class List>
std::vector<std::string> walked(List list, const char* member, std::size_t limit) {
  std::vector<std::string> seen;
  Tables::Asked asked{.limit = limit, .after = {}};
  for (int pages = 0; pages < 50; ++pages) {
    const Tables::Page page = list(asked);
    EXPECT_LE(page.rows.size(), limit);
    for (const auto& row : page.rows)
      seen.push_back(json::serialize(row.at(member)));
    if (page.next.empty()) return seen;
    const auto second = page.next.find('_');
    asked.after =
        Tables::Cursor{std::stoll(page.next),
                       second == std::string::npos ? 0 : std::stoll(page.next.substr(second + 1))};
  }
  ADD_FAILURE() << "pages without end";
  return seen;
}

// What a message in quarantine is inserted by.
constexpr std::string_view kMessage =
    "insert into algojr_tmessage (message_no, message_id, function_no, business_date, scheme_id,"
    " line_no, disposition, market_no, entrust_no, topic, reason, body, received_at) ";

TEST_F(QueryTablesTest, PagesHaveEachRowOnce) {
  for (int i = 10; i < 17; ++i)
    database_->writer()
        .lease(db::Urgency::kNormal)
        .connection()
        .run_script(fmt::format(
            "{2}values ({0}, 'm{0}', 402206, 20260522, 0, 0, 'q', 1, '9', '', 'why', '{{}}', {1});"
            "insert into algojr_trequestcache (scheme_id, line_no, business_date, function_no,"
            " message_id, body) values (2, {0}, 20260522, 402206, 'c{0}', '{{}}');"
            "insert into algojr_tauditlog (happened_at, actor, action, object, before_value,"
            " after_value, reason) values ({0}, 'me', 'x', 'y', '', '', '');",
            i, i / 2, kMessage));
  const auto same = [](const auto& list, const char* member) {
    const auto whole = walked(list, member, 100);
    EXPECT_GE(whole.size(), 2U) << member;
    for (const std::size_t limit : {1U, 2U, 3U, 5U})
      EXPECT_EQ(walked(list, member, limit), whole) << member << " " << limit;
  };
  same([&](const auto& asked) { return tables_.plans(asked); }, "plan");
  same([&](const auto& asked) { return tables_.orders({}, asked); }, "order");
  same([&](const auto& asked) { return tables_.cache({}, asked); }, "plan");
  same([&](const auto& asked) { return tables_.cache(PlanId{2}, asked); }, "number");
  same([&](const auto& asked) { return tables_.quarantine(asked); }, "message_id");
  same([&](const auto& asked) { return tables_.audit("", TimePoint::min(), asked); }, "no");
}

// 300 messages of 0.9 MB were one answer of 277 MB.
TEST_F(QueryTablesTest, AListHasNoLongBodiesAndEndsWhereItIsLongEnough) {
  database_->writer()
      .lease(db::Urgency::kNormal)
      .connection()
      .run_script(
          "with recursive n(i) as (select 100 union all select i + 1 from n where i < 1400) " +
          std::string{kMessage} +
          "select i, 'm' || i, 402206, 20260522, 0, 0, 'q', 1, '9', '', 'why',"
          " printf('%.*c', case i % 100 when 0 then 900000 else 4000 end, 'x'), i from n;");
  const Tables::Page page = tables_.quarantine({});
  std::size_t bytes = 0;
  std::size_t left_out = 0;
  for (const auto& row : page.rows) {
    if (row.at("body_bytes") == 900'000) {
      EXPECT_TRUE(row.at("body").is_null());
      ++left_out;
    }
    bytes += json::serialize(row).size();
  }
  EXPECT_GT(left_out, 0U);
  EXPECT_LT(bytes, 6U << 20);
  EXPECT_NE(page.next, "");
}

TEST_F(QueryTablesTest, ATrailTellsAPlansLifeInOrder) {
  database_->writer()
      .lease(db::Urgency::kNormal)
      .connection()
      .run_script(
          "insert into algojr_tauditlog values (1, 10, 'me', 'plan create', 'plan 1', '', '{}', "
          "'');"
          "insert into algojr_tauditlog values (2, 11, 'platform', 'plan start', 'plan 1', '', "
          "'A', '');"
          "insert into algojr_tauditlog values (3, 1100000, 'ann', 'plan move', 'plan 1', 'A', 'B',"
          " 'new version');"
          "insert into algojr_tauditlog values (4, 12, 'me', 'plan create', 'plan 2', '', '{}', "
          "'');"
          "update algojr_tscheme set status_at = 1300000 where scheme_id = 1;");
  const auto trail = tables_.trail(PlanId{1});
  std::vector<std::string> told;
  for (const auto& row : trail)
    told.push_back(std::string{row.at("what").as_string()} + " " +
                   std::string{row.at("site").as_string()});
  EXPECT_EQ(told, (std::vector<std::string>{"plan create ", "plan start A", "plan move B",
                                            "site lost A", "offered B", "abnormal A"}));
  EXPECT_EQ(trail[2].at("detail"), "from A: new version");
  EXPECT_EQ(trail[3].at("at"), "1970-01-01T08:00:01.204+08:00");
  EXPECT_EQ(trail[3].at("detail"), "connection closed");
  EXPECT_TRUE(tables_.trail(PlanId{9}).empty());
}

TEST_F(QueryTablesTest, CountsByWhatBecameOfThings) {
  const auto counts = tables_.counts();
  EXPECT_EQ(counts.messages,
            (std::map<std::string, std::int64_t>{
                {"applied", 1}, {"cached", 2}, {"parked", 1}, {"passed", 0}, {"quarantined", 2}}));
  EXPECT_EQ(counts.plans, (std::map<std::string, std::int64_t>{{"abnormal", 1}, {"running", 1}}));
  EXPECT_EQ(counts.sites,
            (std::map<std::string, std::int64_t>{{"draining", 1}, {"live", 1}, {"lost", 1}}));
  EXPECT_EQ(counts.cached, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(counts.outbox, 0);
}

}  // namespace
}  // namespace systask::service
