// What the benchmarks of the platform share: a Platform on real SQLite stores in a file, driven
// by the thread that measures, and order messages by the thousand.
//
// The clock stands still, so that a batch ends by its number of commands alone: the same
// messages give the same transactions whatever else the machine does.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "db/database.h"
#include "db/day_store.h"
#include "db/message_store.h"
#include "db/order_store.h"
#include "db/outbox.h"
#include "db/plan_store.h"
#include "db/records.h"
#include "db/site_store.h"
#include "db/unit_of_work.h"
#include "tests/support/manual_clock.h"
#include "trading/platform.h"

namespace systask {

// Counts what leaves, and keeps the rebuilds that sites are asked for.
class CountingOutlet final : public trading::Outlet {
 public:
  struct Offer {
    trading::PlanId plan;
    trading::Epoch epoch;
    trading::LineNumber snapshot;
  };

  void push(trading::Push push) override {
    ++pushes;
    if (push.topic != "asset.algo.recover_scheme") return;
    constexpr std::string_view kSnapshot = "\"snapshot\":";
    const auto at = push.body.find(kSnapshot) + kSnapshot.size();
    offers.push_back(
        {push.plan, push.epoch, trading::LineNumber{std::stoll(push.body.substr(at))}});
  }
  void publish(trading::Publication /*publication*/) override { ++publications; }
  void order(trading::OutRow /*row*/) override {}
  void session_lost(trading::SessionId /*session*/) override {}
  void recover_now() override { recover = true; }

  std::uint64_t pushes = 0;
  std::uint64_t publications = 0;
  std::vector<Offer> offers;
  bool recover = false;
};

class BenchPlatform {
 public:
  static constexpr auto kStart = "2026-05-22T10:00:00+08:00";

  explicit BenchPlatform(const std::string& file)
      : database_(db::Database::open("sqlite3://" + file).value()) {
    log::set_level(log::Level::kError);
    trading::PlatformOptions options;
    options.own_thread = false;
    platform_ = std::make_unique<trading::Platform>(ports_, outlet, clock, options);
    platform_->start(false);
  }

  [[nodiscard]] trading::Platform& platform() { return *platform_; }

  // Everything that was asked, as the worker does it.
  void work() {
    while (platform_->run_batch() > 0) {
    }
  }

  template <class T>
  T ask(const std::function<void(trading::Answer<T>)>& request) {
    std::optional<Result<T>> answered;
    request([&](Result<T> answer) { answered = std::move(answer); });
    work();
    if (!answered || answered->has_error())
      throw std::runtime_error(answered ? answered->error().message : "no answer came");
    return std::move(**answered);
  }

  trading::SessionId login(const std::string& site) {
    trading::LoginRequest request;
    request.name = site;
    request.strategies = {"twap"};
    request.capacity = 1'000'000;
    return ask<trading::LoginAnswer>(
               [&](auto answer) { platform_->login(request, std::move(answer)); })
        .session;
  }

  // Plans 1 to `count`, which run on this session.
  void create_plans(int count, trading::SessionId session) {
    int running = 0;
    for (int plan = 1; plan <= count; ++plan) {
      trading::NewPlan wanted;
      wanted.name = fmt::format("plan {}", plan);
      wanted.strategy = "twap";
      wanted.parameters = {{"price", "10"}, {"slices", "20"}, {"window_seconds", "3600"}};
      wanted.details = {{trading::Market{1}, "600570", trading::Side::kBuy, 1'000'000'000'000, 0, 0,
                         trading::AmountTicks{}}};
      wanted.actor = "bench";
      platform_->create(wanted, [&, session](const Result<trading::CreatedPlan>& made) {
        if (made.has_error()) throw std::runtime_error(made.error().message);
        platform_->plan_done(
            {session, made->plan, trading::Epoch{1}}, trading::PlanRequest::kStart,
            [&](const Result<trading::PlanStatus>& done) { running += done.has_value() ? 1 : 0; });
      });
    }
    work();
    if (running != count) throw std::runtime_error(fmt::format("{} plans run", running));
  }

