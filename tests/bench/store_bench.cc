// What the stores cost: the rows of typical fill messages through the stores on SQL, against
// the same sentences in bare sqlite3, in one run on one disk. A message is five rows: itself,
// its fill, its order, its plan and the plan's detail; 256 messages are one transaction with
// a savepoint each. Prints messages a second for both, and their ratio.
//
//   store_bench [messages] [folder]
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "db/database.h"
#include "db/message_store.h"
#include "db/order_store.h"
#include "db/plan_store.h"
#include "db/unit_of_work.h"

namespace systask {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr int kBatch = 256;
constexpr int kPlans = 200;

struct Rows {
  std::vector<Plan> plans;
  std::vector<Order> orders;
};

Rows make_rows() {
  Rows rows;
  for (int i = 1; i <= kPlans; ++i) {
    Plan plan;
    plan.id = PlanId{i};
    plan.date = plan.last_date = BusinessDate{20260522};
    plan.name = "plan " + std::to_string(i);
    plan.strategy = "follow";
    plan.environment = "test";
    plan.parameters = Parameters{{"from", "093000"}, {"until", "150000"}, {"slices", "20"}};
    plan.details = {PlanDetail{Market{1}, "600570", Side::kBuy}};
    plan.status = PlanStatus::kRunning;
    rows.plans.push_back(plan);
    Order order;
    order.id = OrderId{i};
    order.plan = plan.id;
    order.date = plan.date;
    order.market = Market{1};
    order.security = "600570";
    order.quantity = 1'000'000'000;
    order.number = "E" + std::to_string(i);
    rows.orders.push_back(order);
  }
  return rows;
}

std::string body_of(int n) {
  return fmt::format(
      R"({{"function_no":402206,"message_id":"m-{0}","business_date":20260522,)"
      R"("business_time":93000,"entrust_no":"E{1}","market_no":1,"stock_code":"600570",)"
      R"("entrust_direction":1,"deal_no":"D{0}","deal_price":"12.3400","deal_amount":10,)"
      R"("total_deal_amount":{0},"entrust_state":"6","batch_no":"17","algo_ordid":"x-{0}"}})",
      n, n % kPlans + 1);
}

void advance(Rows& rows, int n) {
  Plan& plan = rows.plans[static_cast<std::size_t>(n % kPlans)];
  Order& order = rows.orders[static_cast<std::size_t>(n % kPlans)];
  order.filled += 10;
  order.amount = AmountTicks{order.amount.value() + 1234};
  plan.details[0].filled += 10;
  plan.details[0].amount = order.amount;
  plan.last = plan.applied = next_of(plan.last);
}

class ThroughStores {
 public:
  explicit ThroughStores(const std::string& path)
      : database_(db::Database::open("sqlite3://" + path).value()) {
    const auto work = transactions_.begin();
    for (const Plan& plan : rows_.plans)
      plans_.insert(*work, plan);
    for (const Order& order : rows_.orders)
      orders_.insert(*work, order, std::nullopt);
    work->commit();
  }

  void batch(int first) {
    const auto work = transactions_.begin();
    for (int n = first; n < first + kBatch; ++n) {
      work->savepoint();
      advance(rows_, n);
      const Plan& plan = rows_.plans[static_cast<std::size_t>(n % kPlans)];
      const Order& order = rows_.orders[static_cast<std::size_t>(n % kPlans)];
      messages_.add(
          *work, MessageRow{MessageNo{n + 1}, "m-" + std::to_string(n), 402206, plan.date, plan.id,
                            plan.last, Disposition::kApplied, order.market, order.number,
                            "asset.algo.realdeal", "", body_of(n), from_micros(n)});
      orders_.add_fill(
          *work, Fill{order.date, order.market, order.number, "D" + std::to_string(n), order.id,
                      plan.id, PriceTicks{1234}, 10, plan.last, from_micros(n)});
      orders_.update(*work, order);
      plans_.put_detail(*work, plan.id, plan.details[0]);
      plans_.update(*work, plan, plan.epoch);
      work->keep();
    }
    work->commit();
  }

