#include "db/database.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "db/fault.h"
#include "db/schema.h"
#include "db/statement.h"
#include "tests/support/scratch_folder.h"

namespace systask::db {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Probe {
  explicit Probe(soci::session& sql)
      : insert(sql, "insert into probe (id, text) values (:id, :text)"),
        insert_null(sql, "insert into probe (id, text) values (:id, :text)"),
        read(sql, "select id, text from probe where id > :after order by id"),
        count(sql, "select count(*) from probe") {}
  Command<std::int64_t, std::string> insert;
  Command<std::int64_t, std::optional<std::string>> insert_null;
  Query<Params<std::int64_t>, std::int64_t, std::optional<std::string>> read;
  Query<Params<>, std::int64_t> count;
};

std::unique_ptr<Database> open_with_probe(const std::string& url) {
  auto database = Database::open(url).value();
  const auto lease = database->writer().lease(Urgency::kNormal);
  lease.connection().run_script("create table probe (id bigint not null primary key, text text)");
  return database;
}

std::int64_t count_of(Database& database) {
  return database.readers().lease().prepared<Probe>().count.first().value_or(-1);
}

TEST(Database, RefusesWhatItCannotOpenAndSaysWhatToDo) {
  const ScratchFolder folder;
  EXPECT_EQ(Database::open("postgresql://x").error().code, "DATABASE_URL");
  EXPECT_EQ(Database::open("sqlite3://").error().code, "DATABASE_URL");
  EXPECT_EQ(Database::open("sqlite3://" + folder.file("none/x.db")).error().code, "DATABASE_OPEN");
  std::ofstream{folder.file("text.db")} << std::string(5'000, 'x');
  const auto damaged = Database::open("sqlite3://" + folder.file("text.db"));
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, "DATABASE_OPEN");
  EXPECT_THAT(damaged.error().message, HasSubstr("restore a backup"));
}

TEST(Database, ASecondServiceIsToldWhoHasIt) {
  const ScratchFolder folder;
  auto first = Database::open(folder.url()).value();
  const auto second = Database::open(folder.url());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "DATABASE_LOCKED");
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr(folder.file("test.db")), HasSubstr(std::to_string(::getpid()))));
  first.reset();
  EXPECT_TRUE(Database::open(folder.url()));
}

TEST(Database, AStatementIsReusedAndReadsNullsAnd64Bits) {
  const ScratchFolder folder;
  const auto database = open_with_probe(folder.url());
  {
    const auto lease = database->writer().lease(Urgency::kNormal);
    auto& probe = lease.prepared<Probe>();
    EXPECT_EQ(&probe, &lease.prepared<Probe>());
    EXPECT_EQ(probe.insert.run(1, "one"), 1);
    EXPECT_EQ(probe.insert.run(std::int64_t{1} << 40, "big"), 1);
    EXPECT_EQ(probe.insert_null.run(2, std::nullopt), 1);
  }
  const auto lease = database->readers().lease();
  for (int again = 0; again < 2; ++again) {
    std::vector<std::pair<std::int64_t, std::optional<std::string>>> rows;
    lease.prepared<Probe>().read.run(
        1, [&](std::int64_t id, std::optional<std::string> text) { rows.emplace_back(id, text); });
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].second, std::nullopt);
    EXPECT_EQ(rows[1].first, std::int64_t{1} << 40);
    EXPECT_EQ(rows[1].second, "big");
  }
}

TEST(Database, ALeaseRollsBackWhatItDidNotCommit) {
  const ScratchFolder folder;
  const auto database = open_with_probe(folder.url());
  {
    const auto lease = database->writer().lease(Urgency::kNormal);
    lease.begin();
    lease.prepared<Probe>().insert.run(1, "x");
  }
  EXPECT_EQ(count_of(*database), 0);
  const auto lease = database->writer().lease(Urgency::kNormal);
  lease.begin();
  lease.prepared<Probe>().insert.run(1, "x");
  lease.commit();
  EXPECT_EQ(count_of(*database), 1);
}

