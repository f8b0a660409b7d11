// Metrics keeps what Prometheus reads at /metrics. What happens is observed as it happens
// (ticks, runs, recoveries); what merely is, such as the depth of a queue, is taken from
// an Overview when someone asks.
//
// Everything may be called from any thread. The text says of each metric what it means;
// only metrics.cc knows the library.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/observer.h"
#include "service/metrics/overview.h"
#include "trading/ports/records.h"

namespace systask::service {

class Metrics final : public scheduler::Observer {
 public:
  Metrics();
  ~Metrics() override;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void on_tick(Micros lateness, std::size_t claimed) override;
  void on_run_finished(const scheduler::TaskSpec& task, scheduler::RunState outcome,
                       Micros duration, Micros lateness) override;
  void on_lane_depth(int priority, std::size_t queued) override;
  void on_clock_jump(Micros jump) override;
  void on_clock_pass(std::int64_t pass) override;
  void on_tick_failed(std::string_view why) override;
  void on_run_overdue(const scheduler::TaskSpec& task, scheduler::RunId run, Micros running,
                      Micros usual) override;
  // Of a task with an alarm that names the metrics.
  void on_alarm(const std::string& task, std::string_view alarm, bool raised);
  // By exec, webhook or mail: delivered, failed (and tried again), given_up, or dropped.
  void on_alarm_delivery(std::string_view by, std::string_view outcome);

  // An attempt that has ended: its outcome, and how long each phase took that it reached.
  void on_recovery(const trading::RecoveryAttempt& attempt);

  // Of every metric that there may be.
  [[nodiscard]] std::vector<std::string> names() const;
  // The text of /metrics at this moment.
  [[nodiscard]] std::string text(const Overview& view);

 private:
  struct Families;
  static void set_stored(Families& to, const StoredCounts& stored);
  std::unique_ptr<Families> families_;
};

}  // namespace systask::service
