#include "peers/drill/patience.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace systask::peers::drill {
namespace {

constexpr std::chrono::milliseconds kLook{5};

}  // namespace

struct Patience::Loop {
  boost::asio::io_context io{1};
  boost::asio::steady_timer timer{io};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  bool interrupted = false;
};

Patience::Patience(const Clock& clock, std::chrono::seconds limit,
                   std::function<std::int64_t()> chores)
    : clock_(clock), limit_(limit), chores_(std::move(chores)), loop_(std::make_unique<Loop>()) {
  loop_->signals.async_wait([this](boost::system::error_code error, int) {
    if (!error) loop_->interrupted = true;
  });
}

Patience::~Patience() = default;

std::int64_t Patience::look() {
  bool rang = false;
  loop_->timer.expires_after(kLook);
  loop_->timer.async_wait([&rang](boost::system::error_code) { rang = true; });
  while (!rang)
    loop_->io.run_one();
  if (loop_->interrupted) throw std::runtime_error("interrupted");
  return chores_();
}

void Patience::until(const std::string& what, const std::function<bool()>& reached, bool bounded) {
  auto moved_at = clock_.monotonic();
  std::int64_t before = 0;
  while (!reached()) {
    const auto mark = look();
    if (std::exchange(before, mark) != mark) moved_at = clock_.monotonic();
    if (bounded && clock_.monotonic() - moved_at > limit_)
      throw GaveUp(fmt::format(
          "waited {} s for {}, and nothing moved; see the logs, or allow more with --timeout",
          limit_.count(), what));
  }
}

bool Patience::for_at_most(std::chrono::milliseconds time, const std::function<bool()>& reached) {
  const auto end = clock_.monotonic() + time;
  while (!reached()) {
    if (clock_.monotonic() >= end) return false;
    look();
  }
  return true;
}

}  // namespace systask::peers::drill