TEST(Database, ReadersNeverWaitForTheWriterAndCannotWrite) {
  const ScratchFolder folder;
  const auto database = open_with_probe(folder.url());
  const auto writing = database->writer().lease(Urgency::kNormal);
  writing.begin();
  writing.prepared<Probe>().insert.run(1, "x");
  EXPECT_EQ(count_of(*database), 0) << "not committed yet";
  const auto reading = database->readers().lease();
  EXPECT_ANY_THROW(reading.prepared<Probe>().insert.run(2, "x"));
}

TEST(Database, FaultsAreClassified) {
  const ScratchFolder folder;
  const auto database = open_with_probe(folder.url());
  const auto lease = database->writer().lease(Urgency::kNormal);
  auto& probe = lease.prepared<Probe>();
  const auto fault = [&](const auto& doing) {
    try {
      doing();
    } catch (const std::exception& error) {
      return fault_of(error);
    }
    return Fault::kOther;
  };
  probe.insert.run(1, "x");
  EXPECT_EQ(fault([&] { probe.insert.run(1, "x"); }), Fault::kUnique);
  EXPECT_EQ(fault([&] { lease.connection().run_script("insert into probe values (null, '')"); }),
            Fault::kConstraint);
  EXPECT_EQ(probe.insert.run(2, "usable after an error"), 1);
}

// The urgent one that came last is served before the normal one that came first.
TEST(Writer, TheUrgentGoAhead) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url()).value();
  Writer& writer = database->writer();
  std::vector<std::string> served;  // guarded by the lease
  std::vector<std::jthread> waiting;
  {
    const auto held = writer.lease(Urgency::kNormal);
    for (const Urgency urgency : {Urgency::kNormal, Urgency::kNormal, Urgency::kUrgent}) {
      waiting.emplace_back([&, urgency] {
        const auto lease = writer.lease(urgency);
        served.emplace_back(urgency == Urgency::kUrgent ? "urgent" : "normal");
      });
      while (writer.waiting() < waiting.size())
        std::this_thread::yield();
    }
  }
  waiting.clear();
  EXPECT_EQ(served, (std::vector<std::string>{"urgent", "normal", "normal"}));
}

TEST(ReadPool, LendsEachConnectionOnceAndWaitsForTheNext) {
  const ScratchFolder folder;
  const auto database = Database::open(folder.url(), 1).value();
  std::atomic<bool> given_back = false;
  std::promise<void> held;
  std::jthread holder{[&] {
    const auto lease = database->readers().lease();
    held.set_value();
    given_back = true;
  }};
  held.get_future().wait();
  const auto lease = database->readers().lease();
  EXPECT_TRUE(given_back);
}

TEST(Schema, AppliesOnceAndRefusesChangedAndNewerScripts) {
  const ScratchFolder folder;
  constexpr std::array kFirst{Script{1, "0001_a.sql", "create table a (x integer);"}};
  constexpr std::array kSecond{Script{1, "0001_a.sql", "create table a (x integer);"},
                               Script{2, "0002_b.sql", "create table b (x integer);"}};
  constexpr std::array kChanged{Script{1, "0001_a.sql", "create table a (y integer);"}};
  Writer writer{folder.file("schema.db")};
  EXPECT_TRUE(migrate(writer, kFirst));
  EXPECT_TRUE(migrate(writer, kFirst));
  EXPECT_TRUE(migrate(writer, kSecond));
  EXPECT_EQ(migrate(writer, kChanged).error().code, "SCHEMA_CHANGED");
  EXPECT_EQ(migrate(writer, kFirst).error().code, "SCHEMA_NEWER");
  EXPECT_THAT(migrate(writer, kFirst).error().message, HasSubstr("0002_b.sql"));
}

TEST(Schema, AScriptThatFailsLeavesNothing) {
  const ScratchFolder folder;
  constexpr std::array kBad{Script{1, "0001_a.sql", "create table a (x integer); nonsense;"}};
  constexpr std::array kGood{Script{1, "0001_a.sql", "create table a (x integer);"}};
  Writer writer{folder.file("schema.db")};
  EXPECT_ANY_THROW(static_cast<void>(migrate(writer, kBad)));
  EXPECT_TRUE(migrate(writer, kGood));
}

}  // namespace
}  // namespace systask::db
