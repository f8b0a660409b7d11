#include "peers/flow/courier.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "peers/flow/fold.h"
#include "peers/link/link.h"

namespace systask::peers::flow {
namespace {

constexpr std::int64_t kFarthestResend = 64;  // messages after the first

}  // namespace

Courier::Courier(Link& link, Fold& fold, CourierOptions options)
    : link_(link), fold_(fold), options_(std::move(options)), random_(options_.seed) {
  hold_again();
  if (options_.trace_path.empty()) return;
  trace_.reset(std::fopen(options_.trace_path.c_str(), "w"));
  if (trace_ == nullptr)
    throw std::runtime_error(fmt::format(
        "the trace {} cannot be written; check the path given with --trace", options_.trace_path));
}

Courier::~Courier() = default;

void Courier::send(const Report& report) {
  if (holding_ && options_.hold == report.function) {
    held_.push_back(report);
    return;
  }
  send_now(report);
}

bool Courier::send_waiting(bool nothing_else) {
  if (!released_.empty()) {
    send_now(released_.front());
    released_.pop_front();
    return true;
  }
  if (resends_.empty() || (!nothing_else && resends_.front().turn > sent_)) return false;
  Resend resend = std::move(resends_.front());
  resends_.pop_front();
  CHECK(link_.publish(topic_of(resend.function), std::move(resend.body)), "the link has room");
  ++sent_;
  return true;
}

void Courier::release() {
  holding_ = false;
  released_.insert(released_.end(), held_.begin(), held_.end());
  held_.clear();
}

void Courier::flush_trace() {
  if (trace_ != nullptr && std::fflush(trace_.get()) != 0)
    throw std::runtime_error(
        fmt::format("the trace {} cannot be written; is the disk full?", options_.trace_path));
}

void Courier::send_now(const Report& report) {
  const std::string message_id = next_id(report);
  std::string body = body_of(report, message_id);
  trace(fmt::format("M {} {} {}\n", report.order.plan, message_id, number_of(report.function)));
  fold_.apply(report);
  if (options_.duplicate > 0) plan_resend(report, message_id, body);
  CHECK(link_.publish(topic_of(report.function), std::move(body)), "the link has room");
  ++sent_;
  ++unique_;
}

void Courier::plan_resend(const Report& report, const std::string& message_id,
                          const std::string& body) {
  if (std::uniform_real_distribution<>{}(random_) >= options_.duplicate) return;
  const bool verbatim = report.function != Function::kFilled || (random_() & 1U) != 0;
  // In the order in which they are planned, so that one message's resends stay behind it.
  const auto last = resends_.empty() ? sent_ : resends_.back().turn;
  const auto turn = std::max(
      last, sent_ + std::uniform_int_distribution<std::int64_t>{1, kFarthestResend}(random_));
  if (verbatim) {
    resends_.push_back({turn, report.function, body});
    return;
  }
  const std::string new_id = next_id(report);
  trace(fmt::format("R {} {} {}\n", report.order.plan, new_id, message_id));
  resends_.push_back({turn, report.function, body_of(report, new_id)});
}

std::string Courier::next_id(const Report& report) {
  return fmt::format("{}-{}-{:010}", report.order.business_date, options_.origin, ++ids_);
}

void Courier::trace(const std::string& line) {
  if (trace_ != nullptr) std::fwrite(line.data(), 1, line.size(), trace_.get());
}

}  // namespace systask::peers::flow
