// From a site's death to its plans running elsewhere, on a real database: the site is lost, the
// recovery offers, and another site, in this process, claims, asks for what is cached and
// finishes, as often as the bound on rebuilds makes it. The sockets and the notice of a death
// are left out; `systask drill` has them. And what the platform keeps in memory for each plan,
// open order and cached message. See the README here.
//
//   recovery_bench [folder] [plans] [cached messages]     (without: the whole table)
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/bench/platform_bench.h"

namespace systask {
namespace {

// Resident memory of this process.
std::int64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * 4'096;
}

double seconds_of(const auto& work) {
  const SystemClock clock;
  const MonotonicPoint from = clock.monotonic();
  work();
  return std::chrono::duration<double>(clock.monotonic() - from).count();
}

// Every plan, as it is offered, until none is; how many looks of the recovery it took.
int take_all(BenchPlatform& world, trading::SessionId session, int plans) {
  std::size_t taken = 0;
  for (int looks = 0;; ++looks) {
    world.platform().recover_plans();
    world.work();
    if (world.outlet.offers.empty()) {
      if (taken != static_cast<std::size_t>(plans))
        throw std::runtime_error(fmt::format("{} of {} plans were offered", taken, plans));
      return looks;
    }
    taken += world.take_over(session);
  }
}

void kill_to_normal(const std::string& file, int plans, int cached) {
  BenchPlatform world{file};
  const auto first = world.login("A");
  world.create_plans(plans, first);
  const auto second = world.login("B");
  OrderLives lives{plans};
  double lost = seconds_of([&] { world.lose(first); });
  world.publish(lives.next(cached));
  world.work();
  int looks = 0;
  const double taken = seconds_of([&] { looks = take_all(world, second, plans); });
  fmt::print("{:>6} {:>8} | {:>9.1f} {:>12.1f} {:>9.1f} {:>6} | {:>10.0f}\n", plans, cached,
             lost * 1e3, taken * 1e3, (lost + taken) * 1e3, looks,
             cached == 0 ? 0.0 : cached / taken);
  std::fflush(stdout);
}

void memory(const std::string& file) {
  constexpr int kPlans = 10'000;
  constexpr int kOrders = 100'000;
  BenchPlatform world{file};
  const auto site = world.login("A");
  const std::int64_t empty = resident_bytes();
  world.create_plans(kPlans, site);
  const std::int64_t planned = resident_bytes();
  std::vector<std::string> placed;
  for (int order = 0; order < kOrders; ++order)
    placed.push_back(fmt::format(
        R"({{"function_no":402213,"message_id":"o-{0}","business_date":20260522,"scheme_id":{1},)"
        R"("algo_ordid":"{1}-{0}","entrust_no":"E{0}","market_no":1,"stock_code":"600570",)"
        R"("entrust_direction":1,"entrust_price":"12.34","entrust_amount":400}})",
        order, order % kPlans + 1));
  const std::int64_t before = resident_bytes();
  for (std::size_t from = 0; from < placed.size(); from += 1'000) {
    world.publish({placed.begin() + static_cast<std::ptrdiff_t>(from),
                   placed.begin() + static_cast<std::ptrdiff_t>(from + 1'000)});
    world.work();
  }
  const std::int64_t ordered = resident_bytes();
  world.lose(site);
  OrderLives lives{kPlans};
  const std::int64_t abnormal = resident_bytes();
  for (int round = 0; round < 100; ++round) {
    world.publish(lives.next(1'000));
    world.work();
  }
  fmt::print("resident: {} B a plan, {} B an open order, {} B a cached message\n\n",
             (planned - empty) / kPlans, (ordered - before) / kOrders,
             (resident_bytes() - abnormal) / 100'000);
}

int run(int argc, char** argv) {
  const std::filesystem::path folder =
      (argc > 1 ? std::filesystem::path{argv[1]} : std::filesystem::temp_directory_path()) /
      fmt::format("systask_recovery_bench_{}", ::getpid());
  const auto fresh = [&] {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return (folder / "bench.db").string();
  };
  // Before anything else, whose freed memory it would be given.
  if (argc <= 3) memory(fresh());
  fmt::print("{:>6} {:>8} | {:>9} {:>12} {:>9} {:>6} | {:>10}\n", "plans", "cached", "lost ms",
             "taken over", "total ms", "looks", "replayed/s");
  if (argc > 3) {
    kill_to_normal(fresh(), std::stoi(argv[2]), std::stoi(argv[3]));
  } else {
    for (const int plans : {1, 100, 1'000})
      for (const int cached : {0, 1'000, 100'000})
        kill_to_normal(fresh(), plans, cached);
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace systask

int main(int argc, char** argv) { return systask::run(argc, argv); }
