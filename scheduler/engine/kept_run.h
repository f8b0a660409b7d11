// A KeptRun is a RunRow in a quarter of the memory: each task keeps its last one, and a service
// may have a hundred thousand tasks. A value that moves; any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "scheduler/run.h"

namespace systask::scheduler {

class KeptRun {
 public:
  KeptRun() = default;  // none
  explicit KeptRun(const RunRow& row);

  explicit operator bool() const { return bytes_ != nullptr; }
  // The row of that task as it was; there is one.
  [[nodiscard]] RunRow row(TaskId task) const;

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;  // its numbers in LEB128, times as distances, its texts
};

}  // namespace systask::scheduler
