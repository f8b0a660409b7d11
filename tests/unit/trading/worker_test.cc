#include "trading/worker.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "tests/support/trading_world.h"
#include "trading/book.h"

namespace systask::trading {
namespace {

// A worker that the test steps; its commands note what they did, and each audit row is
// something that the transaction holds.
class WorkerTest : public ::testing::Test {
 protected:
  void post(const std::string& name, bool throws = false,
            std::shared_ptr<Stream> stream = nullptr) {
    Command command;
    command.stream = std::move(stream);
    command.run = [this, name, throws](Turn& turn) {
      ports.records.add(turn.work, {.action = name});
      turn.book.sites.put(SiteId{1}, Site{.name = name});
      turn.effects.call([this, name] { left += name + " "; });
      turn.effects.count(counted);
      if (throws) throw std::runtime_error{"bad " + name};
    };
    command.poisoned = [this, name](Turn& turn, const std::string& why) {
      ports.records.add(turn.work, {.action = "poisoned " + name});
      turn.effects.call([this, why] { left += "(" + why + ") "; });
    };
    command.failed = [this](const std::string& why) { failed.push_back(why); };
    ASSERT_TRUE(worker.post(std::move(command)));
  }
  std::string kept() {
    std::string actions;
    for (const auto& [id, entry] : memory.tables().audit)
      actions += entry.action + " ";
    return actions;
  }
  std::string site() {
    const Site* const found = book.sites.find(SiteId{1});
    return found == nullptr ? "-" : found->name;
  }

  ManualClock clock{TimePoint{}};
  systask::support::MemoryStores memory;
  Stores ports = memory.stores();
  Book book;
  systask::support::RecordingOutlet outlet;
  Worker worker{ports, book, outlet, clock, WorkerLimits{.batch_commands = 3, .queue = 5}};
  std::string left;
  std::vector<std::string> failed;
  std::atomic<std::uint64_t> counted = 0;
};

TEST_F(WorkerTest, SaysWhetherItsLatestBatchWasKept) {
  EXPECT_EQ(worker.health().failure, "");
  EXPECT_EQ(worker.health().busy.count(), 0);
  Command slow;
  WorkerHealth meanwhile;
  slow.run = [&](Turn&) {
    clock.advance(std::chrono::seconds{4});
    meanwhile = worker.health();
  };
  ASSERT_TRUE(worker.post(std::move(slow)));
  worker.run_batch();
  EXPECT_GE(meanwhile.busy, std::chrono::seconds{4});
  EXPECT_EQ(worker.health().busy.count(), 0);
  EXPECT_EQ(worker.health().committed, 1U);
  memory.lose_transaction_at_write(1, 2);
  post("a");
  worker.run_batch();
  EXPECT_NE(worker.health().failure, "");
  EXPECT_EQ(worker.health().committed, 1U);
  post("b");
  worker.run_batch();
  EXPECT_EQ(worker.health().failure, "");
  EXPECT_EQ(worker.health().committed, 2U);
}

TEST_F(WorkerTest, CommitsABatchInOrderAndOnlyThenLetsItLeave) {
  post("a");
  post("b");
  EXPECT_EQ(left, "");
  EXPECT_EQ(worker.run_batch(), 2U);
  EXPECT_EQ(kept(), "a b ");
  EXPECT_EQ(left, "a b ");
  EXPECT_EQ(site(), "b");
  EXPECT_EQ(worker.run_batch(), 0U);
}

TEST_F(WorkerTest, ACommandThatThrowsIsUndoneAndTheBatchGoesOn) {
  post("a");
  post("b", true);
  post("c");
  worker.run_batch();
  EXPECT_EQ(kept(), "a poisoned b c ");
  EXPECT_EQ(left, "a (bad b) c ");
  EXPECT_EQ(site(), "c");
  EXPECT_TRUE(failed.empty());
}

// The batch runs twice; what is counted for people must not show that.
TEST_F(WorkerTest, ARepeatedBatchCountsOnceAndTheUndoneCommandNotAtAll) {
  post("a");
  post("b", true);
  post("c");
  worker.run_batch();
  EXPECT_EQ(counted, 2U);
}

TEST_F(WorkerTest, WhatAPoisonedCommandPutInTheBookIsGone) {
  post("a");
  post("b", true);
  worker.run_batch();
  EXPECT_EQ(site(), "a");
  Command lone;
  lone.run = [](Turn& turn) {
    turn.book.sites.put(SiteId{2}, Site{.name = "lone"});
    throw 7;  // no std::exception at all
  };
  lone.failed = [this](const std::string& why) { failed.push_back(why); };
  ASSERT_TRUE(worker.post(std::move(lone)));
  worker.run_batch();
  EXPECT_EQ(book.sites.find(SiteId{2}), nullptr);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0], "something that is no std::exception was thrown");
}

