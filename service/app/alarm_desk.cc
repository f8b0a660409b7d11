#include "service/app/alarm_desk.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <stdexcept>
#include <utility>
#include <variant>

#include "base/log.h"
#include "service/metrics/metrics.h"
#include "tasks/kinds/child.h"

namespace systask::service {
namespace {

using scheduler::Alarm;

std::string_view state_of(bool raised) { return raised ? "raised" : "cleared"; }

void run_program(const scheduler::NotifyExec& exec, const Alarm& alarm, bool raised,
                 const std::stop_token& stop) {
  const tasks::ChildSpec child{
      .arguments = exec.arguments,
      .environment = {fmt::format("SYSTASK_ALARM={}", name_of(alarm.kind)),
                      fmt::format("SYSTASK_TASK={}", alarm.task->name),
                      fmt::format("SYSTASK_STATE={}", state_of(raised)),
                      fmt::format("SYSTASK_BUSINESS_DATE={}", alarm.business_date),
                      fmt::format("SYSTASK_SAYS={}", alarm.says)},
      .grace = std::chrono::seconds{2},
      .longest = AlarmDesk::kLongest};
  const tasks::ChildEnd end = run_child(child, stop);
  if (end.exit_status != 0 || end.signal != 0 || end.out_of_time)
    throw std::runtime_error(fmt::format("{}: {}", exec.arguments.front(), how_it_ended(end)));
}

std::string as_json(const Alarm& alarm, bool raised) {
  return boost::json::serialize(boost::json::object{{"alarm", name_of(alarm.kind)},
                                                    {"task", alarm.task->name},
                                                    {"state", state_of(raised)},
                                                    {"business_date", alarm.business_date},
                                                    {"since", to_rfc3339(alarm.since)},
                                                    {"says", alarm.says}});
}

}  // namespace

AlarmDesk::AlarmDesk(Metrics& metrics, SendHttp send)
    : metrics_(metrics),
      send_(std::move(send)),
      thread_([this](const std::stop_token& stop) { deliver_all(stop); }) {}

AlarmDesk::~AlarmDesk() { stop(); }

void AlarmDesk::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::scoped_lock lock{mutex_};
  if (!waiting_.empty())
    log::warn("alarms were not delivered: the service is stopping",
              {{"deliveries", waiting_.size()}});
  waiting_.clear();
}

void AlarmDesk::tell(const Alarm& alarm, bool raised) {
  for (const scheduler::NotifyTarget& target : alarm.task->special().alarms.notify) {
    if (std::holds_alternative<scheduler::NotifyLog>(target)) {
      log::write(
          raised ? log::Level::kError : log::Level::kInfo,
          raised ? "an alarm is raised" : "an alarm is over",
          {{"alarm", name_of(alarm.kind)}, {"task", alarm.task->name}, {"says", alarm.says}});
    } else if (std::holds_alternative<scheduler::NotifyMetric>(target)) {
      metrics_.on_alarm(alarm.task->name, name_of(alarm.kind), raised);
    } else {
      add({target, alarm, raised});
    }
  }
}

void AlarmDesk::add(Delivery delivery) {
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.size() < kMostWaiting) {
      waiting_.push_back(std::move(delivery));
      wake_.notify_one();
      return;
    }
  }
  log::error("an alarm was not delivered: too many wait for programs or webhooks that hang",
             {{"task", delivery.alarm.task->name}, {"says", delivery.alarm.says}});
}

void AlarmDesk::deliver_all(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    const Delivery next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      deliver(next, stop);
    } catch (const std::exception& error) {
      log::error("an alarm could not be delivered",
                 {{"task", next.alarm.task->name}, {"error", error.what()}});
    }
    lock.lock();
  }
}

void AlarmDesk::deliver(const Delivery& delivery, const std::stop_token& stop) const {
  if (const auto* exec = std::get_if<scheduler::NotifyExec>(&delivery.target))
    return run_program(*exec, delivery.alarm, delivery.raised, stop);
  const auto& webhook = std::get<scheduler::NotifyWebhook>(delivery.target);
  const auto place = tasks::place_of(webhook.url);
  if (place.has_error()) throw std::runtime_error(place.error().message);
  const tasks::HttpReply reply = send_({.method = "POST",
                                        .place = *place,
                                        .headers = {{"Content-Type", "application/json"}},
                                        .body = as_json(delivery.alarm, delivery.raised),
                                        .timeout = kLongest},
                                       stop);
  if (reply.status < 200 || reply.status > 299)
    throw std::runtime_error(fmt::format("{} answered {}", webhook.url, reply.status));
}

}  // namespace systask::service
