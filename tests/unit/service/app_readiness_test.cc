// Ready means that ticks commit, intake commits, and the database is the file that was opened.
#include "service/app/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/manual_clock.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReadinessTest : public testing::Test {
 protected:
  struct Watch final : scheduler::Observer {
    void on_tick(Micros, std::size_t) override { ++ticks; }
    void on_tick_failed(std::string_view) override { ++failed; }
    int ticks = 0;
    int failed = 0;
  };
  std::string why() { return readiness.why_not().value_or("ready"); }
  // A second passes, in which a tick claims so many runs.
  void second(std::size_t claimed = 1) {
    clock.advance(1s);
    readiness.on_tick(0us, claimed);
    readiness.look();
  }
  void ready() {
    readiness.ticking();
    second();
    ASSERT_EQ(why(), "ready");
  }

  ManualClock clock{TimePoint{}};
  std::optional<std::string> moved;
  std::string broken;  // the database takes no writes
  int rescues = 0;
  std::string unsaved;  // why nothing can be rescued
  int writes = 0;
  int nudges = 0;
  trading::WorkerHealth intake;
  std::vector<std::string> shown;
  Watch next;
  Readiness readiness{{.clock = clock,
                       .moved = [this] { return moved; },
                       .rescue =
                           [this] {
                             ++rescues;
                             if (!unsaved.empty()) throw std::runtime_error(unsaved);
                             return std::string{"rescued.db"};
                           },
                       .write =
                           [this] {
                             ++writes;
                             if (!broken.empty()) throw std::runtime_error(broken);
                           },
                       .intake = [this] { return intake; },
                       .nudge = [this] { ++nudges; },
                       .show = [this](const std::string& text) { shown.push_back(text); }},
                      next};
};

TEST_F(ReadinessTest, IsSoFromTheFirstTickToTheStop) {
  EXPECT_EQ(why(), "the service is starting");
  ready();
  readiness.stopping();
  EXPECT_THAT(why(), HasSubstr("the service is stopping"));
  EXPECT_THAT(shown, IsEmpty());
}

TEST_F(ReadinessTest, ATickThatFailsIsAReasonUntilOneSucceeds) {
  ready();
  clock.advance(1s);
  readiness.on_tick_failed("database or disk is \x1B[31mfull");
  EXPECT_EQ(why(),
            "the last tick failed, and what was due stays due: database or disk is ?[31mfull");
  EXPECT_EQ(next.failed, 1);
  readiness.on_tick(0us, 0);
  EXPECT_EQ(why(), "ready");
}

TEST_F(ReadinessTest, ATickThatDoesNotEndIsAReason) {
  ready();
  clock.advance(3s);
  EXPECT_EQ(why(), "ready");
  clock.advance(1s);
  EXPECT_THAT(why(), HasSubstr("no tick has ended for 4 s"));
  readiness.on_tick(0us, 0);
  EXPECT_EQ(why(), "ready");
}

TEST_F(ReadinessTest, AnIdleServiceIsProbed) {
  ready();
  for (int i = 0; i < 4; ++i)
    second(0);
  EXPECT_EQ(writes, 0);
  second(0);
  EXPECT_EQ(writes, 1) << "nothing was committed for five seconds";
  for (int i = 0; i < 5; ++i)
    second(1);
  EXPECT_EQ(writes, 1) << "ticks commit";
  broken = "database is locked; another program keeps it locked: close that program";
  for (int i = 0; i < 5; ++i)
    second(0);
  EXPECT_EQ(why(), "nothing can be written to the database: " + broken);
  second(0);
  EXPECT_EQ(writes, 3) << "each second, while it fails";
  broken.clear();
  second(0);
  EXPECT_EQ(why(), "ready");
}

TEST_F(ReadinessTest, AnIntakeThatCommitsNothingIsAReasonUntilABatchIsKept) {
  ready();
  intake.failure = "disk I/O error";
  second();
  EXPECT_EQ(why(), "the latest messages and requests could not be kept: disk I/O error");
  EXPECT_EQ(nudges, 1) << "an empty batch, to see whether it works again";
  EXPECT_EQ(writes, 1) << "and a write, which an empty batch is not";
  intake = {.committed = 7};
  second();
  EXPECT_EQ(why(), "ready");
}

TEST_F(ReadinessTest, ABatchThatDoesNotEndIsAReason) {
  ready();
  intake.busy = 2s;
  second();
  EXPECT_EQ(why(), "ready");
  clock.advance(1'500ms);
  readiness.on_tick(0us, 1);
  EXPECT_THAT(why(), HasSubstr("waiting for the database for 3 s"));
  intake.busy = 0us;
  second();
  EXPECT_EQ(why(), "ready");
}

TEST_F(ReadinessTest, AnotherFileInItsPlaceIsAReasonAndAllOfThemAreTold) {
  ready();
  moved = "the file systask.db is another one";
  second();
  EXPECT_EQ(why(), "the file systask.db is another one");
  readiness.on_tick_failed("gone");
  EXPECT_EQ(why(),
            "the file systask.db is another one; the last tick failed, and what was due "
            "stays due: gone");
}

TEST_F(ReadinessTest, WhatTheDatabaseHeldIsCopiedOnceEachTimeItMoved) {
  ready();
  EXPECT_EQ(rescues, 0);
  testing::internal::CaptureStderr();
  moved = "the file systask.db was deleted";
  second();
  second();
  EXPECT_EQ(rescues, 1);
  moved.reset();
  second();
  moved = "the file systask.db was deleted";
  unsaved = "no space";
  second();
  EXPECT_EQ(rescues, 2);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("file=rescued.db"));
  EXPECT_THAT(log, HasSubstr("could not be copied"));
  EXPECT_THAT(log, HasSubstr("no space"));
}

TEST_F(ReadinessTest, ChangesAreToldOnceToTheLogAndToSystemd) {
  testing::internal::CaptureStderr();
  ready();
  for (int i = 0; i < 3; ++i) {
    clock.advance(1s);
    readiness.on_tick_failed("database is locked");
    readiness.look();
  }
  second();
  second();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(log.find("the service is not ready"), log.rfind("the service is not ready"));
  EXPECT_THAT(log,
              HasSubstr("why=\"the last tick failed, and what was due stays due: database is"));
  EXPECT_THAT(log, HasSubstr("the service is ready again after_seconds=3"));
  EXPECT_THAT(shown, ElementsAre(HasSubstr("not ready: the last tick failed"), "ticking"));
}

TEST_F(ReadinessTest, ItsThreadLooksAndStops) {
  readiness.start();
  readiness.stop();
  readiness.stop();
}

}  // namespace
}  // namespace systask::service
