#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "service/config/sections.h"

namespace systask::service {
namespace {

using scheduler::TaskSpec;

std::optional<YamlNode> value_of(YamlNode map, std::string_view key) {
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    if (parts[i].text() == key) return parts[i + 1];
  return std::nullopt;
}

// A task that was read, and where.
struct Entry {
  YamlNode node;
  const TaskSpec* spec;
};

// What only the list as a whole can tell: repeated ids and names, and who comes after whom.
class ListCheck {
 public:
  ListCheck(const std::vector<Entry>& entries, std::string_view left_out, Complaints& complaints)
      : entries_(entries), left_out_(left_out), complaints_(complaints) {}

  void run() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const TaskSpec& spec = *entries_[i].spec;
      if (spec.id.value() > 0) once(by_id_, spec.id.value(), i, "id");
      if (!spec.name.empty()) once(by_name_, spec.name, i, "name");
    }
    for (std::size_t i = 0; i < entries_.size(); ++i)
      check_after(i);
    visited_.resize(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i)
      find_circle(i);
  }

 private:
  template <class Value>
  void once(std::unordered_map<Value, std::size_t>& seen, const Value& value, std::size_t index,
            std::string_view key) {
    const auto [first, added] = seen.emplace(value, index);
    const auto node = value_of(entries_[index].node, key);
    if (added || !node) return;
    const int line = value_of(entries_[first->second].node, key)->place().line;
    complaints_.add(node->place(), path(index, key), node->text(),
                    fmt::format("an {} of its own: line {} has this one",
                                key == "id" ? "id" : "unused name", line));
  }

  [[nodiscard]] std::string path(std::size_t index, std::string_view key) const {
    const std::string& name = entries_[index].spec->name;
    return name.empty() ? fmt::format("tasks[{}].{}", index, key)
                        : fmt::format("tasks.{}.{}", name, key);
  }

  // Where the name stands in the task's `after`.
  [[nodiscard]] Place place_of(std::size_t index, const std::string& name) const {
    const auto after = value_of(entries_[index].node, "after");
    if (after->kind() == YamlNode::Kind::kMap) return after->place();
    for (const YamlNode& item : after->children())
      if (item.text() == name) return item.place();
    return after->place();
  }

  void check_after(std::size_t index) {
    for (const scheduler::Predecessor& before : entries_[index].spec->after) {
      const std::string& name = before.task;
      // A task that was not understood may be the one that is meant.
      if (by_name_.contains(name) || left_out_.find(name) != std::string_view::npos) continue;
      std::vector<std::string_view> names;
      names.reserve(entries_.size());
      for (const Entry& entry : entries_)
        names.emplace_back(entry.spec->name);
      const std::string_view meant = nearest(name, names);
      complaints_.add(
          place_of(index, name), path(index, "after"), name,
          "the name of a task in this file" +
              (meant.empty() ? std::string{} : fmt::format(": did you mean '{}'?", meant)));
    }
  }

  enum class Visit : std::uint8_t { kNot, kOpen, kDone };

  // Depth first, with a stack of its own: a chain may be as long as the file.
  void find_circle(std::size_t start) {
    struct Step {
      std::size_t task;
      std::size_t next = 0;  // of its `after`
    };
    if (visited_[start] != Visit::kNot) return;
    std::vector<Step> way{{start}};
    visited_[start] = Visit::kOpen;
    while (!way.empty()) {
      Step& step = way.back();
      const std::vector<scheduler::Predecessor>& after = entries_[step.task].spec->after;
      if (step.next == after.size()) {
        visited_[step.task] = Visit::kDone;
        way.pop_back();
        continue;
      }
      const std::string& name = after[step.next++].task;
      const auto found = by_name_.find(name);
      if (found == by_name_.end() || visited_[found->second] == Visit::kDone) continue;
      if (visited_[found->second] == Visit::kNot) {
        visited_[found->second] = Visit::kOpen;
        way.push_back({found->second});
        continue;
      }
      std::string circle = name;
      for (auto at = way.rbegin(); at != way.rend(); ++at) {
        circle = fmt::format("{} after {}", entries_[at->task].spec->name, circle);
        if (at->task == found->second) break;
      }
      complaints_.add(place_of(step.task, name), path(step.task, "after"), name,
                      "no circle, in which none could ever start: " + circle);
    }
  }

  const std::vector<Entry>& entries_;
  std::string_view left_out_;
  Complaints& complaints_;
  std::unordered_map<std::int64_t, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<Visit> visited_;
};

}  // namespace

void read_tasks(YamlNode list, const TaskSurroundings& around, std::vector<TaskSpec>& into,
                TaskComplaints complaints) {
  if (list.kind() != YamlNode::Kind::kList)
    return complaints.mistakes.add(list.place(), "tasks", list.described(), "a list of tasks");
  const std::vector<YamlNode> nodes = list.children();
  into.reserve(nodes.size());
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    // One that broke off has been complained about, and would only look wrong.
    if (!nodes[i].complete()) continue;
    into.push_back(read_task(nodes[i], i, around, complaints));
    entries.push_back({nodes[i], &into.back()});
  }
  ListCheck{entries, around.left_out, complaints.mistakes}.run();
}

}  // namespace systask::service
