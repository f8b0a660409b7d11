#include "peers/flow/flow.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/zone.h"
#include "net/address.h"
#include "peers/flow/fold.h"
#include "peers/flow/orders_out.h"

namespace systask::peers::flow {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr int kBatch = 512;  // messages in one turn, so that acknowledgements are read between
constexpr std::chrono::milliseconds kStep{1};
constexpr std::chrono::milliseconds kProgress{100};
constexpr std::chrono::seconds kFarewell{5};
constexpr std::int64_t kLongGapUs = 60'000'000;
constexpr auto kAnyTime = std::numeric_limits<std::int64_t>::max();

}  // namespace

class Flow::Impl final : public LinkHandler {
 public:
  Impl(const Clock& clock, FlowOptions options)
      : clock_(clock),
        options_(std::move(options)),
        link_(io_, clock, options_.link, *this),
        market_(options_.market),
        courier_(link_, fold_, options_.courier),
        zone_(Zone::find("Asia/Shanghai").value()),
        step_timer_(io_),
        progress_timer_(io_),
        farewell_timer_(io_),
        ends_(io_, SIGTERM, SIGINT),
        releases_(io_, SIGUSR2),
        input_(io_) {
    if (options_.replay) replay_.emplace(*options_.replay);
  }

  int run();

  void on_login(const json::object& session) override;
  void on_push(const Push& push) override;
  void on_refused(const Refusal& refusal) override;
  void on_published(std::size_t count) override;

 private:
  void pump();
  bool send_one();
  void arm_step();
  void tell_gap();
  void show_progress();
  std::string progress_fields() const;
  void wait_for_signals();
  void wait_for_release();
  void wait_for_input();
  void release();
  void say_farewell();
  void finish_if_done();
  void finish(int status);
  [[nodiscard]] bool replay_ended() { return !replay_ || !replay_->next_at_us(); }
  [[nodiscard]] bool idle();
  [[nodiscard]] std::int64_t allowed_until_us() const;
  [[nodiscard]] std::int32_t time_of_day() const;
  [[nodiscard]] double seconds() const;
  void write_fold() const;

  const Clock& clock_;
  FlowOptions options_;
  boost::asio::io_context io_{1};
  Link link_;
  Fold fold_;
  Market market_;
  std::optional<Replay> replay_;
  Courier courier_;
  Zone zone_;
  boost::asio::steady_timer step_timer_;
  boost::asio::steady_timer progress_timer_;
  boost::asio::steady_timer farewell_timer_;
  boost::asio::signal_set ends_;
  boost::asio::signal_set releases_;
  boost::asio::posix::stream_descriptor input_;
  std::array<char, 256> input_text_{};

  std::optional<MonotonicPoint> started_at_;  // at the first login
  std::int64_t replayed_ = 0;
  std::int64_t acked_ = 0;
  std::int64_t orders_ = 0;
  bool pumping_ = false;          // the next pump() is posted
  std::int64_t told_gap_us_ = 0;  // which report is waited for so long that it was told
  bool step_armed_ = false;
  bool leaving_ = false;
  bool finished_ = false;
  int status_ = 0;
};

int Flow::Impl::run() {
  wait_for_signals();
  if (options_.courier.hold) wait_for_input();
  if (options_.progress) show_progress();
  link_.start();
  io_.run();
  return status_;
}

void Flow::Impl::on_login(const json::object&) {
  if (!started_at_) started_at_ = clock_.monotonic();
  pump();
}

void Flow::Impl::on_push(const Push& push) {
  const auto now = clock_.monotonic();
  if (push.topic == "stp.order.place") {
    auto order = parse_order(push.body);
    if (order.has_value()) {
      OrderFacts facts = *order;
      if (const auto number = market_.place(std::move(*order), now)) {
        facts.number = *number;
        fold_.take_order(facts);
        ++orders_;
      }
    } else {
      log::error("an order cannot be read and is not taken", {{"reason", order.error().message}});
    }
  } else if (push.topic == "stp.order.cancel") {
    if (market_.cancel(parse_cancel(push.body), now) == Taken::kUnknown)
      log::warn("a cancel names an order that this order system never had; it is ignored",
                {{"body", json::serialize(push.body)}});
  }
  if (push.out > 0) link_.ack_out(push.out);
  arm_step();
}

