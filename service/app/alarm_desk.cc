#include "service/app/alarm_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/text.h"
#include "service/app/alarm_text.h"
#include "service/metrics/metrics.h"
#include "tasks/kinds/child.h"

namespace systask::service {
namespace {

using scheduler::Alarm;
using scheduler::NotifyTarget;

constexpr std::size_t kErrorBytes = 500;
constexpr Micros kGrace = std::chrono::seconds{2};

std::string_view kind_of(const NotifyTarget& target) {
  if (std::holds_alternative<scheduler::NotifyExec>(target)) return "exec";
  return std::holds_alternative<scheduler::NotifyWebhook>(target) ? "webhook" : "mail";
}

std::string address_of(const NotifyTarget& target) {
  if (const auto* exec = std::get_if<scheduler::NotifyExec>(&target))
    return exec->arguments.front();
  if (const auto* hook = std::get_if<scheduler::NotifyWebhook>(&target)) return hook->url;
  const auto& mail = std::get<scheduler::NotifyMail>(target);
  return mail.to.size() == 1 ? mail.to.front()
                             : fmt::format("{} and {} more", mail.to[0], mail.to.size() - 1);
}

void run(const tasks::ChildSpec& child, const std::stop_token& stop) {
  const tasks::ChildEnd end = run_child(child, stop);
  if (end.exit_status == 0 && end.signal == 0 && !end.out_of_time) return;
  throw std::runtime_error(fmt::format(
      "{}: {}{}{}", child.arguments.front(), how_it_ended(end),
      end.out_of_time ? fmt::format(" after {} s, which is all it has", AlarmDesk::kLongest.count())
                      : "",
      end.output.total() == 0 ? "" : "; it said: " + one_line(end.output.text(), kErrorBytes)));
}

tasks::ChildSpec program_of(const scheduler::NotifyExec& exec, const Alarm& alarm, bool raised) {
  const std::string date = alarm.business_date == 0 ? "" : std::to_string(alarm.business_date);
  return {.arguments = exec.arguments,
          .environment = {fmt::format("SYSTASK_ALARM={}", name_of(alarm.kind)),
                          fmt::format("SYSTASK_TASK={}", alarm.task->name),
                          fmt::format("SYSTASK_STATE={}", state_of(raised)),
                          fmt::format("SYSTASK_BUSINESS_DATE={}", date),
                          fmt::format("SYSTASK_SAYS={}", alarm.says)},
          .grace = kGrace,
          .longest = AlarmDesk::kLongest};
}

// The receivers are on the command line, so that no header decides who gets it.
tasks::ChildSpec mailer_of(const scheduler::NotifyMail& mail, const std::string& sendmail,
                           const Alarm& alarm, bool raised) {
  tasks::ChildSpec child{.arguments = {sendmail, "-i"},
                         .input = alarm_as_mail(alarm, raised, mail),
                         .grace = kGrace,
                         .longest = AlarmDesk::kLongest};
  if (!mail.from.empty()) child.arguments.insert(child.arguments.end(), {"-f", mail.from});
  child.arguments.emplace_back("--");
  child.arguments.insert(child.arguments.end(), mail.to.begin(), mail.to.end());
  return child;
}

// That a task works again is told to those who asked for it; metrics must always know.
bool is_told(const NotifyTarget& target, const Alarm& alarm, bool raised) {
  if (raised || alarm.kind != Alarm::Kind::kFailed) return true;
  return std::holds_alternative<scheduler::NotifyMetric>(target) ||
         alarm.task->special().alarms.on_recovery;
}

}  // namespace

AlarmDesk::AlarmDesk(Metrics& metrics, const Clock& clock, SendHttp send, AlarmDeskOptions options)
    : metrics_(metrics),
      clock_(clock),
      send_(std::move(send)),
      options_(std::move(options)),
      thread_([this](const std::stop_token& stop) { deliver_all(stop); }) {}

AlarmDesk::~AlarmDesk() { stop(); }

void AlarmDesk::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::scoped_lock lock{mutex_};
  if (!waiting_.empty())
    log::warn("alarms were not delivered: the service is stopping",
              {{"deliveries", waiting_.size()},
               {"first", waiting_.front().alarm.task->name},
               {"says", waiting_.front().alarm.says}});
  waiting_.clear();
}

