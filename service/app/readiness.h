// Readiness says whether the service does what it is there for, and why not: ticks commit, intake
// commits, and the database is the file that was opened (docs/decisions/0063).
//
// It hears of ticks as an Observer, from the tick's thread, and passes on what it hears. Each
// second look() asks about the rest, on a thread of its own since it may wait for the database:
// start() has one made, stop() ends it, both may be called once. why_not() may be called from any
// thread, and never waits. That it changes is told to the log and to systemd.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/guarded.h"
#include "scheduler/observer.h"
#include "trading/worker_health.h"

namespace systask::service {

// What it asks. All but the clock are called by look() alone.
struct ReadinessParts {
  const Clock& clock;
  // Why the database's files are not those that were opened.
  std::function<std::optional<std::string>()> moved;
  // Copies what the database holds to where it is not lost, once each time it moved; the file's
  // name. An exception says why it cannot.
  std::function<std::string()> rescue;
  // One small commit; an exception says what is wrong with the database, and what to do.
  std::function<void()> write;
  std::function<trading::WorkerHealth()> intake;
  // Has the worker commit a batch, though nobody asked for anything.
  std::function<void()> nudge;
  // Told what systemd is to show.
  std::function<void(const std::string&)> show;
};

class Readiness final : public scheduler::Observer {
 public:
  // A tick, or a batch, that takes longer has not committed.
  static constexpr std::chrono::seconds kPatience{3};
  // Where nothing was committed for so long, a probe is.
  static constexpr std::chrono::seconds kQuiet{5};

  Readiness(ReadinessParts parts, scheduler::Observer& next)
      : parts_(std::move(parts)), next_(next) {}

  void start();
  void stop();
  // It takes requests and ticks, from now on; or no more.
  void ticking();
  void stopping();

  // In plain words, or nothing.
  [[nodiscard]] std::optional<std::string> why_not() const;
  void look();

  void on_tick(Micros lateness, std::size_t claimed) override;
  void on_tick_failed(std::string_view why) override;

 private:
  enum class Stage : std::uint8_t { kStarting, kTicking, kStopping };
  struct Facts {
    Stage stage = Stage::kStarting;
    MonotonicPoint tick_ended{};    // the latest, however
    MonotonicPoint committed_at{};  // the latest commit that is known
    std::string tick_failed;
    std::string moved;
    std::string probe_failed;
    trading::WorkerHealth intake;
    MonotonicPoint intake_seen{};  // when that was asked
  };
  // The reasons, and which they are, as a set of bits.
  struct Verdict {
    std::string why;
    unsigned kinds = 0;
  };
  [[nodiscard]] Verdict verdict() const;
  void rescue(bool moved);
  void probe(bool troubled);
  void tell(const Verdict& verdict);

  const ReadinessParts parts_;
  scheduler::Observer& next_;
  Guarded<Facts> facts_;
  // look() alone.
  std::uint64_t batches_ = 0;
  bool rescued_ = false;
  unsigned told_kinds_ = 0;
  MonotonicPoint not_ready_since_{};

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace systask::service
