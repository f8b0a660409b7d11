// A site against a scripted platform: what the tests of peers/site share.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peers/site/site.h"
#include "tests/support/scratch_folder.h"
#include "tests/unit/peers/fake_platform.h"

namespace systask::peers {

// Stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override {
    return from_micros(1'779'413'400'000'000) + moved_;
  }
  [[nodiscard]] MonotonicPoint monotonic() const override { return MonotonicPoint{} + moved_; }
  void move(std::chrono::seconds by) { moved_ += by; }

 private:
  Micros moved_{std::chrono::hours{1}};
};

class SiteWorld : public ::testing::Test {
 protected:
  using Script = std::function<boost::json::object(const boost::json::object&)>;

  void SetUp() override {
    platform_.script =
        [this](const boost::json::object& request) -> std::optional<boost::json::object> {
      const std::string name = name_of(request);
      ++asked_[name];
      const auto found = answers_.find(name);
      if (found == answers_.end()) return ok({});
      auto said = found->second(request);
      if (said.contains("unanswered")) return std::nullopt;
      return said;
    };
  }
  void TearDown() override { site_.reset(); }

  void start() {
    SiteOptions options;
    options.link.address.port = platform_.port();
    options.link.role = "site";
    options.link.name = "A";
    options.link.secret = "s3cret";
    options.strategies = {"twap", "follow"};
    options.trace = trace_;
    options.tick = std::chrono::milliseconds{5};
    site_ = std::make_unique<Site>(io_, clock_, std::move(options));
    site_->start();
    ASSERT_TRUE(until([this] { return platform_.proofs.size() == 1; }));
  }
  bool until(const std::function<bool()>& happened) { return platform_.run_until(happened); }
  bool until_traced(const std::string& line) {
    return until([&] { return traced(line); });
  }
  [[nodiscard]] bool traced(const std::string& line) const {
    std::ifstream file{trace_};
    for (std::string row; std::getline(file, row);)
      if (row == line) return true;
    return false;
  }
  [[nodiscard]] std::vector<std::string> trace() const {
    std::ifstream file{trace_};
    std::vector<std::string> rows;
    for (std::string row; std::getline(file, row);)
      rows.push_back(row);
    return rows;
  }
  // The next login is answered as a resumed one that still has these plans.
  void resume_with(const std::string& plans) {
    platform_.session = parse(R"({"site":2,"session":12,"resumed":true,"heartbeat_ms":200,
                                  "site_timeout_ms":1000,"plans":)" +
                              plans + "}");
  }
  void push_line(int epoch, int seq, const std::string& topic, const std::string& body) {
    platform_.push(R"({"topic":"asset.algo.)" + topic + R"(","plan":31,"epoch":)" +
                   std::to_string(epoch) + R"(,"seq":)" + std::to_string(seq) + R"(,"body":)" +
                   body + "}");
  }
  static std::string plan_text(const std::string& strategy, const std::string& status) {
    return R"({"plan":31,"status":")" + status + R"(","strategy":")" + strategy +
           R"(","parameters":{"window_seconds":"60","slices":"6","price":"48.00"},
             "details":[{"market_no":1,"stock_code":"600570","entrust_direction":1,
             "quantity":600,"ordered":0,"filled":0,"amount":"0"}]})";
  }
  static std::string placed_text(int number) {
    return R"({"message_id":"m)" + std::to_string(number) + R"(","market_no":1,"entrust_no":")" +
           std::to_string(number) +
           R"(","stock_code":"600570","entrust_direction":1,"entrust_amount":10})";
  }

  boost::asio::io_context io_;
  ManualClock clock_;
  FakePlatform platform_{io_};
  std::map<std::string, Script> answers_;
  std::map<std::string, int> asked_;
  const ScratchFolder folder_;
  const std::string trace_ = folder_.file("site.trace");
  std::unique_ptr<Site> site_;
};

}  // namespace systask::peers
