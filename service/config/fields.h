// Fields reads one map of the configuration, key by key: each reader leaves its target as
// it was where the key is absent, and complains where the value is not what it must be.
// Unknown and repeated keys are complained about at once. Lives while the map is read.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scheduler/task.h"
#include "service/config/mistake.h"
#include "service/config/yaml.h"

namespace systask::service {

class Fields {
 public:
  // `path` is put before each key in mistakes ("service"); empty: nothing is.
  Fields(YamlNode map, std::string path, const std::vector<std::string_view>& known,
         Complaints& complaints);

  [[nodiscard]] std::optional<YamlNode> find(std::string_view key) const;
  // For a mistake: "service.heartbeat".
  [[nodiscard]] std::string name_of(std::string_view key) const;
  // Where the map begins: for a key that is missing.
  [[nodiscard]] Place place() const { return map_.place(); }

  // The text of a scalar; nothing, and a complaint, where it is none.
  std::optional<std::string> scalar(std::string_view key, std::string_view expected);
  void text(std::string_view key, std::string_view expected, std::string& into);
  void flag(std::string_view key, bool& into);
  // A scalar or a list of scalars.
  void texts(std::string_view key, std::string_view expected, std::vector<std::string>& into);
  void parameters(std::string_view key, scheduler::Parameters& into);

  template <class Integer>
  void integer(std::string_view key, Integer low, Integer high, Integer& into) {
    const auto number =
        whole_number(key, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high));
    if (number) into = static_cast<Integer>(*number);
  }

  template <class Duration>
  void duration(std::string_view key, Duration low, Duration high, Duration& into) {
    const auto length = length_between(key, low, high);
    if (length) into = std::chrono::floor<Duration>(*length);
  }

  template <class Value>
  void choice(std::string_view key,
              std::initializer_list<std::pair<std::string_view, Value>> choices, Value& into) {
    std::string expected;
    for (const auto& [name, value] : choices)
      expected += (expected.empty() ? "" : " or ") + std::string{name};
    choice(key, choices, expected, into);
  }
  // The same, where there is more to say of what is expected than the names.
  template <class Value>
  void choice(std::string_view key,
              std::initializer_list<std::pair<std::string_view, Value>> choices,
              std::string_view expected, Value& into) {
    const auto found = scalar(key, expected);
    if (!found) return;
    for (const auto& [name, value] : choices) {
      if (*found != name) continue;
      into = value;
      return;
    }
    complain(key, *found, expected);
  }

  // A complaint about the value of a key that is there.
  void complain(std::string_view key, std::string_view found, std::string_view expected);
  void complain(std::string_view key, std::string_view found, const Refusal& refusal);

 private:
  std::optional<std::int64_t> whole_number(std::string_view key, std::int64_t low,
                                           std::int64_t high);
  std::optional<Micros> length_between(std::string_view key, Micros low, Micros high);

  YamlNode map_;
  std::string path_;
  std::vector<std::pair<std::string_view, YamlNode>> values_;
  Complaints& complaints_;
};

// The whole text as a whole number.
[[nodiscard]] std::optional<std::int64_t> whole_number_of(std::string_view text);

}  // namespace systask::service
