#include "base/log_writer.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace systask::log {
namespace {

// A pipe that can be written to takes so much without waiting (PIPE_BUF).
constexpr std::size_t kPiece = 4096;
constexpr std::chrono::milliseconds kTick{500};
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::seconds kLastWords{2};

std::atomic<std::uint64_t> dropped{0};

// Lines that wait, and whether a thread writes them.
struct Queue {
  std::mutex mutex;
  std::condition_variable wake;
  std::string waiting;
  std::uint64_t waiting_lines = 0;
  std::uint64_t untold = 0;  // dropped, and not yet said so in the log
  bool background = false;
  bool ending = false;
  std::thread thread;
};

// Never destroyed: lines may come while the process ends.
Queue& queue() {
  static Queue& one = *std::make_unique<Queue>().release();
  return one;
}

bool ended(MonotonicPoint limit) { return SystemClock{}.monotonic() >= limit; }

// By the thread that logs. What cannot be written is dropped.
void write_now(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      dropped += 1;
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// False where nobody reads standard error any more, or `gives_up` says so while it is full.
template <class GivesUp>
bool write_patiently(std::string_view text, GivesUp gives_up) {
  while (!text.empty()) {
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    const int ready = ::poll(&writable, 1, static_cast<int>(kLook.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      if (gives_up()) return false;
      continue;
    }
    const ssize_t written = ::write(STDERR_FILENO, text.data(), std::min(text.size(), kPiece));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The time until which a writer that is ending goes on; never, before it is.
struct Patience {
  Queue& lines;
  MonotonicPoint limit = MonotonicPoint::max();

  bool operator()() {
    const std::lock_guard lock{lines.mutex};
    if (lines.ending && limit == MonotonicPoint::max())
      limit = SystemClock{}.monotonic() + kLastWords;
    return ended(limit);
  }
};

// `untold` of them were counted when they were dropped.
void drop(Queue& lines, std::uint64_t count, std::uint64_t untold) {
  dropped += count;
  const std::lock_guard lock{lines.mutex};
  lines.untold += count + untold;
}

void write_lines() {
  Queue& lines = queue();
  Patience patience{lines};
  for (;;) {
    std::string text;
    std::uint64_t count = 0;
    std::uint64_t untold = 0;
    bool ending = false;
    {
      std::unique_lock lock{lines.mutex};
      lines.wake.wait_for(lock, kTick, [&] { return lines.ending || !lines.waiting.empty(); });
      text.swap(lines.waiting);
      count = std::exchange(lines.waiting_lines, 0);
      untold = std::exchange(lines.untold, 0);
      ending = lines.ending;
    }
    if (untold > 0)
      text.insert(0, fmt::format("... {} lines of the log were dropped: standard error was not "
                                 "read fast enough\n",
                                 untold));
    if (!write_patiently(text, [&] { return patience(); })) drop(lines, count, untold);
    if (ending) return;
    tell_floods();
  }
}

// What waits is written as far as that goes, since the process dies of a bug.
void on_abort(int) {
  Queue& lines = queue();
  if (lines.mutex.try_lock()) write_now(lines.waiting);
  std::signal(SIGABRT, SIG_DFL);
  std::raise(SIGABRT);
}

}  // namespace

std::uint64_t dropped_lines() { return dropped; }

void put_line(std::string_view line) {
  Queue& lines = queue();
  {
    const std::lock_guard lock{lines.mutex};
    if (lines.background) {
      if (lines.waiting.size() + line.size() > Background::kBytes) {
        ++lines.untold;
        dropped += 1;
        return;
      }
      lines.waiting += line;
      ++lines.waiting_lines;
      if (lines.waiting_lines == 1) lines.wake.notify_one();
      return;
    }
  }
  write_now(line);
}

Background::Background() {
  Queue& lines = queue();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGABRT, on_abort);
  const std::lock_guard lock{lines.mutex};
  lines.background = true;
  lines.ending = false;
  lines.thread = std::thread{write_lines};
}

Background::~Background() {
  Queue& lines = queue();
  {
    const std::lock_guard lock{lines.mutex};
    lines.ending = true;
  }
  lines.wake.notify_one();
  lines.thread.join();
  std::string last;
  {
    const std::lock_guard lock{lines.mutex};
    lines.background = false;
    last.swap(lines.waiting);
    lines.waiting_lines = 0;
  }
  write_patiently(last, [] { return true; });
  std::signal(SIGABRT, SIG_DFL);
}

}  // namespace systask::log
