// Who waits for whom at a database, and what a task's SQL is told of itself.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/check.h"
#include "db/database.h"
#include "db/maintenance.h"
#include "db/sql_tasks.h"
#include "db/statement.h"
#include "db/unit_of_work.h"
#include "scheduler/run.h"
#include "tests/support/asleep.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Takes a lease on a thread of its own.
template <class Take>
class Waiting {
 public:
  explicit Waiting(Take take) {
    std::promise<pid_t> thread;
    done_ = std::async(std::launch::async, [&thread, take] {
      thread.set_value(this_thread());
      static_cast<void>(take());
    });
    thread_ = thread.get_future().get();
  }
  [[nodiscard]] bool sleeps() const { return falls_asleep(thread_); }
  [[nodiscard]] bool has_it() const { return done_.wait_for(0s) == std::future_status::ready; }
  // Nobody could end a thread that is never woken, nor the test.
  void gets_it() const {
    CHECK(done_.wait_for(10s) == std::future_status::ready, "nobody wakes a thread that waits");
  }

 private:
  std::future<void> done_;
  pid_t thread_ = 0;
};

TEST(WaitingForTheWriter, EndsWhenTheLeaseIsGivenBack) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  for (const Urgency urgency : {Urgency::kNormal, Urgency::kUrgent}) {
    auto lease = std::make_optional(database->writer().lease(Urgency::kNormal));
    const Waiting waiting{[&] { return database->writer().lease(urgency); }};
    EXPECT_TRUE(waiting.sleeps());
    EXPECT_FALSE(waiting.has_it());
    lease.reset();
    waiting.gets_it();
  }
}

TEST(WaitingForTheWriter, ANormalOneGoesOnAfterTheUrgent) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  auto lease = std::make_optional(database->writer().lease(Urgency::kNormal));
  const Waiting normal{[&] { return database->writer().lease(Urgency::kNormal); }};
  const Waiting urgent{[&] { return database->writer().lease(Urgency::kUrgent); }};
  EXPECT_TRUE(normal.sleeps() && urgent.sleeps());
  EXPECT_EQ(database->writer().waiting(), 2U);
  lease.reset();
  urgent.gets_it();
  normal.gets_it();
  EXPECT_EQ(database->writer().waiting(), 0U);
}

TEST(WaitingForAReader, EndsWhenOneIsGivenBack) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url(), 1).value();
  auto lease = std::make_optional(database->readers().lease());
  const Waiting waiting{[&] { return database->readers().lease(); }};
  EXPECT_TRUE(waiting.sleeps());
  EXPECT_FALSE(waiting.has_it());
  lease.reset();
  waiting.gets_it();
}

TEST(Readers, SeeTheLatestStateWithEachLease) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url(), 1).value();
  const auto count = [&](bool in_one_state) {
    const auto lease = database->readers().lease();
    if (in_one_state) lease.begin();
    Query<Params<>, std::int64_t> query{lease.sql(), "select count(*) from algojr_texectimeinfo"};
    return query.first().value();
  };
  EXPECT_EQ(count(true), 0);
  database->writer()
      .lease(Urgency::kNormal)
      .connection()
      .run_script("insert into algojr_texectimeinfo values (1, '093000-113000')");
  EXPECT_EQ(count(true), 1) << "the lease before was given back with its transaction";
  EXPECT_EQ(count(false), 1);
}

struct Markets {
  explicit Markets(soci::session& sql)
      : add(sql, "insert into algojr_texectimeinfo values (:market, '')"),
        roll_back(sql, "rollback"),
        sum(sql, "select coalesce(sum(market_no), 0) from algojr_texectimeinfo") {}
  Command<int> add;
  Command<> roll_back;
  Query<Params<>, std::int64_t> sum;
};

TEST(UnitOfWork, UndoesBackToItsSavepointOnly) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Transactions transactions{*database};
  {
    const auto work = transactions.begin();
    prepared<Markets>(*work).add.run(1);
    work->savepoint();
    prepared<Markets>(*work).add.run(2);
    work->undo();
    work->savepoint();
    prepared<Markets>(*work).add.run(3);
    work->keep();
    EXPECT_FALSE(work->lost());
    work->commit();
    EXPECT_FALSE(work->lost());
  }
  EXPECT_EQ(database->readers().lease().prepared<Markets>().sum.first(), 4);
}

TEST(UnitOfWork, KnowsThatTheDatabaseRolledItBack) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Transactions transactions{*database};
  const auto work = transactions.begin();
  prepared<Markets>(*work).roll_back.run();
  EXPECT_TRUE(work->lost());
  work->undo();  // has nothing to undo, and does not fail
  try {
    work->commit();
    FAIL() << "nothing was there to commit";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("rolled the transaction back by itself"));
  }
}

