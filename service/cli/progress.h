// Progress says on standard error how far a long command is. On a terminal it is one line that is
// written anew a few times a second and is gone at the end; elsewhere it is a line after a second,
// and then one every five seconds. What takes less than a second says nothing elsewhere. One
// thread.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace systask::service {

class Progress {
 public:
  // `what`: "systask simulate". References must outlive it.
  Progress(const Clock& clock, std::ostream& err, bool terminal, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `part`: from 0 to 1. `at` is asked for a text only where a line is written.
  void step(double part, const std::function<std::string()>& at);

 private:
  const Clock& clock_;
  std::ostream& err_;
  bool terminal_;
  std::string what_;
  MonotonicPoint next_;
  int steps_ = 0;
  bool shown_ = false;
};

// Whether standard error is a terminal.
[[nodiscard]] bool progress_on_terminal();

}  // namespace systask::service
