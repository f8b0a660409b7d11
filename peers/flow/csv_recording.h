// A CsvRecording tells recorded order lives (lives.h): an added order is placed and
// confirmed, a cancel is requested and done, a replacement is a cancel of the rest and a new
// order under a new number. Order o goes to plans[o % count] and stays there. Memory grows
// with the open orders. One thread.
#pragma once

#include <deque>
#include <random>
#include <unordered_map>

#include "peers/flow/lives.h"
#include "peers/flow/order_life.h"
#include "peers/flow/recording.h"

namespace systask::peers::flow {

class CsvRecording final : public Recording {
 public:
  // Throws std::runtime_error where the file cannot be read.
  explicit CsvRecording(const ReplayOptions& options);

  // Throws, naming the row, where the recording contradicts itself.
  std::optional<Recorded> next() override;

 private:
  void add_row(const LifeRow& row);
  void begin(const LifeRow& row, std::int64_t plan, int direction);
  void fill(const LifeRow& row, OrderLife& life);
  void push(const LifeRow& row, Report report);

  ReplayOptions options_;
  LifeReader reader_;
  std::mt19937_64 random_;
  std::unordered_map<std::int64_t, OrderLife> lives_;
  std::deque<Recorded> ready_;
  std::int64_t next_number_;
};

}  // namespace systask::peers::flow