TEST_F(WorkerTest, ALostTransactionFailsTheWholeBatchAndLoadsAgain) {
  post("a");
  post("b");
  memory.lose_transaction_at_write(2, 2);
  worker.run_batch();
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(left, "");
  EXPECT_EQ(site(), "-");
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_NE(failed[0].find("disk is full"), std::string::npos) << failed[0];
  post("c");
  worker.run_batch();
  EXPECT_EQ(kept(), "c ");
}

// What a connection publishes is never applied out of order: its publisher begins again.
TEST_F(WorkerTest, BehindALostBatchNothingOfItsStreamsRuns) {
  const auto one = std::make_shared<Stream>();
  for (const char* const name : {"a", "b", "c", "d"})
    post(name, false, one);
  post("other", false, std::make_shared<Stream>());
  memory.lose_transaction_at_write(2, 2);
  EXPECT_EQ(worker.run_batch(), 3U);  // a, b, c
  EXPECT_EQ(worker.run_batch(), 2U);
  EXPECT_EQ(kept(), "other ");
  ASSERT_EQ(failed.size(), 4U);
  EXPECT_EQ(failed[3], "one before it was not kept");
  post("again", false, std::make_shared<Stream>());
  worker.run_batch();
  EXPECT_EQ(kept(), "other again ");
}

// What could be recorded as poison was dealt with: those behind it run.
TEST_F(WorkerTest, PoisonThatIsRecordedBreaksNoStream) {
  const auto one = std::make_shared<Stream>();
  post("a", true, one);
  post("b", false, one);
  worker.run_batch();
  EXPECT_EQ(kept(), "poisoned a b ");
}

TEST_F(WorkerTest, ATransactionLostOnceIsTriedAgain) {
  post("a");
  post("b");
  memory.lose_transaction_at_write(2);
  worker.run_batch();
  EXPECT_EQ(kept(), "a b ");
  EXPECT_EQ(left, "a b ");
  EXPECT_TRUE(failed.empty());
}

TEST_F(WorkerTest, BatchesAndTheQueueAreBounded) {
  for (const char* const name : {"a", "b", "c", "d", "e"})
    post(name);
  EXPECT_FALSE(worker.post({.run = [](Turn&) {}}));
  EXPECT_EQ(worker.depth(), 5U);
  EXPECT_EQ(worker.run_batch(), 3U);
  EXPECT_EQ(left, "a b c ");
  EXPECT_EQ(worker.run_batch(), 2U);
  EXPECT_EQ(left, "a b c d e ");
}

TEST_F(WorkerTest, ABatchIsBoundedInTime) {
  Worker roomy{ports, book, outlet, clock, WorkerLimits{.batch_commands = 100}};
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(roomy.post({.run = [this](Turn&) { clock.advance(Micros{1'000}); }}));
  EXPECT_EQ(roomy.run_batch(), 16U);
  EXPECT_EQ(roomy.run_batch(), 16U);
  EXPECT_EQ(roomy.run_batch(), 8U);
}

TEST_F(WorkerTest, StopFinishesWhatWasPostedAndRefusesTheRest) {
  for (const char* const name : {"a", "b", "c", "d"})
    post(name);
  worker.start();
  worker.stop();
  worker.stop();
  EXPECT_EQ(kept(), "a b c d ");
  EXPECT_FALSE(worker.post({.run = [](Turn&) {}}));
}

}  // namespace
}  // namespace systask::trading
