// A ProtocolWorld runs the steps that bytes stand for against one platform, and watches what
// leaves it. One thread, which is also the platform's worker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "tests/support/manual_clock.h"
#include "tests/support/memory_stores.h"
#include "trading/platform.h"

namespace systask::fuzz {

// Checks at the moment of leaving that lines have no holes, and epochs one holder.
class WatchingOutlet final : public trading::Outlet {
 public:
  void push(trading::Push push) override;
  void publish(trading::Publication) override {}
  void order(trading::OutRow row) override { last_out = row.no; }
  void session_lost(trading::SessionId) override {}
  void recover_now() override {}
  // A login that resumes is pushed again what it says that it has not.
  void resumed(trading::SessionId session);

  trading::OutNo last_out;
  std::map<trading::PlanId, trading::Epoch> epochs;  // the newest that was pushed

 private:
  using Holding = std::pair<trading::PlanId, trading::Epoch>;
  std::map<Holding, trading::SessionId> holders_;
  std::map<std::pair<trading::SessionId, Holding>, trading::LineNumber> reached_;
};

class ProtocolWorld {
 public:
  explicit ProtocolWorld(std::span<const std::uint8_t> bytes);

  // One request, and its checks; false at the end of the bytes.
  bool step();

 private:
  struct Site {
    trading::SessionId session;
    bool silent = false;
  };

  std::uint8_t byte();
  std::uint8_t below(std::uint8_t limit) { return static_cast<std::uint8_t>(byte() % limit); }
  std::int64_t number();  // small as a rule, now and then of any size
  trading::PlanId plan() { return trading::PlanId{1 + below(4)}; }
  trading::SiteRequest who();
  template <class T>
  trading::Answer<T> expect();

  void log_in();
  void create();
  void report();
  void take(std::string_view topic, const std::string& body);
  void of_a_site(std::uint8_t which);
  void of_recovery(std::uint8_t which);
  void of_others(std::uint8_t which);
  void of_tasks(std::uint8_t which);
  void decide();
  void pass_time();
  void restart();
  void settle();
  void check();

  std::span<const std::uint8_t> bytes_;
  ManualClock clock_;
  support::MemoryStores stores_;
  trading::Stores ports_ = stores_.stores();
  WatchingOutlet outlet_;
  trading::OrderLinkId order_link_;
  std::unique_ptr<trading::Platform> platform_;
  std::map<std::uint8_t, Site> sites_;
  std::map<trading::PlanId, trading::LineNumber> last_;  // of each plan: it never goes back
  int open_ = 0;                                         // requests without an answer
};

}  // namespace systask::fuzz
