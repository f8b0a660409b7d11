// Placeholders: what a task's texts (arguments, environment, URL, headers, body, topic)
// and its parameters may leave to the run. {business_date} as YYYYMMDD, {nominal} in
// RFC 3339 and UTC, {run_id}, {task}, {attempt}, and the task's own parameters by name.
//
// A placeholder is a name in braces, without spaces; any other brace stands for itself, so
// that JSON needs nothing. "{{" is one "{" that begins no placeholder. Plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/run.h"

namespace systask::tasks {

// What each placeholder stands for.
using Values = std::map<std::string, std::string, std::less<>>;

// Of this run. Parameters may have the placeholders of the run in their values. Throws
// std::invalid_argument where one has another placeholder, or is none of the task's.
[[nodiscard]] Values values_of(const scheduler::RunContext& run);
// Of a run that might be, to look at what comes of a text before there is one. Refuses
// UNKNOWN_PLACEHOLDER where a parameter has one.
[[nodiscard]] Result<Values> sample_values(const scheduler::TaskSpec& task);

class Template {
 public:
  Template() = default;

  // Refuses UNKNOWN_PLACEHOLDER where a placeholder is none of `known`.
  static Result<Template> parse(std::string_view text, const Values& known);

  // Each placeholder must be one of `values`, else std::invalid_argument.
  [[nodiscard]] std::string fill(const Values& values) const;
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend bool operator==(const Template& a, const Template& b) { return a.text_ == b.text_; }

 private:
  struct Piece {
    std::string before;       // text that stands for itself
    std::string placeholder;  // behind it; empty in the last piece
  };
  static std::vector<Piece> pieces_of(std::string_view text);

  std::string text_;  // as written
  std::vector<Piece> pieces_;
};

}  // namespace systask::tasks
