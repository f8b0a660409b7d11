// A Gateway over a real platform on in-memory stores, spoken to through connections that
// write down what is sent to them. The worker has its own thread; settle() waits until it
// has answered everything asked so far, and runs what was posted to the io thread.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "service/gateway/gateway.h"
#include "service/gateway/hub.h"
#include "service/gateway/message_centre.h"
#include "service/gateway/proof.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_stores.h"
#include "trading/platform.h"
#include "trading/ports/unit_of_work.h"

namespace systask::service {

// Any thread, like a real one.
class FakeConnection final : public net::Connection {
 public:
  bool send(net::Frame frame) override {
    return seen_.with([&](Seen& seen) {
      if (seen.full || seen.closed) return false;
      seen.frames.push_back(*frame);
      return true;
    });
  }
  void close(std::string_view reason) override {
    seen_.with([&](Seen& seen) {
      if (!seen.closed) seen.closed = std::string{reason};
    });
  }
  void pause_reading() override {
    seen_.with([](Seen& seen) { ++seen.pauses; });
  }
  void resume_reading() override {
    seen_.with([](Seen& seen) { ++seen.resumes; });
  }
  [[nodiscard]] std::string remote() const override { return "127.0.0.1:5"; }

  // The frames since the last call.
  std::vector<std::string> take() {
    return seen_.with([](Seen& seen) { return std::exchange(seen.frames, {}); });
  }
  // Why it was closed; nothing while it is open.
  std::optional<std::string> closed() {
    return seen_.with([](const Seen& seen) { return seen.closed; });
  }
  int pauses() {
    return seen_.with([](const Seen& seen) { return seen.pauses; });
  }
  int resumes() {
    return seen_.with([](const Seen& seen) { return seen.resumes; });
  }
  void refuse_frames() {
    seen_.with([](Seen& seen) { seen.full = true; });
  }

 private:
  struct Seen {
    std::vector<std::string> frames;
    std::optional<std::string> closed;
    int pauses = 0;
    int resumes = 0;
    bool full = false;
  };
  Guarded<Seen> seen_;
};

// What was posted to the io thread, until the test runs it.
class PostedWork {
 public:
  std::function<void(std::function<void()>)> poster() {
    return [this](std::function<void()> work) {
      queue_.with([&](auto& queue) { queue.push_back(std::move(work)); });
    };
  }
  // Runs what was there; how many.
  std::size_t run() {
    const auto work = queue_.with([](auto& queue) { return std::exchange(queue, {}); });
    for (const auto& one : work)
      one();
    return work.size();
  }

 private:
  Guarded<std::vector<std::function<void()>>> queue_;
};

// Transactions of a database that refuses the next one, where a test says so.
class RefusingTransactions final : public trading::Transactions {
 public:
  explicit RefusingTransactions(trading::Transactions& real) : real_(real) {}
  std::unique_ptr<trading::UnitOfWork> begin() override {
    if (refuse_next.exchange(false)) throw std::runtime_error("the disk is gone");
    return real_.begin();
  }
  std::atomic<bool> refuse_next = false;

 private:
  trading::Transactions& real_;
};

class GatewayTest : public ::testing::Test {
 protected:
  struct Caller {
    std::shared_ptr<FakeConnection> connection;
    std::shared_ptr<net::Peer> peer;
  };

  GatewayTest() {
    stores.tables().sessions[trading::Market{1}] = "093000-113000;130000-150000";
    platform.start(true);
  }
  ~GatewayTest() override { platform.stop(); }

  Caller connect() {
    auto connection = std::make_shared<FakeConnection>();
    return {connection, gateway.accept(connection)};
  }

  // Everything asked so far is committed, and its answers have left.
  void settle() {
    do {
      std::promise<void> answered;
      platform.view(trading::PlanId{}, [&](const auto&) { answered.set_value(); });
      answered.get_future().wait();
    } while (posted.run() > 0);
  }

