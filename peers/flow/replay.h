// A Replay turns recorded order lives into reports, in the recorded order: an added order
// is placed and confirmed, a cancel is requested and done, a replacement is a cancel of
// the rest and a new order under a new number. Order o goes to plan ids[o % count] and
// stays there. The same options give the same reports. Memory grows with the open orders.
// One thread; the elapsed time is an argument.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "peers/flow/lives.h"
#include "peers/flow/report.h"

namespace systask::peers::flow {

struct ReplayOptions {
  std::string path;
  std::vector<std::int64_t> plans;
  std::int32_t business_date = 0;
  std::int64_t first_number = 1;  // of the orders; the following ones get the following
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();  // of reports
  double swap = 0;  // chance that two neighbours of different plans change places
  std::uint64_t seed = 1;
};

class Replay {
 public:
  // Throws std::runtime_error where the file cannot be read or there is no plan.
  explicit Replay(ReplayOptions options);

  // The next report whose recorded time has come; nothing where none has, or at the end.
  // Throws, naming the row, where the recording contradicts itself.
  std::optional<Report> next(std::int64_t elapsed_us);
  // When the next report is due, or nothing at the end.
  std::optional<std::int64_t> next_at_us();

 private:
  struct Life {
    OrderFacts facts;
    bool names_plan = true;
    std::int64_t filled = 0;
    std::int64_t deals = 0;
  };
  struct Timed {
    std::int64_t at_us;
    Report report;
  };

  void look_ahead();
  void add_row(const LifeRow& row);
  void begin(const LifeRow& row, std::int64_t plan, int direction);
  void fill(const LifeRow& row, Life& life);
  void cancel(const LifeRow& row, const Life& life);
  Report& push(const LifeRow& row, const Life& life, Function function, char state);
  void maybe_swap();

  ReplayOptions options_;
  LifeReader reader_;
  std::mt19937_64 random_;
  std::unordered_map<std::int64_t, Life> lives_;
  std::deque<Timed> ready_;
  std::int64_t next_number_;
  std::int64_t given_ = 0;
  bool ended_ = false;  // of the file
};

}  // namespace systask::peers::flow
