// Which rows the questions to the database take, and in which order.
#include <gmock/gmock.h>

#include "db/database.h"
#include "db/queries.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class QueriesEdges : public testing::Test {
 protected:
  void run(const std::string& script) {
    const auto lease = database_->writer().lease(Urgency::kNormal);
    lease.connection().run_script(script);
  }
  // One column of all rows, as text.
  static std::vector<std::string> of(const Table& table, const std::string& name) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name != name) continue;
      for (const Table::Row& row : table.rows) {
        const auto* const number = std::get_if<std::int64_t>(&row[i]);
        const auto* const text = std::get_if<std::string>(&row[i]);
        found.push_back(number ? std::to_string(*number) : text ? *text : "null");
      }
    }
    return found;
  }
  void message(int number, char disposition, int received, int plan) {
    run("insert into algojr_tmessage (message_no, message_id, function_no, business_date, "
        "scheme_id, line_no,"
        " disposition, market_no, entrust_no, topic, reason, body, received_at)"
        " values (" +
        std::to_string(number) + ", 'm" + std::to_string(number) + "', 402206, 20260522, " +
        std::to_string(plan) + ", 0, '" + disposition + "', 1, '9', 't', 'why', '{}', " +
        std::to_string(received) + ")");
  }

  ScratchFolder folder_;
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
  Queries queries_{database_->readers()};
};

TEST_F(QueriesEdges, QuarantineAndParkedEachHaveTheirOwnOldestFirst) {
  message(1, 'a', 10, 7);
  message(2, 'q', 30, 7);
  message(3, 'q', 20, 0);
  message(4, 'k', 50, 0);
  message(5, 'k', 40, 0);
  message(6, 'q', 20, 7);
  EXPECT_THAT(of(queries_.quarantine(), "no"), ElementsAre("2", "6", "3"));
  EXPECT_THAT(of(queries_.quarantine(), "plan"), ElementsAre("7", "7", "null"));
  EXPECT_THAT(of(queries_.parked(), "no"), ElementsAre("5", "4"));
}

TEST_F(QueriesEdges, TheOutboxGivesItsOldestUpToALimit) {
  for (const char* row :
       {"3, 'o', 't', 7, 0, 'a-1', '{}', 10, 2, 'refused'",
        "1, 'p', 't', 0, 0, '', '{}', 30, 0, ''", "2, 'p', 't', 0, 0, '', '{}', 20, 0, ''"})
    run(std::string{"insert into algojr_toutbox values ("} + row + ")");
  EXPECT_THAT(of(queries_.outbox(2), "no"), ElementsAre("1", "2"));
  EXPECT_THAT(of(queries_.outbox(3), "plan"), ElementsAre("null", "null", "7"));
  EXPECT_THAT(of(queries_.outbox(3), "algo_ordid"), ElementsAre("null", "null", "a-1"));
  EXPECT_THAT(of(queries_.outbox(3), "last_error"), ElementsAre("null", "null", "refused"));
}

TEST_F(QueriesEdges, TheAuditLogIsAskedByObjectTimeAndNumber) {
  for (int i = 1; i <= 5; ++i)
    run("insert into algojr_tauditlog values (" + std::to_string(i) + ", " +
        std::to_string(i * 10) + ", 'bob', 'pause', 'task " + (i % 2 == 0 ? "a" : "b") +
        "', 'runs', 'paused', 'why')");
  EXPECT_THAT(of(queries_.audit({.limit = 2}), "at"), ElementsAre("50", "40")) << "newest first";
  EXPECT_THAT(of(queries_.audit({.limit = 9}, "task a"), "at"), ElementsAre("40", "20"));
  EXPECT_THAT(of(queries_.audit({.limit = 9}, "task"), "at"), IsEmpty()) << "the whole name";
  EXPECT_THAT(of(queries_.audit({.limit = 9}, "", from_micros(40)), "at"), ElementsAre("50", "40"));
  EXPECT_THAT(of(queries_.audit({.limit = 9}, "task a", from_micros(21)), "at"), ElementsAre("40"));
  EXPECT_THAT(of(queries_.audit({.limit = 1}), "before"), ElementsAre("runs"));
  EXPECT_THAT(of(queries_.audit({.limit = 1}), "after"), ElementsAre("paused"));
}

