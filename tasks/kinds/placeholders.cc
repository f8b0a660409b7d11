#include "tasks/kinds/placeholders.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace systask::tasks {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

// The name of a placeholder that begins here, after its brace; empty where none does.
std::string_view name_at(std::string_view text) {
  if (text.empty() || !begins_name(text.front())) return {};
  const auto end = std::ranges::find_if_not(text, in_name);
  if (end == text.end() || *end != '}') return {};
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string names_of(const Values& known) {
  std::string names;
  for (const auto& [name, value] : known)
    names += (names.empty() ? "{" : ", {") + name + "}";
  return names;
}

Values run_values(const scheduler::RunContext& run) {
  return {{"business_date", std::to_string(run.business_date)},
          {"nominal", to_rfc3339(run.nominal)},
          {"run_id", std::to_string(run.id.value())},
          {"task", run.task.name},
          {"attempt", std::to_string(run.attempt)},
          {"pass", std::to_string(run.pass)}};
}

Result<Values> all_values(const scheduler::RunContext& run) {
  const Values own = run_values(run);
  Values all = own;
  for (const auto& [name, text] : run.parameters) {
    const auto value = Template::parse(text, own);
    if (!value)
      return Refusal{value.error().code,
                     fmt::format("parameter {}: {}", name, value.error().message)};
    all[name] = value->fill(own);
  }
  return all;
}

}  // namespace

Values values_of(const scheduler::RunContext& run) {
  for (const auto& [name, value] : run.parameters)
    if (!run.task.parameters.contains(name))
      throw std::invalid_argument(fmt::format(
          "{} has no parameter {}: give one that its configuration has", run.task.name, name));
  auto values = all_values(run);
  if (!values) throw std::invalid_argument(values.error().message);
  return *std::move(values);
}

Result<Values> sample_values(const scheduler::TaskSpec& task) {
  return all_values({.id = scheduler::RunId{1},
                     .task = task,
                     .nominal = from_micros(1'767'323'045'000'000),
                     .business_date = 20'260'102,
                     .parameters = task.parameters,
                     .stop = {}});
}

std::vector<Template::Piece> Template::pieces_of(std::string_view text) {
  std::vector<Piece> pieces(1);
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find('{'), text.size());
    pieces.back().before += text.substr(0, brace);
    text.remove_prefix(brace);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (const std::string_view name = name_at(text); !name.empty()) {
      pieces.back().placeholder = name;
      pieces.emplace_back();
      text.remove_prefix(name.size() + 1);
      continue;
    }
    pieces.back().before += '{';
    if (text.starts_with('{')) text.remove_prefix(1);
  }
  return pieces;
}

Result<Template> Template::parse(std::string_view text, const Values& known) {
  Template made;
  made.text_ = text;
  made.pieces_ = pieces_of(text);
  for (const Piece& piece : made.pieces_)
    if (!piece.placeholder.empty() && !known.contains(piece.placeholder))
      return Refusal{"UNKNOWN_PLACEHOLDER",
                     fmt::format("{{{0}}} is no placeholder; there are {1}. Write {{{{{0}}} for "
                                 "the text itself",
                                 piece.placeholder, names_of(known))};
  return made;
}

std::string Template::fill(const Values& values) const {
  std::string filled;
  for (const Piece& piece : pieces_) {
    filled += piece.before;
    if (piece.placeholder.empty()) continue;
    const auto value = values.find(piece.placeholder);
    if (value == values.end())
      throw std::invalid_argument("nothing is known for the placeholder {" + piece.placeholder +
                                  "}");
    filled += value->second;
  }
  return filled;
}

}  // namespace systask::tasks
