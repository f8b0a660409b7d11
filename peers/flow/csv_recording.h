// A CsvRecording tells recorded order lives (lives.h): an added order is placed and
// confirmed, a cancel is requested and done, a replacement is a cancel of the rest and a new
// order under a new number; a cancel of a part is a replacement by what is left. Order o goes to
// plans[o % count] and stays there; where the file names plans, the n-th that it names is
// plans[n % count]. Memory grows with the open orders. One thread.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <string>
#include <unordered_map>

#include "peers/flow/fix/tally.h"
#include "peers/flow/limits.h"
#include "peers/flow/lives.h"
#include "peers/flow/order_life.h"
#include "peers/flow/recording.h"

namespace systask::peers::flow {

class CsvRecording final : public Recording {
 public:
  // Throws std::runtime_error where the file cannot be read.
  explicit CsvRecording(const ReplayOptions& options);

  // Throws, naming file, line and column, where the recording contradicts itself.
  std::optional<Recorded> next() override;
  [[nodiscard]] std::string account() const override;
  [[nodiscard]] std::string account_json() const override { return tally_.to_json(); }

 private:
  void add_row(const LifeRow& row);
  void add_order(const LifeRow& row);
  void change(const LifeRow& row, OrderLife& life);
  void expect_same_order(const LifeRow& row, const OrderLife& life) const;
  [[nodiscard]] std::int64_t plan_of(const LifeRow& row);
  void begin(const LifeRow& row, OrderFacts facts);
  void fill(const LifeRow& row, OrderLife& life);
  void read_time(const LifeRow& row);
  void end();
  void push(const LifeRow& row, Report report);

  ReplayOptions options_;
  fix::Tally tally_;
  LifeReader reader_;
  Limits limits_;
  std::mt19937_64 random_;
  std::unordered_map<std::int64_t, OrderLife> lives_;
  std::map<std::string, std::int64_t, std::less<>> plans_;  // that the file names
  std::deque<Recorded> ready_;
  std::int64_t next_number_;
  std::optional<std::int64_t> first_at_us_;
  std::int64_t at_us_ = 0;    // since the first row, never back
  std::int64_t last_us_ = 0;  // of the row before
  std::int64_t last_line_ = 0;
  bool ended_ = false;
};

}  // namespace systask::peers::flow
