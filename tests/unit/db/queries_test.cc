#include "db/queries.h"

#include <gmock/gmock.h>

#include "db/database.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns)
    names.push_back(column.name);
  return names;
}

Table::Cell cell(const Table& table, std::size_t row, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return table.rows.at(row).at(i);
  }
  throw std::out_of_range("no column " + name);
}

Table::Cell number(std::int64_t value) { return Table::Cell{value}; }
Table::Cell text(const char* value) { return Table::Cell{std::string{value}}; }

class QueriesTest : public testing::Test {
 protected:
  void run(const std::string& script) {
    const auto lease = database_->writer().lease(Urgency::kNormal);
    lease.connection().run_script(script);
  }

  ScratchFolder folder_;
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
  Queries queries_{database_->readers()};
};

constexpr const char* kTwoPlans =
    "insert into algojr_tstrategysite values (3, 'A', 'test', '[\"twap\"]', 50, 0, 7, 1, 5, 0);"
    "insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, strategy_name, "
    "environment,"
    " scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,"
    " epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
    " created_at, status_at, fail_reason)"
    " values (1, 20260522, 20260522, 'one', 'twap', 'test', '{}', 'h',"
    " '2', 'w', 3, 7, 4, 9, 7, 0, 'look', 'me', 10, 20, '');"
    "insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, strategy_name, "
    "environment,"
    " scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,"
    " epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
    " created_at, status_at, fail_reason)"
    " values (2, 20260522, 20260522, 'two', 'twap', 'test', '{}', '2',"
    " '0', '-', 3, 7, 1, 0, 0, 0, '', 'me', 10, 20, '');"
    "insert into algojr_tschemestock values (1, 1, '600570', 1, 0, 1000, 400, 300,"
    " 9000000000000000000, 1);";

TEST_F(QueriesTest, PlansAreShownWithTheirTotalsAndSite) {
  run(kTwoPlans);
  const Table plans = queries_.plans();
  ASSERT_EQ(plans.rows.size(), 2U);
  EXPECT_EQ(cell(plans, 0, "status"), text("h"));
  EXPECT_EQ(cell(plans, 0, "status_name"), text("abnormal"));
  EXPECT_EQ(cell(plans, 0, "phase"), text("waiting"));
  EXPECT_EQ(cell(plans, 0, "site"), text("A"));
  EXPECT_EQ(cell(plans, 0, "filled"), number(300));
  EXPECT_EQ(cell(plans, 0, "amount"), number(9'000'000'000'000'000'000));
  EXPECT_EQ(cell(plans, 1, "phase"), Table::Cell{});
  EXPECT_EQ(cell(plans, 1, "ordered"), number(0));
  EXPECT_EQ(queries_.plan(trading::PlanId{2}).rows.size(), 1U);
  EXPECT_TRUE(queries_.plan(trading::PlanId{9}).rows.empty());
  EXPECT_EQ(queries_.plan_details(trading::PlanId{1}).rows.size(), 1U);
  EXPECT_EQ(queries_.quarantined_plans().rows.size(), 1U);
  const Table sites = queries_.sites();
  ASSERT_EQ(sites.rows.size(), 1U);
  EXPECT_EQ(cell(sites, 0, "plans"), number(1));
}

TEST_F(QueriesTest, ACachedRowMayBePutInByHand) {
  run("insert into algojr_trequestcache (scheme_id, line_no, business_date, function_no,"
      " message_id, body) values (5, 1, 20260521, 402206, 'by hand', '{}')");
  const Table depths = queries_.cache();
  ASSERT_EQ(depths.rows.size(), 1U);
  EXPECT_EQ(cell(depths, 0, "messages"), number(1));
  EXPECT_EQ(cell(queries_.cache(trading::PlanId{5}), 0, "message_id"), text("by hand"));
}

TEST_F(QueriesTest, RecoveriesHaveTheirColumnsNewestFirst) {
  run("insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
      " lost_at, noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at,"
      " replayed, outcome, site_digest, platform_digest)"
      " values (1, 1, 1, 'A', 'B', 'closed', 1, 2, 3, null, null,"
      " null, null, 0, 'failed', '', '');"
      "insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
      " lost_at, noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at,"
      " replayed, outcome, site_digest, platform_digest)"
      " values (2, 1, 2, 'A', 'C', 'closed', 1, 4, 5, 5, 6, 7, 8, 9,"
      " 'recovered', '', '');");
  const Table table = queries_.recoveries({.page = {.limit = 10}});
  EXPECT_THAT(names_of(table),
              ElementsAre("recovery", "plan", "attempt", "from_site", "to_site", "why", "lost_at",
                          "noticed_at", "offered_at", "rebuilt_at", "claimed_at", "replayed_at",
                          "finished_at", "replayed", "outcome", "phase", "notice_us", "choose_us",
                          "rebuild_us", "claim_us", "replay_us", "finish_us", "all_us",
                          "site_digest", "platform_digest"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(cell(table, 0, "to_site"), text("C"));
  EXPECT_EQ(cell(table, 0, "phase"), text("recovered"));
  EXPECT_EQ(cell(table, 0, "notice_us"), number(3));
  EXPECT_EQ(cell(table, 0, "all_us"), number(7));
  EXPECT_EQ(cell(table, 1, "phase"), text("failed"));
  EXPECT_EQ(cell(table, 1, "claimed_at"), Table::Cell{});
  EXPECT_EQ(cell(table, 1, "all_us"), Table::Cell{});
  EXPECT_EQ(queries_.recoveries({.page = {.limit = 1}}).rows.size(), 1U);
}

TEST_F(QueriesTest, EveryQuestionCanBeAsked) {
  const trading::PlanId plan{1};
  for (const Table& table : {queries_.orders(plan), queries_.combined_orders(plan),
                             queries_.fills(plan), queries_.quarantine(), queries_.parked(),
                             queries_.outbox(5), queries_.audit({.limit = 5})}) {
    EXPECT_FALSE(table.columns.empty());
    EXPECT_TRUE(table.rows.empty());
  }
}

// The database says no to a state that no table of states has.
TEST_F(QueriesTest, StatesAreEnforcedByTheDatabase) {
  run(kTwoPlans);
  EXPECT_ANY_THROW(run("update algojr_tscheme set scheme_status = 'z'"));
  EXPECT_ANY_THROW(run("update algojr_tscheme set recover_phase = 'o' where scheme_id = 2"));
  EXPECT_ANY_THROW(run("update algojr_tscheme set applied_line = last_line + 1"));
  EXPECT_ANY_THROW(run("update algojr_tschemestock set entrust_direction = 3"));
}

}  // namespace
}  // namespace systask::db
