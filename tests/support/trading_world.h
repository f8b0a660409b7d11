// A TradingWorld is a whole platform on memory stores, a clock that is moved by hand and
// an outlet that records: what stories and tests of trading/ run in.
//
// It belongs to one thread, the test's. Each call waits until the platform's worker has
// done what was asked, and all that it let leave is recorded; so the same calls give the
// same record every time.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_stores.h"
#include "trading/platform.h"

namespace systask::support {

// What left the platform, in order.
struct Departures {
  std::vector<trading::Push> pushes;
  std::vector<trading::Publication> publications;
  std::vector<trading::OutRow> orders;
  std::vector<trading::SessionId> lost;
  int recover_now = 0;
};

class RecordingOutlet final : public trading::Outlet {
 public:
  void push(trading::Push push) override {
    record_.with([&](Departures& record) { record.pushes.push_back(std::move(push)); });
  }
  void publish(trading::Publication publication) override {
    if (centre) centre(publication);
    record_.with(
        [&](Departures& record) { record.publications.push_back(std::move(publication)); });
  }
  void order(trading::OutRow row) override {
    record_.with([&](Departures& record) { record.orders.push_back(std::move(row)); });
  }
  void session_lost(trading::SessionId session) override {
    record_.with([&](Departures& record) { record.lost.push_back(session); });
  }
  void recover_now() override {
    record_.with([](Departures& record) { ++record.recover_now; });
  }

  [[nodiscard]] Departures all() const {
    return record_.with([](const Departures& record) { return record; });
  }

  // What the message centre does with a publication; set before anything is asked.
  std::function<void(const trading::Publication&)> centre;

 private:
  Guarded<Departures> record_;
};

// Members of a body by their names on the wire; all are written as strings.
using Fields = std::map<std::string, std::string>;

class TradingWorld {
 public:
  explicit TradingWorld(trading::PlatformOptions options = {});

  [[nodiscard]] trading::Platform& platform() { return *platform_; }

  // Asks and waits for the answer, and for everything that leaves with it.
  template <class T>
  Result<T> ask(const std::function<void(trading::Answer<T>)>& request) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    request([promise](Result<T> result) { promise->set_value(std::move(result)); });
    Result<T> result = promise->get_future().get();
    settle();
    return result;
  }
  // Waits until all that was asked is done and has left.
  void settle();

  // Time passes in small steps, as the service would see it: the sites that are not among
  // the silent send heartbeats, and the platform looks for lost ones.
  void pass(Micros time);
  // The service itself stands still: nobody is heard, nothing is looked at, then it goes on.
  void stall(Micros time);
  void silence(trading::SessionId session, bool silent);
  // How the message centre takes publications from now on: never answering is how it looks
  // where the process dies before they leave.
  enum class Centre { kTakes, kRefuses, kNeverAnswers };
  void set_centre(Centre centre) { centre_ = centre; }

  // Restarts the service with these.
  void set_options(trading::PlatformOptions options) {
    options_ = std::move(options);
    restart(true);
  }
  // Ends the service and starts another on the same tables.
  void restart(bool sites_return);

  // A report of the order system, on its own topic; what became of it: "applied",
  // "cached", "passed", "parked", "quarantined", "duplicate" or "failed".
  std::string report(int function_no, const Fields& fields);
  std::string report_text(const std::string& topic, const std::string& body);

  Result<trading::LoginAnswer> login(trading::LoginRequest request);
  Result<trading::CreatedPlan> create(const trading::NewPlan& plan);
  Result<trading::PlanView> view(trading::PlanId plan);

  // As the tables have it, which is what is durable.
  [[nodiscard]] trading::Plan plan(trading::PlanId id);
  [[nodiscard]] std::vector<trading::MessageRow> messages();

  // What must hold at any time: "" or the first breach found. Lines without holes, every
  // message in exactly one place, totals that agree with orders and fills.
  std::string breach();

  ManualClock clock;
  MemoryStores stores;
  RecordingOutlet outlet;

 private:
  std::string breach_of_lines();
  std::string breach_of_messages();

  trading::PlatformOptions options_;
  trading::Stores ports_ = stores.stores();
  std::map<trading::SessionId, bool> silent_;  // every session that logged in
  std::atomic<Centre> centre_ = Centre::kTakes;
  std::unique_ptr<trading::Platform> platform_;
};

// A body with the defaults of the tests: market 1; an order of 600570, to buy, at 10; a fill at 10.
std::string body_of(int function_no, const Fields& fields);
// A plan to buy `quantity` of 600570 on market 1 by "twap".
trading::NewPlan plan_to_buy(trading::Quantity quantity);
trading::LoginRequest login_of(const std::string& site);

}  // namespace systask::support
