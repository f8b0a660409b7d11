#include "db/sql_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "db/maintenance.h"
#include "db/statement.h"
#include "scheduler/run.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kForever =
    "with recursive c(x) as (select 1 union all select x + 1 from c) select max(x) from c";

class SqlTasksTest : public testing::Test {
 protected:
  SqlCount run(const std::string& text, SqlWork more = {}) {
    more.text = text;
    if (more.longest == Micros{0}) more.longest = 10s;
    return tasks_.run(more, stop_.get_token());
  }
  std::string failure(const std::string& text, SqlWork more = {}) {
    try {
      run(text, std::move(more));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it succeeded";
  }

  const ScratchFolder folder_;
  const SystemClock clock_;
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
  SqlTasks tasks_{*database_, clock_};
  std::stop_source stop_;
};

TEST_F(SqlTasksTest, ShowsTheFirstRows) {
  const SqlCount few = run("select 1 as n, 'a' || char(10) || 'b' as t union all select 2, null");
  EXPECT_EQ(few.rows, "n=1, t=a b\nn=2, t=null\n");
  EXPECT_EQ(few.shown, 2);
  const std::string numbers =
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) ";
  const SqlCount many = run(numbers + "select i from n");
  EXPECT_EQ(many.read, 5'000);
  EXPECT_EQ(many.shown, 100);
  EXPECT_TRUE(many.rows.ends_with("\ni=100\n")) << many.rows;
  const SqlCount wide = run(numbers + "select i, hex(zeroblob(1000)) as x from n");
  EXPECT_EQ(wide.read, 5'000);
  EXPECT_LE(wide.rows.size(), 16U * 1024U);
  EXPECT_GT(wide.shown, 20);
}

TEST_F(SqlTasksTest, CountsRowsAndBindsNumbersAndTexts) {
  const SqlCount made = run(
      "create table seen (n integer, t text); -- a comment\n"
      "insert into seen values (:n, :t), (8, '008'); update seen set n = n + 1 where n < :n + 1;",
      {.values = {{"n", "7"}, {"t", "007"}}});
  EXPECT_EQ(made.changed, 3);
  EXPECT_EQ(made.read, 0);
  const SqlCount read = run("select n, t, null as empty from seen where t = :t",
                            {.values = {{"t", "007"}}, .read_only = true});
  EXPECT_EQ(read.read, 1);
  EXPECT_EQ(read.first, "n=8, t=007, empty=null");
  EXPECT_EQ(
      run("select typeof(:n) as a, typeof(:t) as b", {.values = {{"n", "-7"}, {"t", "007"}}}).first,
      "a=integer, b=text");
}

TEST_F(SqlTasksTest, KeepsAllOfItOrNothing) {
  run("create table one (n integer unique)");
  EXPECT_THAT(failure("insert into one values (1); insert into one values (1)"),
              HasSubstr("statement 2: UNIQUE constraint failed: one.n; nothing of it was kept"));
  EXPECT_EQ(run("select * from one").read, 0);
}

TEST_F(SqlTasksTest, RefusesWhatItMayNotDo) {
  for (const char* text : {"commit", "begin", "savepoint a", "attach 'x' as x",
                           "pragma journal_mode = delete", "select 1; rollback"})
    EXPECT_THAT(failure(text), HasSubstr("may not begin or end transactions")) << text;
  EXPECT_THAT(failure("select :day"), HasSubstr("has the parameter :day"));
  EXPECT_THAT(failure("select ?"), HasSubstr("? without a name"));
  EXPECT_THAT(failure("  -- nothing\n"), HasSubstr("there is no statement"));
  EXPECT_THAT(failure("selekt"), HasSubstr("syntax error"));
  run("create table mine (a)");
  EXPECT_THAT(failure("delete from mine", {.read_only = true}), HasSubstr("readonly"));
}

TEST_F(SqlTasksTest, ReadsThePlatformsTablesAndChangesNone) {
  EXPECT_EQ(run("select count(*) from algojr_tscheme").read, 1);
  for (const char* text :
       {"delete from algojr_tauditlog", "update Algojr_TScheme set site_no = 1",
        "insert into algojr_texectimeinfo values (1, '')", "delete from systask_schema",
        "replace into \"algojr_texectimeinfo\" values (1, '')",
        "with old as (select 1 as n) delete from main.algojr_tauditlog where audit_no in old"})
    EXPECT_THAT(failure(text), HasSubstr("a table of the platform, which a task may only read"))
        << text;
  for (const char* text :
       {"drop table algojr_tauditlog", "alter table algojr_tscheme add column mine",
        "alter table tstp_systemtask rename to mine", "drop view tstp_systemtask_run_all",
        "create index mine on algojr_tscheme (scheme_id)", "create table Algojr_mine (a)",
        "create temp table algojr_tmessage (a)", "create view systask_mine as select 1",
        "create trigger mine after insert on algojr_tmessage begin select 1; end",
        "create temp trigger mine after insert on algojr_tmessage begin select 1; end"})
    EXPECT_THAT(failure(text), HasSubstr("are the platform's: a task may have tables")) << text;
}

TEST_F(SqlTasksTest, AsItsOwnTablesItChangesThoseThatItMayWrite) {
  run("create table mine (a unique); create index mine_a on mine (a); alter table mine add b;"
      " create view mine_too as select * from mine; insert into mine values (1, 2);"
      " drop view mine_too; drop table mine");
  const SqlWork allowed{.may_write = {"algojr_texectimeinfo"}};
  EXPECT_EQ(run("insert into Algojr_TExecTimeInfo values (1, '')", allowed).changed, 1);
  EXPECT_THAT(failure("delete from algojr_tauditlog", allowed),
              HasSubstr("`allow: {write: [algojr_tauditlog]}`"));
  EXPECT_THAT(failure("drop table algojr_texectimeinfo", allowed), HasSubstr("are the platform's"));
}

// What another statement does by a trigger is done by it.
TEST_F(SqlTasksTest, ATriggerOfItsOwnIsNoWayRound) {
  run("create table mine (a); create trigger mine_too after insert on mine begin"
      " delete from algojr_texectimeinfo; end");
  EXPECT_THAT(failure("insert into mine values (1)"),
              HasSubstr("would change algojr_texectimeinfo"));
}

TEST_F(SqlTasksTest, GivesTheWriterBackInTimeAndAsItWas) {
  EXPECT_THAT(failure(kForever, {.longest = 1ms}), HasSubstr("for more than 1ms"));
  const auto lease = database_->writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.connection().run_script("savepoint a; release a");  // nothing is forbidden to others
  lease.commit();
}

TEST_F(SqlTasksTest, AReadIsStoppedAndHoldsUpNobody) {
  std::thread stopper{[&] { stop_.request_stop(); }};
  EXPECT_THROW(run(kForever, {.read_only = true}), scheduler::RunStopped);
  stopper.join();
}

TEST_F(SqlTasksTest, UsesAnotherDatabase) {
  const std::string other = folder_.file("other.db");
  EXPECT_THAT(failure("select 1", {.database = other}), HasSubstr("cannot be opened"));
  { const Connection made{other, Connection::Access::kReadWrite}; }
  const auto writing = database_->writer().lease(Urgency::kNormal);  // is not waited for
  EXPECT_EQ(run("create table t (n); insert into t values (1), (2)", {.database = other}).changed,
            2);
  EXPECT_EQ(run("select * from t", {.database = other, .read_only = true}).read, 2);
}

class PruneTest : public testing::Test {
 protected:
  void fill(const std::string& script) {
    database_->writer().lease(Urgency::kNormal).connection().run_script(script);
  }

  const ScratchFolder folder_;
  const std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
  Maintenance maintenance_{*database_};
};

TEST_F(PruneTest, TakesTheAuditLogFromItsBeginningALittleAtATime) {
  fill(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10)"
      " insert into algojr_tauditlog (happened_at, actor, action, object, before_value,"
      " after_value, reason) select i, '', '', '', '', '', '' from n");
  EXPECT_EQ(maintenance_.prune_audit(from_micros(8), 5), 5U);
  EXPECT_EQ(maintenance_.prune_audit(from_micros(8), 5), 2U);
  EXPECT_EQ(maintenance_.prune_audit(from_micros(8), 5), 0U);
}

TEST_F(PruneTest, LeavesRecoveriesThatAreUnderWay) {
  fill(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10)"
      " insert into algojr_trecovery (attempt_id, scheme_id, attempt, from_site, to_site, why,"
      " lost_at, noticed_at, replayed, outcome) select i, 1, i, 'A', 'B', '', i, i, 0,"
      " iif(i = 2, 'running', 'normal') from n");
  EXPECT_EQ(maintenance_.prune_recoveries(from_micros(8), 4), 4U);
  EXPECT_EQ(maintenance_.prune_recoveries(from_micros(8), 4), 2U);
  EXPECT_EQ(maintenance_.prune_recoveries(from_micros(8), 4), 0U);
  Connection reader{database_->path(), Connection::Access::kReadOnly};
  Query<Params<>, std::int64_t> query{reader.sql(), "select attempt_id from algojr_trecovery"};
  std::vector<std::int64_t> left;
  query.run([&](std::int64_t attempt) { left.push_back(attempt); });
  EXPECT_THAT(left, ElementsAre(2, 8, 9, 10));
}

TEST(Verify, IsStopped) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(Maintenance{*database}.verify(true, 10, stop.get_token()).stopped);
}

}  // namespace
}  // namespace systask::db
