// The AlarmDesk tells those whom a task's alarm names: the log and the metrics at once,
// programs and webhooks from a thread of its own, so that none of them delays a tick.
//
// raised() and cleared() come from the tick's thread and do not wait. What waits for its turn
// is bounded: beyond kMostWaiting, and at stop(), deliveries are dropped and the log says so.
// A program gets the alarm in its environment (SYSTASK_ALARM, _TASK, _STATE, _BUSINESS_DATE,
// _SAYS), a webhook as a JSON body; each has kLongest.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "scheduler/ports/alarm_sink.h"
#include "tasks/kinds/http.h"

namespace systask::service {

class Metrics;

class AlarmDesk final : public scheduler::AlarmSink {
 public:
  using SendHttp = std::function<tasks::HttpReply(const tasks::HttpOrder&, const std::stop_token&)>;
  static constexpr std::size_t kMostWaiting = 1000;
  static constexpr std::chrono::seconds kLongest{30};

  AlarmDesk(Metrics& metrics, SendHttp send);
  ~AlarmDesk() override;
  AlarmDesk(const AlarmDesk&) = delete;
  AlarmDesk& operator=(const AlarmDesk&) = delete;

  void raised(const scheduler::Alarm& alarm) override { tell(alarm, true); }
  void cleared(const scheduler::Alarm& alarm) override { tell(alarm, false); }
  // What is being delivered is asked to stop. Idempotent.
  void stop();

 private:
  struct Delivery {
    scheduler::NotifyTarget target;
    scheduler::Alarm alarm;
    bool raised;
  };
  void tell(const scheduler::Alarm& alarm, bool raised);
  void add(Delivery delivery);
  void deliver_all(const std::stop_token& stop);
  void deliver(const Delivery& delivery, const std::stop_token& stop) const;

  Metrics& metrics_;
  SendHttp send_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Delivery> waiting_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace systask::service
