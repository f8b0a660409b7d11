// The small parts that the service is put together from.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <thread>

#include "db/database.h"
#include "db/sql_tasks.h"
#include "scheduler/run.h"
#include "service/api/body.h"
#include "service/app/calendar_watch.h"
#include "service/app/heartbeat.h"
#include "service/app/kind_parts.h"
#include "service/app/lane_options.h"
#include "service/gateway/message_centre.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TimePoint noon() { return from_rfc3339("2026-05-22T12:00:00+08:00").value(); }

struct CountingObserver final : scheduler::Observer {
  void on_tick(Micros, std::size_t claimed) override { ticks += claimed; }
  void on_tick_failed(std::string_view) override { ++failed; }
  std::size_t ticks = 0;
  int failed = 0;
};

class HeartbeatTest : public testing::Test {
 protected:
  // The time the file was last touched, in nanoseconds; 0: it is not there.
  [[nodiscard]] std::int64_t touched() const {
    struct stat found {};
    if (::stat(file_.c_str(), &found) != 0) return 0;
    return found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
  }
  void make_old() const {
    const timespec old[2] = {{1, 0}, {1, 0}};
    ::utimensat(AT_FDCWD, file_.c_str(), old, 0);
  }

  const ScratchFolder folder_;
  const std::string file_ = folder_.file("heartbeat");
  ManualClock clock_{noon()};
  CountingObserver next_;
};

