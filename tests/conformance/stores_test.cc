// The stores on SQL pass what the in-memory ones pass.
#include <filesystem>
#include <memory>
#include <string>

#include "db/database.h"
#include "db/day_store.h"
#include "db/message_store.h"
#include "db/order_store.h"
#include "db/outbox.h"
#include "db/plan_store.h"
#include "db/records.h"
#include "db/site_store.h"
#include "db/unit_of_work.h"
#include "tests/conformance/message_suite.h"
#include "tests/conformance/order_suite.h"
#include "tests/conformance/plan_suite.h"
#include "tests/support/memory_stores.h"
#include "tests/support/scratch_folder.h"

namespace systask::trading {
namespace {

class InMemory {
 public:
  Stores stores() { return memory_.stores(); }
  void reopen() {}
  void lose_next_transaction() { memory_.lose_transaction_at_write(3); }
  void recover_space() { memory_.lose_transaction_at_write(0); }

 private:
  systask::support::MemoryStores memory_;
};

// A database file of its own for each test, gone with it.
class OnSqlite {
 public:
  OnSqlite() { reopen(); }

  Stores stores() {
    return {sql_->transactions, sql_->plans, sql_->orders,  sql_->messages, sql_->cache,
            sql_->outbox,       sql_->sites, sql_->records, sql_->day};
  }
  void reopen() {
    sql_.reset();
    sql_ = std::make_unique<Sql>(folder_.url());
  }
  void lose_next_transaction() { limit_pages("200"); }
  void recover_space() { limit_pages("1000000"); }

 private:
  struct Sql {
    explicit Sql(const std::string& url) : database(db::Database::open(url).value()) {}
    std::unique_ptr<db::Database> database;
    db::Transactions transactions{*database};
    db::PlanStore plans{*database};
    db::OrderStore orders{*database};
    db::MessageStore messages{*database};
    db::MessageCache cache{*database};
    db::Outbox outbox{*database};
    db::SiteStore sites{*database};
    db::Records records{*database};
    db::DayStore day{*database};
  };

  // A database that may not grow is a full disk.
  void limit_pages(const std::string& pages) {
    const auto lease = sql_->database->writer().lease(db::Urgency::kNormal);
    lease.connection().run_script("pragma max_page_count = " + pages);
  }

  const ScratchFolder folder_;
  std::unique_ptr<Sql> sql_;
};

}  // namespace

REGISTER_TYPED_TEST_SUITE_P(
    TradingStores, PlansComeBackAsTheyWere, AnUpdateOfAnotherEpochChangesNothing,
    AdvancingMovesTheLineOfThePlansEpochAndNothingElse, ACachedMessageThatIsAppliedKeepsItsRow,
    TheFirstClaimWinsAndEveryConditionCounts, SitesAreReplacedByTheirNumber,
    UndoTakesBackOnlyTheCommand, WhatIsNotCommittedIsGone, ALostTransactionIsKnownAndKeepsNothing,
    OrdersComeBackAsTheyWere, AFillChangesItsOrderInNothingElse, AnAlgoOrdidIsUniqueWithinItsPlan,
    AFencedWriteNeedsTheEpochAndALivePlan, AFillIsKeptOnceAndSeenInItsOwnBatch,
    TheOutboxKeepsOrderAndNeverReusesANumber, AnAttemptIsBegunOnceAndThenGoesOn,
    AMessageIdIsTakenOnce, EventsComeInOrderAndOnlyThoseThatAre,
    AQuarantinedMessageIsFoundAndReplacedButKeepsItsId, AnEditedMessageIsKnownByWhatWasReceived,
    ParkedMessagesAreFoundOldestFirst, TheCacheIsReadByNumberAndEmptiedWithTheApplying,
    TheDayAndItsSessionsAreKept, AStaleCacheIsArchivedAndTodaysStays,
    AnEndedPlanLeavesWithAllThatIsItsOwn, APlanOfSeveralDaysKeepsWhatIsOpen,
    ACombinedOrderLeavesWithItsLegs);
using Implementations = ::testing::Types<InMemory, OnSqlite>;
INSTANTIATE_TYPED_TEST_SUITE_P(Each, TradingStores, Implementations);

}  // namespace systask::trading