void Flow::Impl::on_refused(const Refusal& refusal) {
  log::error("the platform refused the login",
             {{"platform", net::text_of(options_.link.address)}, {"reason", refusal.message}});
  finish(1);
}

void Flow::Impl::on_published(std::size_t count) {
  acked_ += static_cast<std::int64_t>(count);
  pump();
}

// Sends what may be sent, a batch a turn.
void Flow::Impl::pump() {
  if (finished_ || !started_at_ || pumping_) return;
  int left = kBatch;
  while (left > 0 && link_.room() > 0 && send_one())
    --left;
  if (left == 0) {
    pumping_ = true;
    boost::asio::post(io_, [this] {
      pumping_ = false;
      pump();
    });
    return;
  }
  tell_gap();
  arm_step();
  finish_if_done();
}

bool Flow::Impl::send_one() {
  const bool nothing_else = replay_ended() && !market_.next_at();
  if (courier_.send_waiting(nothing_else)) return true;
  if (auto report = market_.next(clock_.monotonic())) {
    report->time = time_of_day();
    courier_.send(*report);
    return true;
  }
  if (!replay_ || leaving_) return false;
  if (options_.pace.kind == Pace::Kind::kRate &&
      static_cast<double>(replayed_) >= seconds() * options_.pace.per_second)
    return false;
  const auto report = replay_->next(allowed_until_us());
  if (!report) return false;
  ++replayed_;
  courier_.send(*report);
  return true;
}

std::int64_t Flow::Impl::allowed_until_us() const {
  if (options_.pace.kind != Pace::Kind::kRecorded) return kAnyTime;
  return std::chrono::duration_cast<Micros>(clock_.monotonic() - *started_at_).count();
}

// Looks again shortly while anything waits for its time; idle, it does not tick.
void Flow::Impl::arm_step() {
  const bool waits_for_time = market_.next_at() || (!replay_ended() && !leaving_);
  if (finished_ || !started_at_ || step_armed_ || !waits_for_time) return;
  step_armed_ = true;
  step_timer_.expires_after(kStep);
  step_timer_.async_wait([this](error_code error) {
    step_armed_ = false;
    if (!error) pump();
  });
}

// Whoever does not know that the recording is silent for long would take it for a hang.
void Flow::Impl::tell_gap() {
  if (!replay_ || options_.pace.kind != Pace::Kind::kRecorded || !started_at_) return;
  const auto next = replay_->next_at_us();
  const std::int64_t wait_us = next ? *next - allowed_until_us() : 0;
  if (wait_us < kLongGapUs || *next == told_gap_us_) return;
  told_gap_us_ = *next;
  log::info("the recording is silent for long; --longest-gap 10s would cut such gaps",
            {{"seconds", wait_us / 1'000'000}});
}

bool Flow::Impl::idle() {
  return !market_.next_at() && courier_.held() + courier_.waiting() + link_.unpublished() == 0;
}

void Flow::Impl::finish_if_done() {
  const bool over = leaving_ || (replay_ && replay_ended());
  if (over && !finished_ && idle()) finish(leaving_ && !replay_ended() ? 1 : 0);
}