TEST_F(QueriesEdges, RecoveriesAreAskedByPlanTimeAndWhetherTheyAreUnderWay) {
  for (int i = 1; i <= 4; ++i)
    run("insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
        " lost_at, noticed_at, offered_at, rebuilt_at, claimed_at, replayed_at, finished_at,"
        " replayed, outcome, site_digest, platform_digest) values (" +
        std::to_string(i) + ", " + std::to_string(i % 2 + 1) + ", 1, 'A', 'B', '', 1, " +
        std::to_string(i * 10) + ", " + (i > 1 ? "5" : "null") + ", null, " +
        (i > 2 ? "6" : "null") + ", " + (i > 3 ? "7" : "null") + ", null, 0, '" +
        (i == 1 ? "failed" : "running") + "', '', '')");
  const trading::PlanId one{1};
  EXPECT_THAT(of(queries_.recoveries({.page = {.limit = 3}}), "noticed_at"),
              ElementsAre("40", "30", "20"));
  EXPECT_THAT(of(queries_.recoveries({.plan = one, .page = {.limit = 9}}), "noticed_at"),
              ElementsAre("40", "20"));
  EXPECT_THAT(
      of(queries_.recoveries({.since = from_micros(30), .page = {.limit = 9}}), "noticed_at"),
      ElementsAre("40", "30"));
  EXPECT_THAT(of(queries_.recoveries({.open = true, .page = {.limit = 9}}), "phase"),
              ElementsAre("finishing", "replaying", "rebuilding"));
  run("update algojr_trecovery set outcome = 'running', offered_at = null where attempt_id = 1");
  EXPECT_THAT(of(queries_.recoveries({.open = true, .page = {.limit = 9}}), "phase"),
              ElementsAre("finishing", "replaying", "rebuilding", "waiting"));
}

TEST_F(QueriesEdges, TheCacheIsCountedByPlan) {
  for (const char* row : {"5, 3, 20260522, 402206, 'c', '{}'", "5, 2, 20260522, 402206, 'b', '{}'",
                          "4, 9, 20260522, 402206, 'd', '{}'"})
    run(std::string{"insert into algojr_trequestcache (scheme_id, line_no, business_date,"
                    " function_no, message_id, body) values ("} +
        row + ")");
  EXPECT_THAT(of(queries_.cache(), "plan"), ElementsAre("4", "5"));
  EXPECT_THAT(of(queries_.cache(), "messages"), ElementsAre("1", "2"));
  EXPECT_THAT(of(queries_.cache(), "first_number"), ElementsAre("9", "2"));
  EXPECT_THAT(of(queries_.cache(), "last_number"), ElementsAre("9", "3"));
  EXPECT_THAT(of(queries_.cache(trading::PlanId{5}), "message_id"), ElementsAre("b", "c"));
}

TEST_F(QueriesEdges, ASiteHasThePlansThatHaveNotEnded) {
  run("insert into algojr_tstrategysite values (3, 'A', 'test', '[]', 50, 0, 7, 1, 5, 0);"
      "insert into algojr_tstrategysite values (4, 'B', 'test', '[]', 50, 1, 0, 0, 5, 9);");
  int plan = 0;
  for (const char* status : {"2", "b", "2", "a"})
    run("insert into algojr_tscheme (scheme_id, business_date, last_date, scheme_name, "
        "strategy_name, environment,"
        " scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,"
        " epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,"
        " created_at, status_at, fail_reason)"
        " values (" +
        std::to_string(++plan) + ", 20260522, 20260522, 'p', 'twap', 'test', '{}', '" + status +
        "', '0', '-', 3, 7, 4, 9, 7, 0, '', 'me', 10, 20, '')");
  EXPECT_THAT(of(queries_.sites(), "name"), ElementsAre("A", "B"));
  EXPECT_THAT(of(queries_.sites(), "plans"), ElementsAre("2", "0"));
  EXPECT_THAT(of(queries_.plans(), "plan"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(of(queries_.quarantined_plans(), "plan"), IsEmpty());
}

}  // namespace
}  // namespace systask::db