void AlarmDesk::tell(const Alarm& alarm, bool raised) {
  for (const NotifyTarget& target : alarm.task->special().alarms.notify) {
    if (!is_told(target, alarm, raised)) continue;
    if (std::holds_alternative<scheduler::NotifyLog>(target)) {
      log::write(
          raised ? log::Level::kError : log::Level::kInfo,
          raised ? "an alarm is raised" : "an alarm is over",
          {{"alarm", name_of(alarm.kind)}, {"task", alarm.task->name}, {"says", alarm.says}});
    } else if (std::holds_alternative<scheduler::NotifyMetric>(target)) {
      metrics_.on_alarm(alarm.task->name, name_of(alarm.kind), raised);
    } else {
      std::string receiver = fmt::format("{} {} {} {}", alarm.task->id.value(), name_of(alarm.kind),
                                         kind_of(target), address_of(target));
      add({.target = target, .alarm = alarm, .raised = raised, .receiver = std::move(receiver)});
    }
  }
}

void AlarmDesk::add(Delivery delivery) {
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.size() < kMostWaiting) {
      waiting_.push_back(std::move(delivery));
      came_ = true;
      wake_.notify_one();
      return;
    }
  }
  metrics_.on_alarm_delivery(kind_of(delivery.target), "dropped");
  log::error("an alarm was not delivered: too many wait for receivers that hang or fail",
             {{"task", delivery.alarm.task->name},
              {"to", address_of(delivery.target)},
              {"says", delivery.alarm.says}});
}

void AlarmDesk::deliver_all(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    came_ = false;
    const auto next = first_ready();
    if (next == waiting_.end()) {
      wait(lock, stop);
      continue;
    }
    Deliveries taken;
    taken.splice(taken.begin(), waiting_, next);
    lock.unlock();
    try_one(std::move(taken), stop);
    lock.lock();
  }
}

// What waits for another attempt holds up only what is for the same receiver.
AlarmDesk::Deliveries::iterator AlarmDesk::first_ready() {
  const MonotonicPoint now = clock_.monotonic();
  std::set<std::string_view> held_up;
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (held_up.contains(at->receiver)) continue;
    if (at->not_before <= now) return at;
    held_up.insert(at->receiver);
  }
  return waiting_.end();
}

void AlarmDesk::wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  const auto came = [this] { return came_; };
  if (waiting_.empty()) {
    wake_.wait(lock, stop, came);
    return;
  }
  const auto first = std::ranges::min_element(waiting_, {}, &Delivery::not_before);
  wake_.wait_for(lock, stop, first->not_before - clock_.monotonic(), came);
}

void AlarmDesk::try_one(Deliveries taken, const std::stop_token& stop) {
  Delivery& one = taken.front();
  const std::string_view kind = kind_of(one.target);
  std::string error;
  try {
    deliver(one, stop);
    metrics_.on_alarm_delivery(kind, "delivered");
    return;
  } catch (const std::exception& failure) {
    error = one_line(failure.what(), kErrorBytes);
  }
  const bool again = one.tries < options_.pauses.size();
  const auto pause = again ? options_.pauses[one.tries] : std::chrono::milliseconds{0};
  metrics_.on_alarm_delivery(kind, again ? "failed" : "given_up");
  log::write(again ? log::Level::kWarn : log::Level::kError,
             again ? "an alarm could not be delivered, and is tried again"
                   : "an alarm could not be delivered, and is given up",
             {{"task", one.alarm.task->name},
              {"alarm", name_of(one.alarm.kind)},
              {"to", address_of(one.target)},
              {"attempt", one.tries + 1},
              {"again_in_ms", pause.count()},
              {"error", error},
              {"says", one.alarm.says}});
  if (!again) return;
  ++one.tries;
  one.not_before = clock_.monotonic() + pause;
  const std::scoped_lock lock{mutex_};
  waiting_.splice(waiting_.begin(), taken);
}

void AlarmDesk::deliver(const Delivery& delivery, const std::stop_token& stop) const {
  if (const auto* exec = std::get_if<scheduler::NotifyExec>(&delivery.target))
    return run(program_of(*exec, delivery.alarm, delivery.raised), stop);
  if (const auto* mail = std::get_if<scheduler::NotifyMail>(&delivery.target))
    return run(mailer_of(*mail, options_.sendmail, delivery.alarm, delivery.raised), stop);
  const auto& webhook = std::get<scheduler::NotifyWebhook>(delivery.target);
  const auto place = tasks::place_of(webhook.url);
  if (place.has_error()) throw std::runtime_error(place.error().message);
  const tasks::HttpReply reply = send_({.method = "POST",
                                        .place = *place,
                                        .headers = {{"Content-Type", "application/json"}},
                                        .body = alarm_as_json(delivery.alarm, delivery.raised),
                                        .timeout = kLongest},
                                       stop);
  if (reply.status < 200 || reply.status > 299)
    throw std::runtime_error(fmt::format("{} answered {}", webhook.url, reply.status));
}

}  // namespace systask::service
