#include "service/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "service/cli/clean_output.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kTerminalPause{200};
constexpr std::chrono::milliseconds kFirstLine{1'000};
constexpr std::chrono::milliseconds kLinePause{5'000};
constexpr int kStepsALook = 64;  // reading the clock at each step would cost more than the step
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

Progress::Progress(const Clock& clock, std::ostream& err, bool terminal, std::string what)
    : clock_(clock),
      err_(err),
      terminal_(terminal),
      what_(std::move(what)),
      next_(clock.monotonic() + (terminal ? kTerminalPause : kFirstLine)) {}

Progress::~Progress() {
  if (!shown_ || !terminal_) return;
  to_terminal(err_, kEraseLine);
  err_ << std::flush;
}

void Progress::step(double part, const std::function<std::string()>& at) {
  if (++steps_ < kStepsALook) return;
  steps_ = 0;
  const MonotonicPoint now = clock_.monotonic();
  if (now < next_) return;
  next_ = now + (terminal_ ? kTerminalPause : kLinePause);
  shown_ = true;
  const int percent = static_cast<int>(std::clamp(part, 0.0, 1.0) * 100);
  const std::string line = fmt::format("{}: {} % done, at {}", what_, percent, at());
  if (terminal_) to_terminal(err_, kEraseLine);
  err_ << line << (terminal_ ? "" : "\n") << std::flush;
}

bool progress_on_terminal() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace systask::service
