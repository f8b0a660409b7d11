#include "base/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

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
  std::jthread closer{[&] {
    gate.close();
    EXPECT_TRUE(left);
  }};
  may_leave.set_value();
}

}  // namespace
}  // namespace systask