class SqlEdges : public testing::Test {
 protected:
  SqlCount run(const std::string& text, SqlWork more = {}) {
    more.text = text;
    if (more.longest == Micros{0}) more.longest = 10s;
    return tasks_.run(more, stop_.get_token());
  }

  const ScratchFolder folder_;
  ManualClock clock_{from_micros(0)};
  std::unique_ptr<Database> database_ = Database::open(folder_.url()).value();
  SqlTasks tasks_{*database_, clock_};
  std::stop_source stop_;
};

TEST_F(SqlEdges, ANumberIsWhatComesBackAsItWasGiven) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"0", "integer"}, {"-7", "integer"}, {"9223372036854775807", "integer"},
      {"-0", "text"},   {"007", "text"},   {"9223372036854775808", "text"},
      {"7 ", "text"},   {"", "text"},      {"7.5", "text"}};
  for (const auto& [value, type] : cases)
    EXPECT_EQ(run("select typeof(:v) as t", {.values = {{"v", value}}}).first, "t=" + type)
        << value;
}

TEST_F(SqlEdges, TheFirstRowIsShownInPart) {
  EXPECT_EQ(run("select 1 as a union all select 2").first, "a=1") << "of two rows the first";
  const std::string long_one = run("select printf('%.600c', 'x') as a, 2 as b").first;
  EXPECT_EQ(long_one.size(), 500U);
  EXPECT_TRUE(long_one.starts_with("a=xxx"));
  EXPECT_EQ(run("select printf('%.490c', 'x') as a, 2 as b").first.size(), 497U);
}

TEST_F(SqlEdges, RowsAreThoseOfAllStatements) {
  const SqlCount count =
      run("create table t (n); insert into t values (1), (2); update t set n = n + 1;"
          " select * from t; delete from t where n = 9; select 5 where 1 = 0");
  EXPECT_EQ(count.changed, 4);
  EXPECT_EQ(count.read, 2);
  EXPECT_EQ(count.first, "n=2");
}

TEST_F(SqlEdges, APragmaMayBeReadAndNotSet) {
  EXPECT_EQ(run("pragma user_version").first, "user_version=0");
  EXPECT_THROW(run("pragma user_version = 7"), std::runtime_error);
  EXPECT_THROW(run("detach main"), std::runtime_error);
}

TEST_F(SqlEdges, IsNotBegunOnceItIsStopped) {
  stop_.request_stop();
  EXPECT_THROW(run("create table t (n)"), scheduler::RunStopped);
}

TEST_F(SqlEdges, AWriteIsStoppedWithNothingKept) {
  run("create table t (n)");
  auto running = std::async(std::launch::async, [&] {
    run("insert into t values (1); with recursive c(x) as (select 1 union all select x + 1 from c)"
        " insert into t select max(x) from c");
  });
  stop_.request_stop();
  EXPECT_THROW(running.get(), scheduler::RunStopped);
  std::stop_source fresh;
  SqlWork work{.text = "select * from t", .read_only = true, .longest = 10s};
  EXPECT_EQ(tasks_.run(work, fresh.get_token()).read, 0);
}

TEST(MaintenanceEdges, KeepsAtLeastOneBackupAndNothingOfOthers) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Maintenance maintenance{*database};
  const std::string directory = folder.file("backups");
  std::filesystem::create_directories(directory);
  for (const char* name :
       {"other-19700101T000000Z.db", "test-note.txt", "test-19700101T000000Z.db.part"})
    std::ofstream{directory + "/" + name} << "x";
  EXPECT_EQ(maintenance.backup(directory, 0, TimePoint{24h}).removed, 0);
  const auto second = maintenance.backup(directory, 0, TimePoint{48h});
  EXPECT_EQ(second.removed, 1) << "the older one: the newest is always kept";
  EXPECT_TRUE(std::filesystem::exists(second.file));
  EXPECT_FALSE(std::filesystem::exists(directory + "/test-19700102T000000Z.db"));
  for (const char* name : {"other-19700101T000000Z.db", "test-note.txt"})
    EXPECT_TRUE(std::filesystem::exists(directory + "/" + name)) << name;
}

TEST(MaintenanceEdges, SpaceIsOfTheFilesOfTheDatabase) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Maintenance maintenance{*database};
  const auto space = maintenance.space();
  EXPECT_EQ(space.database_bytes,
            static_cast<std::int64_t>(std::filesystem::file_size(folder.file("test.db"))));
  EXPECT_EQ(space.log_bytes,
            static_cast<std::int64_t>(std::filesystem::file_size(folder.file("test.db-wal"))));
  EXPECT_GE(space.total_bytes, space.free_bytes);
}

}  // namespace
}  // namespace systask::db