  // Time that passes while we are awake: the loop looks at the sites as often as the service's.
  void live_on(Micros length) {
    constexpr Micros kLook{100'000};
    for (Micros lived{0}; lived < length; lived += kLook) {
      clock.advance(kLook);
      platform.watch_sites();
    }
    settle();
  }

  // What came back for one frame.
  std::vector<std::string> say(const Caller& caller, const std::string& text) {
    caller.peer->on_text(text);
    settle();
    return caller.connection->take();
  }
  // The same, where one frame is expected.
  boost::json::object ask(const Caller& caller, const std::string& text) {
    const auto frames = say(caller, text);
    EXPECT_EQ(frames.size(), 1U) << "for " << text << ": " << ::testing::PrintToString(frames);
    if (frames.size() != 1) return {};
    return boost::json::parse(frames.front()).as_object();
  }
  // The code of the error that came back, or what came instead.
  std::string error_of(const Caller& caller, const std::string& text) {
    const boost::json::object answer = ask(caller, text);
    const auto* error = answer.if_contains("error");
    if (error == nullptr) return boost::json::serialize(answer);
    return std::string{error->at("code").as_string()};
  }

  std::string challenge(const Caller& caller, const std::string& role, const std::string& name) {
    const auto answer = ask(caller, R"({"id":1,"name":"login","body":{"role":")" + role +
                                        R"(","name":")" + name + R"("}})");
    return std::string{answer.at("ok").at("challenge").as_string()};
  }
  // `more` are further members of the proof's body: ",\"strategies\":[\"twap\"]".
  boost::json::object prove(const Caller& caller, const std::string& role, const std::string& name,
                            const std::string& more = {}) {
    const std::string proof =
        proof_of(challenge(caller, role, name), role, name, secrets.at(role + ' ' + name));
    return ask(caller, R"({"id":2,"name":"prove","body":{"proof":")" + proof + '"' + more + "}}");
  }
  Caller log_in(const std::string& role, const std::string& name, const std::string& more = {}) {
    Caller caller = connect();
    const auto answer = prove(caller, role, name, more);
    EXPECT_TRUE(answer.contains("ok")) << boost::json::serialize(answer);
    return caller;
  }
  Caller log_in_site(const std::string& name) {
    return log_in("site", name, R"(,"strategies":["twap"])");
  }

  // Publication `number` of the order system: a plan for whoever runs twap.
  static std::string new_plan(int number, const std::string& message_id) {
    return R"({"pub":)" + std::to_string(number) +
           R"(,"topic":"stp.api.scheme_new","body":{"message_id":")" + message_id +
           R"(","name":"p","strategy":"twap","parameters":{},"details":[{"market_no":1,)"
           R"("stock_code":"600570","entrust_direction":1,"quantity":100}]}})";
  }

  ManualClock clock{from_rfc3339("2026-05-22T01:30:00Z").value()};  // 09:30, a Friday
  systask::support::MemoryStores stores;
  const trading::Stores all = stores.stores();
  RefusingTransactions transactions{all.transactions};
  const trading::Stores ports{transactions, all.plans, all.orders,  all.messages, all.cache,
                              all.outbox,   all.sites, all.records, all.day};
  std::map<std::string, std::string> secrets{{"site A", "secret of A"},
                                             {"site B", "secret of B"},
                                             {"order_system flow", "secret of flow"},
                                             {"client cli", "secret of cli"},
                                             {"client desk", "secret of the desk"}};
  PostedWork posted;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> timers;

  EmbeddedCentre centre{[this](trading::Publication publication, const std::string& error) {
                          platform.publication_failed(std::move(publication), error);
                        },
                        [this](trading::OutNo kept) { platform.publication_made(kept); }};
  Hub hub{centre, [] {}};
  trading::Platform platform{ports, hub, clock, {}};
  Gateway gateway{{platform, hub, centre, clock,
                   [this](std::string_view role, std::string_view name) {
                     const auto it = secrets.find(std::string{role} + ' ' + std::string{name});
                     return it == secrets.end() ? std::nullopt : std::optional{it->second};
                   },
                   posted.poster(),
                   [this](std::chrono::milliseconds delay, std::function<void()> work) {
                     timers.emplace_back(delay, std::move(work));
                   }}};
};

}  // namespace systask::service
