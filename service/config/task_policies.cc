// What becomes of a task's occurrences that overlap, fail or are lost, and where it runs. Lateness
// and alarms, which are about times of day, are in task_times.cc.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Overlap;
using scheduler::Predecessor;
using scheduler::TaskSpec;

constexpr std::string_view kOverlaps =
    "skip, queue-one (or run-once-more), queue-all, cancel-other or {allow: N}";
constexpr std::string_view kAfter = "the name of a task, {task: NAME, on: success|any}, or a list";

// A number with a fraction.
void read_number(Fields& fields, std::string_view key, double low, double high, double& into) {
  const std::string expected = fmt::format("a number from {} to {}", low, high);
  const auto text = fields.scalar(key, expected);
  if (!text) return;
  double value = 0;
  const char* const last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, value);
  if (error == std::errc{} && end == last && value >= low && value <= high)
    into = value;
  else
    fields.complain(key, *text, expected);
}

class PolicyReader {
 public:
  PolicyReader(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
               TaskSpec& spec)
      : fields_(fields), around_(around), complaints_(complaints), spec_(spec) {}

  void read() {
    read_priority();
    fields_.flag("enabled", spec_.enabled);
    fields_.parameters("parameters", spec_.parameters);
    read_overlap();
    fields_.choice("on_lost",
                   {{"rerun", scheduler::OnLost::kRerun}, {"record", scheduler::OnLost::kRecord}},
                   spec_.on_lost);
    fields_.duration("timeout", Micros{1ms}, Micros{48h}, spec_.timeout);
    fields_.duration("timeout_grace", Micros{0ms}, Micros{1h}, spec_.timeout_grace);
    fields_.text("group", "the name of a group", spec_.group);
    if (const auto after = fields_.find("after")) read_after(*after);
    scheduler::SpecialPolicies special;
    fields_.texts("exclusive", "a name that tasks share, or a list of names", special.exclusive);
    if (const auto retry = fields_.find("retry")) read_retry(*retry, special.retry);
    read_stop_timeout(special);
    read_times(fields_, complaints_, spec_, special);
    // Most tasks have none of these.
    if (fields_.find("exclusive") || fields_.find("retry") || fields_.find("not_after") ||
        fields_.find("alarms") || fields_.find("stop_timeout"))
      spec_.special_policies =
          std::make_shared<const scheduler::SpecialPolicies>(std::move(special));
  }

 private:
  void read_priority() {
    int lowest = 1;
    for (const auto& [priority, lane] : around_.lanes)
      lowest = std::max(lowest, priority);
    fields_.integer("priority", 1, lowest, spec_.priority);
    if (around_.lanes.contains(spec_.priority)) return;
    std::string lanes;
    for (const auto& [priority, lane] : around_.lanes)
      lanes += fmt::format("{}{}", lanes.empty() ? "" : ", ", priority);
    fields_.complain("priority", std::to_string(spec_.priority),
                     fmt::format("a priority that has a lane ({})", lanes));
  }

  void read_stop_timeout(scheduler::SpecialPolicies& special) {
    Micros length{0};
    if (!fields_.find("stop_timeout")) return;
    fields_.duration("stop_timeout", Micros{0ms}, Micros{24h}, length);
    special.stop_timeout = length;
  }

  void read_overlap() {
    const auto value = fields_.find("overlap");
    if (value && value->kind() == YamlNode::Kind::kMap) {
      Fields allow{*value, fields_.name_of("overlap"), {"allow"}, complaints_.mistakes};
      if (!allow.find("allow")) allow.complain("allow", "nothing", "how many runs side by side");
      allow.integer("allow", std::uint16_t{1}, std::uint16_t{1000}, spec_.at_once);
      spec_.overlap = Overlap::kAllow;
      return;
    }
    fields_.choice("overlap",
                   {{"skip", Overlap::kSkip},
                    {"queue-one", Overlap::kQueueOne},
                    {"run-once-more", Overlap::kQueueOne},
                    {"queue-all", Overlap::kQueueAll},
                    {"cancel-other", Overlap::kCancelOther}},
                   kOverlaps, spec_.overlap);
  }

  void read_after(YamlNode value) {
    if (value.kind() != YamlNode::Kind::kList) return read_predecessor(value);
    for (const YamlNode& item : value.children())
      read_predecessor(item);
  }

  void read_predecessor(YamlNode item) {
    if (item.kind() == YamlNode::Kind::kScalar) {
      spec_.after.push_back({std::string{item.text()}});
      return;
    }
    if (item.kind() != YamlNode::Kind::kMap)
      return complaints_.mistakes.add(item.place(), fields_.name_of("after"), item.described(),
                                      kAfter);
    Fields fields{item, fields_.name_of("after"), {"task", "on"}, complaints_.mistakes};
    Predecessor before;
    if (!fields.find("task")) return fields.complain("task", "nothing", "the name of a task");
    fields.text("task", "the name of a task", before.task);
    fields.choice("on", {{"success", Predecessor::On::kSuccess}, {"any", Predecessor::On::kAny}},
                  before.on);
    spec_.after.push_back(std::move(before));
  }

  void read_retry(YamlNode map, scheduler::RetryPolicy& retry) {
    Fields fields{map,
                  fields_.name_of("retry"),
                  {"times", "backoff", "factor", "max", "jitter"},
                  complaints_.mistakes};
    if (!fields.find("times")) fields.complain("times", "nothing", "how many further attempts");
    fields.integer("times", 1, 100, retry.times);
    fields.duration("backoff", Micros{1ms}, Micros{24h}, retry.backoff);
    fields.duration("max", Micros{1ms}, Micros{24h}, retry.longest);
    read_number(fields, "factor", 1, 100, retry.factor);
    read_number(fields, "jitter", 0, 1, retry.jitter);
    if (!fields.find("max")) retry.longest = std::max(retry.longest, retry.backoff);
    if (retry.longest < retry.backoff)
      fields.complain("max", fields.find("max")->described(), "no less than the backoff");
  }

  Fields& fields_;
  const TaskSurroundings& around_;
  TaskComplaints complaints_;
  TaskSpec& spec_;
};

}  // namespace

void read_policies(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   TaskSpec& spec) {
  PolicyReader{fields, around, complaints, spec}.read();
}

}  // namespace systask::service