  // The site's connection is closed and does not come back. The looks are as near to each other
  // as the service's are: a longer gap would be a stall of ours, and forgiven.
  void lose(trading::SessionId session) {
    constexpr int kLooks = 5;
    platform_->disconnected(session);
    for (int look = 0; look < kLooks; ++look) {
      clock.advance(Micros{100'000});
      platform_->watch_sites();
      work();
    }
  }

  // The site rebuilds the plans it was asked for so far, as a site does: claim, cached messages
  // until none is left, finish. How many plans.
  std::size_t take_over(trading::SessionId session) {
    const auto offers = std::exchange(outlet.offers, {});
    std::size_t finished = 0;
    for (const CountingOutlet::Offer& offer : offers)
      claim({session, offer.plan, offer.epoch}, offer.snapshot, finished);
    work();
    if (finished != offers.size())
      throw std::runtime_error(fmt::format("{} of {} plans recovered", finished, offers.size()));
    return finished;
  }

  // Publishes them, which decodes them, and leaves the rest to work().
  void publish(const std::vector<std::string>& bodies) {
    for (const std::string& body : bodies)
      platform_->take(
          "", body, [this] { ++acknowledged; },
          [](const std::string& why) { throw std::runtime_error(why); });
  }

  ManualClock clock{from_rfc3339(kStart).value()};
  CountingOutlet outlet;
  std::uint64_t acknowledged = 0;

 private:
  template <class T>
  static T value_of(const Result<T>& answer) {
    if (answer.has_error()) throw std::runtime_error(answer.error().message);
    return *answer;
  }

  void claim(trading::SiteRequest who, trading::LineNumber snapshot, std::size_t& finished) {
    platform_->claim(who, snapshot,
                     [this, who, &finished](const Result<trading::ClaimAnswer>& won) {
                       replay({who.session, who.plan, value_of(won).epoch}, finished);
                     });
  }

  void replay(trading::SiteRequest who, std::size_t& finished) {
    platform_->cached(who, 2'000,
                      [this, who, &finished](const Result<trading::CachedAnswer>& answer) {
                        const trading::CachedAnswer replayed = value_of(answer);
                        platform_->acknowledge(who, replayed.through, [](const Result<bool>&) {});
                        if (replayed.remaining > 0) return replay(who, finished);
                        platform_->finish(who, replayed.through,
                                          [&finished](const Result<trading::FinishAnswer>& done) {
                                            value_of(done);
                                            ++finished;
                                          });
                      });
  }

  std::unique_ptr<db::Database> database_;
  db::Transactions transactions_{*database_};
  db::PlanStore plans_{*database_};
  db::OrderStore orders_{*database_};
  db::MessageStore messages_{*database_};
  db::MessageCache cache_{*database_};
  db::Outbox outbox_{*database_};
  db::SiteStore sites_{*database_};
  db::Records records_{*database_};
  db::DayStore day_{*database_};
  trading::Stores ports_{transactions_, plans_, orders_,  messages_, cache_,
                         outbox_,       sites_, records_, day_};
  std::unique_ptr<trading::Platform> platform_;
};

// Messages of orders' lives, plan after plan: placed, confirmed, four fills.
class OrderLives {
 public:
  explicit OrderLives(int plans) : plans_(plans) {}

  std::vector<std::string> next(int count) {
    std::vector<std::string> bodies;
    bodies.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      bodies.push_back(body_of(made_++));
    return bodies;
  }

 private:
  [[nodiscard]] std::string body_of(int n) const {
    const int plan = n % plans_ + 1;
    const int step = n / plans_;
    const int order = step / 6;
    const int at = step % 6;
    const std::string head = fmt::format(
        R"({{"function_no":{},"message_id":"20260522-{:08}","business_date":20260522,)"
        R"("business_time":93000,"scheme_id":{},"algo_ordid":"{}-{}","entrust_no":"E{}-{}",)"
        R"("batch_no":"17","market_no":1,"stock_code":"600570","entrust_direction":1,)"
        R"("entrust_price":"12.3400","entrust_amount":400)",
        at == 0   ? 402213
        : at == 1 ? 402208
                  : 402206,
        n, plan, plan, order, plan, order);
    if (at < 2) return head + R"(,"entrust_state":"1"})";
    return head + fmt::format(R"(,"deal_no":"D{}","deal_price":"12.3400","deal_amount":100,)"
                              R"("total_deal_amount":{},"entrust_state":"6"}})",
                              n, (at - 1) * 100);
  }

  const int plans_;
  int made_ = 0;
};

// CPU of this thread, in seconds.
inline double thread_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace systask
