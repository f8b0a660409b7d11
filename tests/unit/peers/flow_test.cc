#include "peers/flow/flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "tests/support/scratch_folder.h"
#include "tests/unit/peers/fake_platform.h"
#include "tests/unit/peers/flow_recording.h"

namespace systask::peers::flow {
namespace {

namespace json = boost::json;

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

// Holds up whoever asks it how time passes while its gate is shut.
class GatedClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  [[nodiscard]] MonotonicPoint monotonic() const override {
    shut_.wait(true);
    return clock_.monotonic();
  }
  void shut() { shut_ = true; }
  void open() {
    shut_ = false;
    shut_.notify_all();
  }

 private:
  SystemClock clock_;
  std::atomic<bool> shut_ = false;
};

class FlowTest : public ::testing::Test {
 protected:
  FlowOptions options() {
    FlowOptions options;
    options.link = {.address = {"127.0.0.1", platform_.port()},
                    .role = "order_system",
                    .name = "flow",
                    .secret = platform_.secret,
                    .window = 4};
    options.courier.origin = "flow-1";
    options.courier.trace_path = folder_.file("flow.trace");
    options.fold_path = folder_.file("flow.fold");
    options.replay = ReplayOptions{
        .path = recording_.path(), .plans = {7}, .business_date = 20260522, .first_number = 500};
    return options;
  }
  void start(FlowOptions options) {
    thread_ = std::jthread{[this, options = std::move(options)]() mutable {
      status_.set_value(Flow{clock_, std::move(options)}.run());
      boost::asio::post(io_, [] {});  // wakes the loop that waits for it
    }};
  }
  // Turns the platform's loop for so long.
  void pass(std::chrono::milliseconds time) {
    bool over = false;
    boost::asio::steady_timer timer{io_, time};
    timer.async_wait([&over](boost::system::error_code) { over = true; });
    platform_.run_until([&] { return over; });
  }
  bool until_published(std::size_t count) {
    return platform_.run_until([&] { return platform_.pubs.size() >= count; });
  }
  void acknowledge(std::int64_t through) {
    platform_.push("{\"acked\":" + std::to_string(through) + "}");
  }
  // The exit status; the platform's loop turns while the flow leaves.
  int ended() {
    auto status = status_.get_future();
    const auto over = [&] {
      return status.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    };
    return platform_.run_until(over) ? status.get() : -1;
  }
  std::string id_of(std::size_t pub) {
    return std::string{platform_.pubs.at(pub).at("body").at("message_id").as_string()};
  }

