#include "base/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "tests/support/asleep.h"

namespace systask {
namespace {

TEST(Gate, RefusesOnceClosedAndMayBeClosedTwice) {
  Gate gate;
  EXPECT_TRUE(gate.enter());
  gate.close();
  EXPECT_FALSE(gate.enter());
  gate.close();
}

TEST(Gate, ClosingWaitsForThoseInside) {
  Gate gate;
  std::atomic<bool> left = false;
  std::promise<void> inside;
  std::promise<void> may_leave;
  std::jthread worker{[&] {
    const Gate::Pass pass = gate.enter();
    inside.set_value();
    may_leave.get_future().wait();
    left = true;
  }};
  inside.get_future().wait();
  std::promise<pid_t> closer_is;
  std::jthread closer{[&] {
    closer_is.set_value(this_thread());
    gate.close();
    EXPECT_TRUE(left);
  }};
  EXPECT_TRUE(falls_asleep(closer_is.get_future().get()));
  EXPECT_FALSE(gate.enter()) << "it is closed to all others at once";
  may_leave.set_value();
}

TEST(Gate, APassThatWasMovedLeavesOnce) {
  Gate gate;
  {
    Gate::Pass first = gate.enter();
    Gate::Pass second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT: what is left of it is the question
    EXPECT_TRUE(second);
    Gate::Pass third;
    third = std::move(second);
    EXPECT_TRUE(third);
  }
  gate.close();  // would wait for ever for one that has not left
}

TEST(Gate, ClosingWaitsForTheLastOfThoseInside) {
  Gate gate;
  auto one = std::make_unique<Gate::Pass>(gate.enter());
  auto other = std::make_unique<Gate::Pass>(gate.enter());
  std::atomic<bool> closed = false;
  std::promise<pid_t> closer_is;
  std::jthread closer{[&] {
    closer_is.set_value(this_thread());
    gate.close();
    closed = true;
  }};
  const pid_t thread = closer_is.get_future().get();
  EXPECT_TRUE(falls_asleep(thread));
  one.reset();
  EXPECT_TRUE(falls_asleep(thread));
  EXPECT_FALSE(closed);
  other.reset();
}

}  // namespace
}  // namespace systask