 private:
  Rows rows_ = make_rows();
  std::unique_ptr<db::Database> database_;
  db::Transactions transactions_{*database_};
  db::PlanStore plans_{*database_};
  db::OrderStore orders_{*database_};
  db::MessageStore messages_{*database_};
};

// The same sentences, prepared once, with nothing between them and the library.
class Bare {
 public:
  explicit Bare(const std::string& path) {
    { const ThroughStores made{path}; }  // the schema, the plans and the orders
    check(sqlite3_open(path.c_str(), &db_));
    for (const char* pragma : {"pragma synchronous = full", "pragma wal_autocheckpoint = 16000",
                               "pragma cache_size = -16384", "pragma temp_store = memory"}) {
      check(sqlite3_exec(db_, pragma, nullptr, nullptr, nullptr));
    }
    constexpr std::array kTexts{
        "begin immediate",
        "commit",
        "savepoint command",
        "release command",
        "insert into algojr_tmessage (message_no, message_id, function_no, business_date, "
        "scheme_id, line_no,"
        " disposition, market_no, entrust_no, topic, reason, body, received_at)"
        " values (?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " on conflict (message_id) do nothing",
        "insert into algojr_trealdeal values (?,?,?,?,?,?,?,?,?,?)"
        " on conflict (business_date, market_no, entrust_no, deal_no) do nothing",
        "update algojr_tentrust set entrust_no = ?, confirmed = ?, rejected = ?,"
        " cancel_pending = ?, deal_amount = ?, cancel_amount = ?, deal_balance = ?,"
        " revoke_cause = ?, entrust_state = ?, entrust_price = ?, entrust_amount = ?,"
        " cbentrust_id = ? where entrust_id = ?",
        "update algojr_tschemestock set entrust_amount = ?, deal_amount = ?, deal_balance = ?"
        " where scheme_id = ? and market_no = ? and stock_code = ? and entrust_direction = ?",
        "update algojr_tscheme set business_date = ?, last_date = ?, scheme_params = ?,"
        " scheme_status = ?, saved_status = ?, recover_phase = ?, site_no = ?, session_no = ?,"
        " epoch = ?, last_line = ?, applied_line = ?, skipped_lines = ?, quarantine_reason = ?,"
        " status_at = ? where scheme_id = ? and epoch = ?"};
    for (const char* text : kTexts) {
      check(sqlite3_prepare_v2(db_, text, -1, &statements_.emplace_back(), nullptr));
    }
  }
  ~Bare() {
    for (sqlite3_stmt* statement : statements_)
      sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void batch(int first) {
    run(0);
    for (int n = first; n < first + kBatch; ++n) {
      run(2);
      advance(rows_, n);
      const Plan& plan = rows_.plans[static_cast<std::size_t>(n % kPlans)];
      const Order& order = rows_.orders[static_cast<std::size_t>(n % kPlans)];
      run(4, n + 1, "m-" + std::to_string(n), 402206, 20260522, plan.id.value(), plan.last.value(),
          std::string{"a"}, 1, order.number, std::string{"asset.algo.realdeal"}, std::string{},
          body_of(n), n);
      run(5, 20260522, 1, order.number, "D" + std::to_string(n), order.id.value(), plan.id.value(),
          1234, 10, plan.last.value(), n);
      run(6, order.number, 0, 0, 0, order.filled, 0, order.amount.value(), order.cause,
          std::string{"6"}, 0, order.quantity, 0, order.id.value());
      run(7, 0, plan.details[0].filled, plan.details[0].amount.value(), plan.id.value(), 1,
          plan.details[0].security, 1);
      run(8, 20260522, 20260522, std::string{R"({"from":"093000","slices":"20","until":"150000"})"},
          std::string{"2"}, std::string{"0"}, std::string{"-"}, 0, 0, 1, plan.last.value(),
          plan.applied.value(), 0, std::string{}, 0, plan.id.value(), 1);
      run(3);
    }
    run(1);
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  static void bind(sqlite3_stmt* statement, int at, std::int64_t value) {
    sqlite3_bind_int64(statement, at, value);
  }
  static void bind(sqlite3_stmt* statement, int at, const std::string& value) {
    sqlite3_bind_text(statement, at, value.data(), static_cast<int>(value.size()), nullptr);
  }
  template <class... Values>
  void run(std::size_t which, const Values&... values) {
    sqlite3_stmt* const statement = statements_[which];
    int at = 0;
    (bind(statement, ++at, values), ...);
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

  Rows rows_ = make_rows();
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

double seconds_of(const Clock& clock, const auto& doing) {
  const MonotonicPoint start = clock.monotonic();
  doing();
  return std::chrono::duration<double>(clock.monotonic() - start).count();
}

int bench(int messages, const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const SystemClock clock;
  int done = 0;
  double by_stores = 0;
  double by_bare = 0;
  {
    ThroughStores stores{(folder / "stores.db").string()};
    Bare bare{(folder / "bare.db").string()};
    // In turns, so that both meet the same machine.
    constexpr int kRound = 16 * kBatch;
    for (int first = 0; first < messages; first += kRound) {
      const auto round = [&](auto& side) {
        for (int n = first; n < first + kRound; n += kBatch)
          side.batch(n);
      };
      by_stores += seconds_of(clock, [&] { round(stores); });
      by_bare += seconds_of(clock, [&] { round(bare); });
      done = first + kRound;
    }
  }
  std::filesystem::remove_all(folder);
  fmt::print("{} messages of 5 rows: stores {:.0f}/s, bare sqlite3 {:.0f}/s, ratio {:.2f}\n", done,
             done / by_stores, done / by_bare, by_bare / by_stores);
  return 0;
}

}  // namespace
}  // namespace systask

int main(int argc, char** argv) {
  const int messages = argc > 1 ? std::stoi(argv[1]) : 100'000;
  const std::filesystem::path folder =
      argc > 2 ? argv[2] : std::filesystem::temp_directory_path() / "systask_store_bench";
  return systask::bench(messages, folder);
}