  const ScratchFolder folder_;
  RecordingFile recording_{"0,1,A,B,10.00,5\n0,1,F,N,10.00,2\n0,2,A,A,11.00,1\n"};
  GatedClock clock_;
  boost::asio::io_context io_;
  FakePlatform platform_{io_};
  std::promise<int> status_;
  std::jthread thread_;
};

TEST_F(FlowTest, KeepsToItsWindowAndEndsWhenAllIsAcknowledged) {
  start(options());
  ASSERT_TRUE(until_published(4));
  EXPECT_EQ(platform_.pubs.at(0).at("topic"), "stp.api.entrust");
  EXPECT_EQ(platform_.pubs.at(2).at("topic"), "stp.api.realdeal");
  EXPECT_EQ(id_of(0), "20260522-flow-1-0000000001");
  acknowledge(4);
  ASSERT_TRUE(until_published(5));
  EXPECT_EQ(platform_.pubs.size(), 5U);
  acknowledge(5);
  EXPECT_EQ(ended(), 0);
  EXPECT_EQ(content_of(folder_.file("flow.trace")),
            "M 7 20260522-flow-1-0000000001 402213\nM 7 20260522-flow-1-0000000002 402208\n"
            "M 7 20260522-flow-1-0000000003 402206\nM 7 20260522-flow-1-0000000004 402213\n"
            "M 7 20260522-flow-1-0000000005 402208\n");
  const auto plan = json::parse(content_of(folder_.file("flow.fold"))).at("plans").at(0);
  EXPECT_EQ(plan.at("unique"), 5);
  EXPECT_EQ(plan.at("totals").at(0).at("amount"), "20");
  EXPECT_EQ(plan.at("open").at(0).at("number"), "500");
  EXPECT_EQ(plan.at("open").at(0).at("state"), "6");
}

// Its loop is held up until the next progress is due, with the last acknowledgement already come:
// it then deals with both in one turn, in this order.
TEST_F(FlowTest, EndsAlsoWhereItsProgressIsDueAtThatMoment) {
  FlowOptions with_progress = options();
  with_progress.progress = true;
  start(std::move(with_progress));
  ASSERT_TRUE(until_published(4));
  acknowledge(4);
  ASSERT_TRUE(until_published(5));
  clock_.shut();
  acknowledge(4);
  acknowledge(5);
  pass(std::chrono::milliseconds{150});
  clock_.open();
  EXPECT_EQ(ended(), 0);
}

TEST_F(FlowTest, PublishesAgainUnderTheSameIdsAfterABrokenConnection) {
  start(options());
  ASSERT_TRUE(until_published(4));
  acknowledge(1);
  ASSERT_TRUE(until_published(5));
  platform_.hang_up();
  ASSERT_TRUE(until_published(9));
  EXPECT_EQ(platform_.pubs.at(5).at("pub"), 1);
  EXPECT_EQ(id_of(5), id_of(1));
  EXPECT_EQ(id_of(8), id_of(4));
  acknowledge(4);
  EXPECT_EQ(ended(), 0);
}

TEST_F(FlowTest, ResendsWordForWordAndFillsAlsoUnderANewId) {
  auto resending = options();
  resending.link.window = 100;
  resending.courier.duplicate = 1;
  start(std::move(resending));
  ASSERT_TRUE(until_published(10));
  std::map<std::string, int> bodies;
  std::vector<std::string> deals;
  for (const auto& pub : platform_.pubs) {
    ++bodies[json::serialize(pub.at("body"))];
    if (pub.at("topic") == "stp.api.realdeal")
      deals.emplace_back(pub.at("body").at("deal_no").as_string());
  }
  EXPECT_THAT(deals, ::testing::ElementsAre("500-1", "500-1"));
  EXPECT_GE(bodies.size(), 5U);
  EXPECT_LE(bodies.size(), 6U);
  acknowledge(10);
  EXPECT_EQ(ended(), 0);
}

TEST_F(FlowTest, TakesAnOrderOfThePlatformOnceAndReportsItsLife) {
  auto trading = options();
  trading.link.window = 100;
  trading.market.partial = 0;
  start(std::move(trading));
  ASSERT_TRUE(until_published(5));
  const std::string place =
      R"({"topic":"stp.order.place","out":81,"body":{"scheme_id":7,"algo_ordid":"1-1",)"
      R"("business_date":20260522,"market_no":1,"stock_code":"600570","entrust_direction":1,)"
      R"("entrust_price":"48","entrust_amount":100}})";
  platform_.push(place);
  platform_.push(place);
  ASSERT_TRUE(until_published(8));
  ASSERT_TRUE(platform_.run_until([&] { return !platform_.acks.empty(); }));
  EXPECT_EQ(platform_.acks.back().at("out"), 81);
  EXPECT_EQ(platform_.pubs.at(5).at("body").at("algo_ordid"), "1-1");
  EXPECT_EQ(platform_.pubs.at(7).at("body").at("deal_amount"), 100);
  acknowledge(8);
  EXPECT_EQ(ended(), 0);
}

TEST_F(FlowTest, HoldsBackAFunctionUntilReleased) {
  auto holding = options();
  holding.link.window = 100;
  holding.courier.hold = Function::kFilled;
  start(std::move(holding));
  ASSERT_TRUE(until_published(4));
  for (const auto& pub : platform_.pubs)
    EXPECT_NE(pub.at("topic"), "stp.api.realdeal");
  ::kill(::getpid(), SIGUSR2);
  ASSERT_TRUE(until_published(5));
  EXPECT_EQ(platform_.pubs.at(4).at("topic"), "stp.api.realdeal");
  acknowledge(5);
  EXPECT_EQ(ended(), 0);
}

}  // namespace
}  // namespace systask::peers::flow
