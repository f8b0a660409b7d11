// A Replay gives the reports of a recording at their times: in the recorded order but for
// neighbours that swap, and up to a limit. The same options give the same reports. One
// thread; the elapsed time is an argument.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>

#include "peers/flow/gaps.h"
#include "peers/flow/recording.h"
#include "peers/flow/report.h"

namespace systask::peers::flow {

class Replay {
 public:
  // Throws std::runtime_error as open_recording() does.
  explicit Replay(const ReplayOptions& options);

  // The next report whose recorded time has come; nothing where none has, or at the end.
  // Throws as the recording does.
  std::optional<Report> next(std::int64_t elapsed_us);
  // When the next report is due, or nothing at the end.
  std::optional<std::int64_t> next_at_us();

  [[nodiscard]] const Recording& recording() const { return *recording_; }

 private:
  void look_ahead();
  void maybe_swap();

  double swap_;
  Gaps gaps_;
  std::int64_t limit_;
  std::unique_ptr<Recording> recording_;
  std::mt19937_64 random_;
  std::deque<Recorded> ready_;
  std::int64_t given_ = 0;
  bool ended_ = false;  // of the file
};

}  // namespace systask::peers::flow
