// What the platform adds to SQLite. Order messages go through it as the service drives it
// (published, a batch a transaction, acknowledged), applied or cached, and are replayed from the
// cache; beside it bare SQLite writes the very rows that the platform wrote, in the same
// transactions. Both take turns on one disk; medians of the rounds. See the README here.
//
//   intake_bench [messages a round] [rounds] [folder] [plans...]
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/bench/platform_bench.h"
#include "tests/bench/row_journal.h"
#include "trading/unpack.h"

namespace systask {
namespace {

using trading::SessionId;

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;
};

template <class Work>
Cost cost_of(const Work& work) {
  const SystemClock clock;
  const MonotonicPoint from = clock.monotonic();
  const double cpu = thread_seconds();
  work();
  return {std::chrono::duration<double>(clock.monotonic() - from).count(), thread_seconds() - cpu};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The rounds of one case, and the line they make.
class Account {
 public:
  void add(std::size_t messages, const Cost& platform, const Cost& bare, const Cost& decoding,
           const BareWriter::Plan& rows) {
    const auto count = static_cast<double>(messages);
    const auto each = [&](double seconds) { return seconds * 1e6 / count; };
    platform_wall_.push_back(each(platform.wall));
    platform_cpu_.push_back(each(platform.cpu));
    bare_wall_.push_back(each(bare.wall));
    bare_cpu_.push_back(each(bare.cpu));
    decoding_.push_back(each(decoding.cpu));
    ratio_.push_back(bare.wall / platform.wall);
    ratio_cpu_.push_back(bare.cpu / platform.cpu);
    rows_ = static_cast<double>(rows.rows()) / count;
    batch_ = count / static_cast<double>(rows.transactions());
  }

  [[nodiscard]] bool empty() const { return ratio_.empty(); }

  static void print_head() {
    fmt::print("{:>9} {:>6} | {:>11} {:>9} {:>6} | {:>12} {:>8} {:>6} | {:>8} {:>9} {:>9}\n",
               "what", "plans", "platform/s", "bare/s", "ratio", "platform us", "bare us", "ratio",
               "decode", "rows/msg", "msg/batch");
  }
  void print(const std::string& what, int plans) const {
    fmt::print(
        "{:>9} {:>6} | {:>11.0f} {:>9.0f} {:>6.2f} | {:>12.2f} {:>8.2f} {:>6.2f} | {:>8.2f} "
        "{:>9.2f} {:>9.1f}\n",
        what, plans, 1e6 / median(platform_wall_), 1e6 / median(bare_wall_), median(ratio_),
        median(platform_cpu_), median(bare_cpu_), median(ratio_cpu_), median(decoding_), rows_,
        batch_);
    std::fflush(stdout);
  }

 private:
  std::vector<double> platform_wall_, platform_cpu_, bare_wall_, bare_cpu_, decoding_;
  std::vector<double> ratio_, ratio_cpu_;
  double rows_ = 0;
  double batch_ = 0;
};

// The file, with the schema.
std::string migrated(const std::string& file) {
  db::Database::open("sqlite3://" + file).value();
  return file;
}

// Three databases that go the same way: one whose rows are recorded, the platform's, and the
// bare one.
class Trial {
 public:
  Trial(const std::filesystem::path& folder, int plans)
      : plans_(plans),
        journal_(migrated(folder / "scout.db")),
        scout_(folder / "scout.db"),
        measured_(folder / "measured.db"),
        bare_(migrated(folder / "bare.db")),
        lives_(plans) {}

  void set_up(bool abnormal) {
    for (BenchPlatform* const side : {&scout_, &measured_}) {
      site_ = side->login("A");
      side->create_plans(plans_, site_);
      if (abnormal) side->lose(site_);
    }
    bare_.write(bare_.prepare(journal_.take()));
  }

  void round(int messages, Account& account) {
    const auto bodies = lives_.next(messages);
    scout_.publish(bodies);
    scout_.work();
    const auto recorded = journal_.take();
    const auto rows = bare_.prepare(recorded);
    measured_.acknowledged = 0;
    const Cost decoding = cost_of([&] { measured_.publish(bodies); });
    const Cost platform = cost_of([&] { measured_.work(); });
    if (measured_.acknowledged != bodies.size())
      throw std::runtime_error("not every message was acknowledged");
    const Cost bare = cost_of([&] { bare_.write(rows); });
    account.add(bodies.size(), platform, bare, decoding, rows);
  }

  // All that is cached, by another site. A round is what one look of the recovery offers.
  void replay(Account& account) {
    for (BenchPlatform* const side : {&scout_, &measured_})
      site_ = side->login("B");
    while (true) {
      for (BenchPlatform* const side : {&scout_, &measured_}) {
        side->platform().recover_plans();
        side->work();
      }
      if (measured_.outlet.offers.empty()) {
        if (account.empty()) throw std::runtime_error("nothing was replayed: no plan was offered");
        return;
      }
      bare_.write(bare_.prepare(journal_.take()));
      scout_.take_over(site_);
      const auto recorded = journal_.take();
      const auto bodies = replayed_bodies(recorded);
      const auto rows = bare_.prepare(recorded);
      Cost platform = cost_of([&] { measured_.take_over(site_); });
      const Cost bare = cost_of([&] { bare_.write(rows); });
      const Cost decoding = cost_of([&] {
        for (const std::string& body : bodies)
          if (trading::unpack("", body).has_error()) throw std::runtime_error(body);
      });
      platform.wall -= decoding.wall;
      platform.cpu -= decoding.cpu;
      account.add(bodies.size(), platform, bare, decoding, rows);
    }
  }

 private:
  static std::vector<std::string> replayed_bodies(const std::vector<RowTransaction>& recorded) {
    constexpr std::size_t kBody = 5;  // of algojr_trequestcache
    std::vector<std::string> bodies;
    for (const RowTransaction& transaction : recorded)
      for (const RowChange& change : transaction)
        if (change.kind == RowChange::Kind::kDelete && change.table == "algojr_trequestcache")
          bodies.push_back(std::get<std::string>(change.before.at(kBody)));
    return bodies;
  }

  const int plans_;
  RowJournal journal_;
  BenchPlatform scout_;
  BenchPlatform measured_;
  BareWriter bare_;
  OrderLives lives_;
  SessionId site_;
};

void bench(int messages, int rounds, const std::filesystem::path& folder, int plans) {
  for (const bool abnormal : {false, true}) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    Trial trial{folder, plans};
    trial.set_up(abnormal);
    Account intake;
    for (int round = 0; round < rounds; ++round)
      trial.round(messages, intake);
    intake.print(abnormal ? "cached" : "applied", plans);
    if (!abnormal) continue;
    Account replay;
    trial.replay(replay);
    replay.print("replayed", plans);
  }
  std::filesystem::remove_all(folder);
}

int run(int argc, char** argv) {
  const int messages = argc > 1 ? std::stoi(argv[1]) : 20'000;
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 5;
  const std::filesystem::path folder =
      (argc > 3 ? std::filesystem::path{argv[3]} : std::filesystem::temp_directory_path()) /
      fmt::format("systask_intake_bench_{}", ::getpid());
  std::vector<int> plans{1, 10, 1'000, 10'000};
  if (argc > 4) plans.clear();
  for (int i = 4; i < argc; ++i)
    plans.push_back(std::stoi(argv[i]));
  std::filesystem::create_directories(folder);
  migrated(folder / "first.db");  // sets the library up, which must come before the journal
  Account::print_head();
  for (const int count : plans)
    bench(messages, rounds, folder, count);
  return 0;
}

}  // namespace
}  // namespace systask

int main(int argc, char** argv) { return systask::run(argc, argv); }