TEST_F(HeartbeatTest, IsTouchedOncePerSecondAndPassesOnWhatItIsTold) {
  Heartbeat heartbeat{file_, clock_, next_};
  EXPECT_EQ(touched(), 0);
  heartbeat.on_tick(1ms, 3);
  EXPECT_GT(touched(), 1'000'000'000);
  make_old();
  clock_.advance(999ms);
  heartbeat.on_tick(1ms, 4);
  EXPECT_EQ(touched(), 1'000'000'000) << "it is the same second";
  clock_.advance(1ms);
  heartbeat.on_tick(1ms, 0);
  EXPECT_GT(touched(), 1'000'000'000);
  EXPECT_EQ(next_.ticks, 7U);
  make_old();
  clock_.advance(10s);
  heartbeat.on_tick_failed("gone");
  EXPECT_EQ(touched(), 1'000'000'000) << "a tick that failed is no sign of life";
  EXPECT_EQ(next_.failed, 1);
}

TEST_F(HeartbeatTest, SaysOnceThatItsFileCannotBeTouched) {
  Heartbeat heartbeat{folder_.file("none/heartbeat"), clock_, next_};
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    heartbeat.on_tick(1ms, 0);
    clock_.advance(1s);
  }
  std::filesystem::create_directory(folder_.file("none"));
  heartbeat.on_tick(1ms, 0);  // it can be now
  clock_.advance(1s);
  std::filesystem::remove_all(folder_.file("none"));
  heartbeat.on_tick(1ms, 0);
  const std::string log = testing::internal::GetCapturedStderr();
  const std::size_t first = log.find("cannot be touched");
  ASSERT_NE(first, std::string::npos);
  const std::size_t second = log.find("cannot be touched", first + 1);
  ASSERT_NE(second, std::string::npos) << "the trouble came back";
  EXPECT_EQ(log.find("cannot be touched", second + 1), std::string::npos) << log;
}

TEST_F(HeartbeatTest, WithoutAFileThereIsNone) {
  Heartbeat heartbeat{"", clock_, next_};
  testing::internal::CaptureStderr();
  heartbeat.on_tick(1ms, 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(next_.ticks, 2U);
}

TEST(LaneOptionsTest, AreThoseOfTheConfiguration) {
  const Config config =
      read_config(
          "lanes: {1: {threads: 8, queue: 7, reserved: {one: 2}}, 2: {threads: 3}}\n"
          "tasks: []\n",
          "t.yaml", {"one"})
          .value();
  const auto lanes = lane_options(config);
  ASSERT_EQ(lanes.size(), 2U);
  EXPECT_EQ(lanes.at(1).threads, 8U);
  EXPECT_EQ(lanes.at(1).queue_limit, 7U);
  EXPECT_EQ(lanes.at(1).reserved.at("one"), 2U);
  EXPECT_EQ(lanes.at(2).threads, 3U);
  EXPECT_TRUE(lanes.at(2).reserved.empty());
}

// What one connection is sent, answered with 200.
class OneRequest {
 public:
  OneRequest()
      : thread_{[this] {
          boost::asio::ip::tcp::socket socket{io_};
          acceptor_.accept(socket);
          asked_.resize(4'000);
          asked_.resize(socket.read_some(boost::asio::buffer(asked_)));
          const std::string_view answer =
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
          boost::asio::write(socket, boost::asio::buffer(answer.data(), answer.size()));
        }} {}
  [[nodiscard]] std::string port() const {
    return std::to_string(acceptor_.local_endpoint().port());
  }
  std::string asked() {
    thread_.join();
    return asked_;
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::string asked_;
  std::thread thread_;
};

class KindPartsTest : public testing::Test {
 protected:
  const ScratchFolder folder_;
  const SystemClock clock_;
  std::unique_ptr<db::Database> database_ = db::Database::open(folder_.url()).value();
  db::SqlTasks sql_{*database_, clock_};
  std::vector<trading::Publication> failed_;
  EmbeddedCentre centre_{[this](trading::Publication publication, const std::string&) {
                           failed_.push_back(std::move(publication));
                         },
                         [](trading::OutNo) {}};
  tasks::KindParts parts_ = kind_parts(sql_, centre_);
};

TEST_F(KindPartsTest, ARequestWithABodySaysThatItIsJsonUnlessItSaysOtherwise) {
  const auto asked = [&](const std::string& body,
                         std::vector<std::pair<std::string, std::string>> headers) {
    OneRequest server;
    const auto reply =
        parts_.send_http({"POST", {"127.0.0.1", server.port(), "/x"}, std::move(headers), body, 5s},
                         std::stop_token{});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "ok");
    return server.asked();
  };
  EXPECT_THAT(asked("{}", {}), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(asked("", {}), Not(HasSubstr("Content-Type")));
  EXPECT_THAT(asked("1,2", {{"content-TYPE", "text/csv"}}),
              AllOf(HasSubstr("text/csv"), Not(HasSubstr("application/json"))));
}

TEST_F(KindPartsTest, ARequestThatIsStoppedIsNoFailure) {
  std::stop_source stop;
  stop.request_stop();
  const tasks::HttpOrder order{"GET", {"127.0.0.1", "1", "/"}, {}, "", 1s};
  EXPECT_THROW(parts_.send_http(order, stop.get_token()), scheduler::RunStopped);
  try {
    parts_.send_http(order, {});
    FAIL() << "nobody listens there";
  } catch (const scheduler::RunStopped&) {
    FAIL() << "nobody asked it to stop";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("http://127.0.0.1:1/"));
  }
}

TEST_F(KindPartsTest, OnlyJsonIsPublished) {
  EXPECT_FALSE(parts_.publish("t", R"({"a":1})").has_error());
  EXPECT_EQ(parts_.publish("t", "{a}").error().code, "BAD_BODY");
  EXPECT_EQ(parts_.publish("t", "").error().code, "EMPTY_BODY (-1001)");
  EXPECT_TRUE(failed_.empty());
}

TEST_F(KindPartsTest, SqlHasItsValuesItsDatabaseAndItsRights) {
  const tasks::Values values{{"n", "7"}};
  EXPECT_EQ(
      parts_.run_sql({.text = "create table t (n); insert into t values (:n)"}, values, {}).changed,
      1);
  const auto read = parts_.run_sql({.text = "select n from t", .read_only = true}, {}, {});
  EXPECT_EQ(read.read, 1);
  EXPECT_EQ(read.first, "n=7");
  EXPECT_THROW(parts_.run_sql({.text = "delete from t", .read_only = true}, {}, {}),
               std::runtime_error);
  EXPECT_THROW(parts_.run_sql({.text = "select 1", .database = folder_.file("none.db")}, {}, {}),
               std::runtime_error);
}

// A body of a request, asked for what is not in it as it should be.
TEST(BodyEdges, NumbersAreTakenFromTheirLeastToTheirGreatest) {
  const auto taken = [](const std::string& value) {
    Body body = Body::parse(R"({"n":)" + value + "}").value();
    const auto number = body.optional_integer("n", -1, 10);
    EXPECT_EQ(number.has_value(), !body.wrong());
    return number.has_value();
  };
  for (const char* value : {"-1", "0", "10"})
    EXPECT_TRUE(taken(value)) << value;
  for (const char* value : {"-2", "11", "1.0", "\"1\"", "null", "true", "18446744073709551615"})
    EXPECT_FALSE(taken(value)) << value;
  Body absent = Body::parse("{}").value();
  EXPECT_FALSE(absent.optional_integer("n", 0, 1));
  EXPECT_FALSE(absent.wrong());
  absent.integer("n", 0, 1);
  EXPECT_TRUE(absent.wrong());
}

TEST(BodyEdges, TextsAndListsAreNotEmpty) {
  const auto wrong = [](const std::string& text, auto ask) {
    Body body = Body::parse(text).value();
    ask(body);
    return body.wrong();
  };
  const auto text = [](Body& body) { static_cast<void>(body.text("x")); };
  const auto list = [](Body& body) { static_cast<void>(body.text_list("x")); };
  const auto objects = [](Body& body) { static_cast<void>(body.objects("x")); };
  const auto some = [](Body& body) { static_cast<void>(body.objects_if_any("x")); };
  EXPECT_FALSE(wrong(R"({"x":"a"})", text));
  for (const char* value : {R"({"x":""})", R"({"x":1})", "{}"})
    EXPECT_TRUE(wrong(value, text)) << value;
  for (const char* value : {R"({"x":["a"]})", R"({"x":[]})", "{}"})
    EXPECT_FALSE(wrong(value, list)) << value;
  for (const char* value : {R"({"x":["a",""]})", R"({"x":["a",1]})", R"({"x":"a"})"})
    EXPECT_TRUE(wrong(value, list)) << value;
  EXPECT_FALSE(wrong(R"({"x":[{}]})", objects));
  for (const char* value : {R"({"x":[]})", R"({"x":[{},1]})"})
    EXPECT_TRUE(wrong(value, objects)) << value;
  for (const char* value : {R"({"x":[]})", R"({"x":[{}]})", "{}"})
    EXPECT_FALSE(wrong(value, some)) << value;
  EXPECT_TRUE(wrong(R"({"x":[1]})", some));
}

}  // namespace
}  // namespace systask::service
