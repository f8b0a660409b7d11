// The Application is the service: what it is made of, in what order it starts, and in what
// order it stops. Built by one thread, which then runs it.
//
// run() returns when the process is asked to stop (SIGTERM, SIGINT) and everything begun
// is finished, or ended after its stop_timeout: no message is half handled, what had not begun is
// settled at the next start. A second signal hurries (decision 0059). SIGHUP reads the tasks
// again; a bad file leaves the running ones as they are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "service/config/config.h"

namespace systask::scheduler {
struct RunRow;
}

namespace systask::service {

class Application {
 public:
  // Opens the database and builds everything; starts nothing. Throws std::runtime_error,
  // saying what to do, where the database or the secrets cannot be had.
  explicit Application(Config config);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // `on_ready` is called once with the address, when the service ticks and listens.
  void run(const std::function<void(const std::string& address)>& on_ready);

  // After run(): bodies that ignored being asked to stop are under way still, and use what the
  // Application is made of. The process has to end without destroying it.
  [[nodiscard]] bool has_left_bodies() const;

  // Runs one task on the database alone, without schedules, sites or sockets.
  Result<scheduler::RunRow> run_once(const std::string& task,
                                     const std::map<std::string, std::string>& parameters);
  // What the last attempt of a run printed.
  std::string printed_by(const scheduler::RunRow& run);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace systask::service