void Flow::Impl::finish(int status) {
  if (std::exchange(finished_, true)) return;
  status_ = status;
  courier_.flush_trace();
  write_fold();
  if (replay_) fmt::print(stderr, "{}", clean_text(replay_->recording().account()));
  if (options_.progress) {
    const double rate = seconds() > 0 ? static_cast<double>(courier_.sent()) / seconds() : 0;
    const auto account = replay_ ? replay_->recording().account_json() : std::string{};
    const auto line = fmt::format("{{\"done\":true,{},\"seconds\":{:.3f},\"rate\":{:.0f}{}{}}}\n",
                                  progress_fields(), seconds(), rate,
                                  account.empty() ? "" : ",\"import\":", account);
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
  }
  link_.stop();
  for (auto* timer : {&step_timer_, &progress_timer_, &farewell_timer_})
    timer->cancel();
  ends_.cancel();
  releases_.cancel();
  input_.release();
}

void Flow::Impl::show_progress() {
  const auto line = fmt::format("{{{}}}\n", progress_fields());
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
  progress_timer_.expires_after(kProgress);
  // Whoever has come too late to be cancelled must not begin again, or run() would not end.
  progress_timer_.async_wait([this](error_code error) {
    if (!error && !finished_) show_progress();
  });
}

std::string Flow::Impl::progress_fields() const {
  return fmt::format(
      "\"sent\":{},\"unique\":{},\"acked\":{},\"held\":{},\"orders\":{},\"idle\":{},\"t\":\"{}\"",
      courier_.sent(), courier_.unique(), acked_, courier_.held(), orders_,
      !market_.next_at() && courier_.waiting() + link_.unpublished() == 0,
      to_rfc3339(clock_.now()));
}

void Flow::Impl::wait_for_signals() {
  ends_.async_wait([this](error_code error, int) {
    if (!error) say_farewell();
  });
  wait_for_release();
}

// The signal lets go, and once more holds again.
void Flow::Impl::wait_for_release() {
  releases_.async_wait([this](error_code error, int) {
    if (error || finished_) return;
    wait_for_release();
    if (courier_.holding()) return release();
    courier_.hold_again();
  });
}

void Flow::Impl::wait_for_input() {
  if (!input_.is_open()) input_.assign(STDIN_FILENO);
  input_.async_read_some(boost::asio::buffer(input_text_), [this](error_code error, std::size_t n) {
    if (error || finished_) return;  // closed, or cannot be waited for: the signal remains
    wait_for_input();
    if (std::string_view{input_text_.data(), n}.find("release") != std::string_view::npos)
      release();
  });
}

void Flow::Impl::release() {
  log::info("what was held back is released", {{"messages", courier_.held()}});
  courier_.release();
  pump();
}

// Takes no more of the recording, and waits for the last acknowledgements, but not for ever.
void Flow::Impl::say_farewell() {
  leaving_ = true;
  if (courier_.held() > 0) courier_.release();
  farewell_timer_.expires_after(kFarewell);
  farewell_timer_.async_wait([this](error_code error) {
    if (error) return;
    log::error("left with messages that nobody acknowledged",
               {{"messages", link_.unpublished() + courier_.waiting()}});
    finish(1);
  });
  if (started_at_) return pump();
  finish(0);
}

std::int32_t Flow::Impl::time_of_day() const {
  const auto local = zone_.to_local(clock_.now());
  const std::chrono::hh_mm_ss clock_face{local - std::chrono::floor<std::chrono::days>(local)};
  return static_cast<std::int32_t>(clock_face.hours().count() * 10'000 +
                                   clock_face.minutes().count() * 100 +
                                   clock_face.seconds().count());
}

double Flow::Impl::seconds() const {
  if (!started_at_) return 0;
  return std::chrono::duration<double>(clock_.monotonic() - *started_at_).count();
}

void Flow::Impl::write_fold() const {
  if (options_.fold_path.empty()) return;
  std::ofstream file{options_.fold_path};
  file << fold_.to_json();
  if (!file.flush())
    throw std::runtime_error(fmt::format(
        "the fold {} cannot be written; check the path given with --fold", options_.fold_path));
}

Flow::Flow(const Clock& clock, FlowOptions options)
    : impl_(std::make_unique<Impl>(clock, std::move(options))) {}
Flow::~Flow() = default;

int Flow::run() { return impl_->run(); }

}  // namespace systask::peers::flow
