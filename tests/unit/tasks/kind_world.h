// What the tests of task kinds share: a run of a task that a test describes.
#pragma once

#include <stdexcept>
#include <string>

#include "tasks/kinds/placeholders.h"

namespace systask::tasks {

struct KindRun {
  KindRun() {
    task.name = "report";
    task.parameters = {{"depth", "5"}, {"label", "of {business_date}"}};
    task.timeout_grace = std::chrono::milliseconds{200};
  }

  [[nodiscard]] scheduler::RunContext context() const {
    return {.id = scheduler::RunId{42},
            .task = task,
            .nominal = from_rfc3339("2026-05-22T15:15:00+08:00").value(),
            .business_date = 20'260'522,
            .attempt = 2,
            .parameters = task.parameters,
            .stop = stop.get_token()};
  }
  [[nodiscard]] Template text(std::string_view written) const {
    return Template::parse(written, values_of(context())).value();
  }
  // What the body says, or "KIND OF EXCEPTION: what".
  [[nodiscard]] std::string outcome(const scheduler::Body& body) const {
    try {
      return body(context());
    } catch (const scheduler::RunStopped& stopped) {
      return std::string{"stopped: "} + stopped.what();
    } catch (const std::invalid_argument& wrong) {
      return std::string{"wrong: "} + wrong.what();
    } catch (const std::runtime_error& failed) {
      return std::string{"failed: "} + failed.what();
    }
  }

  scheduler::TaskSpec task;
  std::stop_source stop;
};

}  // namespace systask::tasks
