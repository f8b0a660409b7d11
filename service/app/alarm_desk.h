// The AlarmDesk tells those whom a task's alarm names: the log and the metrics at once, programs,
// webhooks and mail from a thread of its own, so that none of them delays a tick.
//
// raised() and cleared() come from the tick's thread and do not wait. What waits for its turn is
// bounded: beyond kMostWaiting, and at stop(), deliveries are dropped and the log says so. One that
// fails is tried again after each of the pauses it is given, then given up; log and metrics
// say both. What is to be told to the same receiver of the same alarm stays in order.
//
// A program gets the alarm in its environment (SYSTASK_ALARM, _TASK, _STATE, _BUSINESS_DATE,
// _SAYS), a webhook as a JSON body, a mail program on its standard input; each has kLongest.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "scheduler/ports/alarm_sink.h"
#include "tasks/kinds/http.h"

namespace systask::service {

class Metrics;

struct AlarmDeskOptions {
  std::string sendmail = "/usr/sbin/sendmail";
  // Before each further attempt to deliver.
  std::vector<std::chrono::milliseconds> pauses{std::chrono::seconds{2}, std::chrono::seconds{15},
                                                std::chrono::minutes{1}, std::chrono::minutes{5}};
};

class AlarmDesk final : public scheduler::AlarmSink {
 public:
  using SendHttp = std::function<tasks::HttpReply(const tasks::HttpOrder&, const std::stop_token&)>;
  static constexpr std::size_t kMostWaiting = 1000;
  static constexpr std::chrono::seconds kLongest{30};

  // References must outlive it.
  AlarmDesk(Metrics& metrics, const Clock& clock, SendHttp send, AlarmDeskOptions options = {});
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
    std::string receiver;  // of which alarm: what is told to it stays in order
    std::size_t tries = 0;
    MonotonicPoint not_before{};
  };
  using Deliveries = std::list<Delivery>;

  void tell(const scheduler::Alarm& alarm, bool raised);
  void add(Delivery delivery);
  void deliver_all(const std::stop_token& stop);
  Deliveries::iterator first_ready();
  void wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void try_one(Deliveries taken, const std::stop_token& stop);
  void deliver(const Delivery& delivery, const std::stop_token& stop) const;

  Metrics& metrics_;
  const Clock& clock_;
  SendHttp send_;
  AlarmDeskOptions options_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  Deliveries waiting_;
  bool came_ = false;    // something new, since the thread looked
  std::jthread thread_;  // last: it uses the others
};

}  // namespace systask::service
