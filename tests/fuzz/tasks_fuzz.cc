// Whatever text is given as a tasks.yaml, the reader answers with a configuration or with mistakes
// that say where and what; and each task of a configuration that it accepts has a schedule that
// goes forward, and does what is found due.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "scheduler/engine/due.h"
#include "service/config/config.h"

namespace {

using namespace std::chrono_literals;
using namespace systask;

constexpr int kSteps = 4;
const TimePoint kNow = from_rfc3339("2026-05-22T08:30:00Z").value();
const std::vector<std::string> kBodies{"recover-plans", "archive-day", "watch-disk"};

void check_mistakes(const service::Mistakes& mistakes) {
  CHECK(!mistakes.all.empty(), "refused, and no mistake is named");
  for (const service::Mistake& mistake : mistakes.all)
    CHECK(!mistake.says.empty(), "a mistake that says nothing");
  CHECK(!to_text(mistakes).empty(), "nothing to show");
}

void check_task(const scheduler::TaskSpec& spec) {
  CHECK(!spec.name.empty(), "a task without a name");
  TimePoint at = kNow;
  for (int i = 0; i < kSteps; ++i) {
    const scheduler::Occurrence next = spec.timetable.next(at);
    CHECK(next.nominal > at, "next stands still or goes back");
    if (next.nominal == scheduler::kNever) break;
    CHECK(next.start >= next.nominal, "it starts before it is due");
    at = next.nominal;
  }
  if (std::holds_alternative<scheduler::Delay>(spec.timetable.schedule())) return;
  const TimePoint from = kNow - 1min;
  const scheduler::DueDecision due =
      scheduler::decide_due({spec, from, kNow, {}, scheduler::kNever});
  CHECK(due.next_due > kNow, "what was due is due again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  const auto config = service::read_config(text, "fuzz/tasks.yaml", kBodies);
  if (!config) {
    check_mistakes(config.error());
    return 0;
  }
  for (const scheduler::TaskSpec& spec : config->tasks)
    check_task(spec);
  return 0;
}
