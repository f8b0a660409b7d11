#include "service/app/readiness.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "base/text.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kPace{1};
constexpr std::size_t kWhyBytes = 500;

std::int64_t in_seconds(MonotonicPoint::duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

void Readiness::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, stop, kPace, [&] { return stop.stop_requested(); }) &&
           !stop.stop_requested())
      look();
  }};
}

void Readiness::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Readiness::ticking() {
  const MonotonicPoint now = parts_.clock.monotonic();
  facts_.with([now](Facts& facts) {
    facts.stage = Stage::kTicking;
    facts.tick_ended = facts.committed_at = facts.intake_seen = now;
  });
}

void Readiness::stopping() {
  facts_.with([](Facts& facts) { facts.stage = Stage::kStopping; });
}

void Readiness::on_tick(Micros lateness, std::size_t claimed) {
  const MonotonicPoint now = parts_.clock.monotonic();
  facts_.with([now, claimed](Facts& facts) {
    facts.tick_ended = now;
    facts.tick_failed.clear();
    if (claimed > 0) facts.committed_at = now;
  });
  next_.on_tick(lateness, claimed);
}

void Readiness::on_tick_failed(std::string_view why) {
  const MonotonicPoint now = parts_.clock.monotonic();
  facts_.with([now, why](Facts& facts) {
    facts.tick_ended = now;
    facts.tick_failed = one_line(why, kWhyBytes);
  });
  next_.on_tick_failed(why);
}

Readiness::Verdict Readiness::verdict() const {
  const MonotonicPoint now = parts_.clock.monotonic();
  return facts_.with([now](const Facts& facts) {
    Verdict verdict;
    const auto add = [&](unsigned kind, const std::string& why) {
      verdict.kinds |= 1U << kind;
      verdict.why += (verdict.why.empty() ? "" : "; ") + why;
    };
    if (facts.stage == Stage::kStarting) add(0, "the service is starting");
    if (facts.stage == Stage::kStopping)
      add(1, "the service is stopping: it finishes what has begun, and takes nothing new");
    if (facts.stage != Stage::kTicking) return verdict;
    if (!facts.moved.empty()) add(2, facts.moved);
    if (!facts.probe_failed.empty())
      add(3, "nothing can be written to the database: " + facts.probe_failed);
    if (now - facts.tick_ended > kPatience)
      add(4, fmt::format("no tick has ended for {} s, and what is due waits: the database or the "
                         "machine holds it up",
                         in_seconds(now - facts.tick_ended)));
    else if (!facts.tick_failed.empty())
      add(5, "the last tick failed, and what was due stays due: " + facts.tick_failed);
    if (!facts.intake.failure.empty())
      add(6, "the latest messages and requests could not be kept: " + facts.intake.failure);
    const auto busy = facts.intake.busy + (now - facts.intake_seen);
    if (facts.intake.busy > 0us && busy > kPatience)
      add(7, fmt::format("messages and requests have been waiting for the database for {} s",
                         in_seconds(busy)));
    return verdict;
  });
}

std::optional<std::string> Readiness::why_not() const {
  Verdict now = verdict();
  if (now.kinds == 0) return std::nullopt;
  return std::move(now.why);
}

void Readiness::look() {
  const std::string moved = parts_.moved().value_or("");
  const trading::WorkerHealth intake = parts_.intake();
  const MonotonicPoint now = parts_.clock.monotonic();
  const bool batch = std::exchange(batches_, intake.committed) != intake.committed;
  const bool failed = !intake.failure.empty();
  facts_.with([&](Facts& facts) {
    facts.moved = moved;
    facts.intake = intake;
    facts.intake_seen = now;
    if (batch) facts.committed_at = now;
  });
  tell(verdict());
  rescue(!moved.empty());
  const bool troubled = facts_.with([&](const Facts& facts) {
    return failed || !facts.tick_failed.empty() || !facts.probe_failed.empty() ||
           now - facts.tick_ended > kPatience;
  });
  probe(troubled);
  if (failed) parts_.nudge();
}

// What was acknowledged before its file was taken away is in no file with a name: it would be lost
// with the process.
void Readiness::rescue(bool moved) {
  if (std::exchange(rescued_, moved) || !moved) return;
  try {
    log::warn("what the database held when its file was taken away is copied",
              {{"file", parts_.rescue()}});
  } catch (const std::exception& error) {
    log::error("what the database held when its file was taken away could not be copied",
               {{"why", one_line(error.what(), kWhyBytes)}});
  }
}

// A commit of our own, where nothing tells whether others would succeed: after a failure, until one
// has succeeded, and where all is quiet.
void Readiness::probe(bool troubled) {
  const MonotonicPoint before = parts_.clock.monotonic();
  const bool due = facts_.with([&](const Facts& facts) {
    return facts.stage == Stage::kTicking && (troubled || before - facts.committed_at >= kQuiet);
  });
  if (!due) return;
  std::string failed;
  try {
    parts_.write();
  } catch (const std::exception& error) {
    failed = one_line(error.what(), kWhyBytes);
  }
  const MonotonicPoint after = parts_.clock.monotonic();
  facts_.with([&](Facts& facts) {
    facts.probe_failed = failed;
    if (failed.empty()) facts.committed_at = after;
  });
  tell(verdict());
}

void Readiness::tell(const Verdict& verdict) {
  constexpr unsigned kStages = 3;  // starting and stopping are nobody's trouble
  if (verdict.kinds == told_kinds_ || (verdict.kinds & kStages) != 0) return;
  const MonotonicPoint now = parts_.clock.monotonic();
  if (told_kinds_ == 0) not_ready_since_ = now;
  told_kinds_ = verdict.kinds;
  if (verdict.kinds != 0) {
    log::error("the service is not ready", {{"why", verdict.why}});
    parts_.show("not ready: " + verdict.why);
    return;
  }
  log::info("the service is ready again", {{"after_seconds", in_seconds(now - not_ready_since_)}});
  parts_.show("ticking");
}

}  // namespace systask::service
