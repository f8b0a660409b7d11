// The Api answers every HTTP request of docs/protocol.md section 10.
//
// handle() is called on the io thread and never waits: what reads the database or writes
// it goes to the executor given from outside, what changes plans to the platform's worker.
// The Api must outlive the executor's work and the requests it was given; answers may be
// called from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/zone.h"
#include "net/server.h"
#include "service/api/router.h"
#include "trading/ports/records.h"

namespace systask::scheduler {
class Engine;
class Lanes;
class RunAttempts;
class RunHistory;
class RunLedger;
class RunOutputs;
}  // namespace systask::scheduler

namespace systask::service {

class Metrics;
class PlanDesk;
class Tables;

// What an Api is made of. References must outlive it.
struct ApiParts {
  PlanDesk& desk;
  scheduler::Engine& engine;
  const scheduler::Lanes& lanes;
  scheduler::RunLedger& ledger;
  scheduler::RunHistory& history;
  scheduler::RunAttempts& attempts;
  scheduler::RunOutputs& outputs;
  Tables& tables;
  Metrics& metrics;
  const Clock& clock;
  Zone zone;  // of the times people read
  std::string version;
  Tokens tokens;
  std::string database_path;
  // Runs the work on a thread that may wait; false when it is stopped or full.
  std::function<bool(std::function<void()>)> post;
  // Runs the work after so long, on a thread that must not wait; never, where the service stops.
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  // Why the service cannot be used yet, or nothing. Any thread.
  std::function<std::optional<std::string>()> not_ready;
  // Keeps what the scheduler does not: who ran, paused or resumed a task. May wait.
  std::function<void(const trading::AuditEntry&)> audit;
  // Requests that the server answered 503 itself; null: none are counted. Any thread.
  std::function<net::Busy()> busy = {};
};

class Api {
 public:
  explicit Api(ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // The text of /metrics. Waits for the database.
  [[nodiscard]] std::string metrics_text() const;

  void handle(net::HttpRequest request, const net::HttpAnswer& answer) const;

 private:
  ApiParts parts_;
  MonotonicPoint started_;
  Router router_;
};

}  // namespace systask::service
