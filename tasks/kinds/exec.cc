#include "tasks/kinds/exec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "base/log.h"
#include "tasks/kinds/child.h"

namespace systask::tasks {
namespace {

constexpr std::size_t kShownBytes = 1'000;  // of the output, in the ledger
constexpr Micros kLongestGrace = std::chrono::seconds{5};

// Half of it, so that a program that must be killed is gone before its run is abandoned.
Micros grace_of(const scheduler::TaskSpec& task) {
  return std::min(task.timeout_grace / 2, kLongestGrace);
}

ChildSpec child_of(const Exec& exec, const scheduler::RunContext& run, const Values& values) {
  ChildSpec child;
  for (const Template& argument : exec.arguments)
    child.arguments.push_back(argument.fill(values));
  std::map<std::string, std::string> environment{
      {"SYSTASK_RUN_ID", std::to_string(run.id.value())},
      {"SYSTASK_TASK", run.task.name},
      {"SYSTASK_NOMINAL", to_rfc3339(run.nominal)},
      {"SYSTASK_BUSINESS_DATE", std::to_string(run.business_date)},
      {"SYSTASK_ATTEMPT", std::to_string(run.attempt)},
      {"SYSTASK_PASS", std::to_string(run.pass)}};
  for (const auto& [name, value] : exec.environment)
    environment[name] = value.fill(values);
  for (const auto& [name, value] : environment)
    child.environment.push_back(fmt::format("{}={}", name, value));
  child.directory = exec.directory;
  child.output_bytes = exec.output_bytes;
  child.grace = grace_of(run.task);
  return child;
}

// A text with a zero in it would reach the program cut short.
void check_texts(const ChildSpec& child) {
  for (const auto* const texts : {&child.arguments, &child.environment})
    for (const std::string& text : *texts)
      if (text.find('\0') != std::string::npos)
        throw std::invalid_argument("an argument or variable has a zero byte in it: '" +
                                    printable(text) + "'");
}

std::string sentence_of(const ChildEnd& end) {
  std::string sentence = how_it_ended(end);
  if (end.killed) sentence += " after it had ignored SIGTERM";
  if (end.output.total() > 0)
    sentence += fmt::format("; {} bytes of output: {}", end.output.total(),
                            on_one_line(end.output.text(), kShownBytes));
  if (end.left_behind)
    sentence +=
        "; it left processes behind: they were killed, or let go where they had left its group";
  return sentence;
}

// Of a run that failed the scheduler tells the end, and no flood of it.
void log_output(const scheduler::RunContext& run, const ChildEnd& end, bool good) {
  if (end.output.total() == 0) return;
  log::write(good ? log::Level::kInfo : log::Level::kDebug, "output of a program",
             {{"task", run.task.name},
              {"run", run.id},
              {"bytes", end.output.total()},
              {"cut", end.output.cut()},
              {"output", printable(end.output.text())}});
}

}  // namespace

scheduler::Body exec_body(Exec exec, std::vector<std::string> passed_on) {
  return [exec = std::move(exec),
          passed_on = std::move(passed_on)](const scheduler::RunContext& run) {
    if (run.stop.stop_requested())
      throw scheduler::RunStopped("stopped before its program was started");
    ChildSpec child = child_of(exec, run, values_of(run));
    child.passed_on = passed_on;
    check_texts(child);
    const ChildEnd end = run_child(child, run.stop);
    if (run.printed != nullptr) *run.printed = printed_of(end.output);
    const bool good = !end.stopped && end.signal == 0 && exec.expected.contains(end.exit_status);
    log_output(run, end, good);
    std::string sentence = sentence_of(end);
    if (end.stopped) throw scheduler::RunStopped("asked to stop: " + sentence);
    if (!good)
      throw std::runtime_error(fmt::format("{} did not end with exit status {}: {}",
                                           child.arguments[0], fmt::join(exec.expected, " or "),
                                           sentence));
    return sentence;
  };
}

}  // namespace systask::tasks
