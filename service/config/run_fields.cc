#include "service/config/run_fields.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace systask::service {

namespace {

bool may_run(const std::string& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

bool is_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (may_run((std::filesystem::path{rest.substr(0, end)} / program).string())) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace

void warn_of_program(Place place, const std::string& path, const std::string& program,
                     Complaints& warnings) {
  const bool by_path = program.find('/') != std::string::npos;
  if (by_path ? may_run(program) : is_in_path(program)) return;
  warnings.warn(place, path, program,
                by_path ? "there is no such program on this machine, or it may not be run"
                        : "there is no such program in PATH",
                "install it, or correct the path: its runs would fail");
}

std::optional<tasks::Template> RunFields::text(YamlNode value, const std::string& path,
                                               std::string_view expected) {
  if (value.kind() != YamlNode::Kind::kScalar) {
    mistakes().add(value.place(), path, value.described(), expected);
    return std::nullopt;
  }
  const auto parsed = tasks::Template::parse(value.text(), sample_);
  if (parsed) return *parsed;
  mistakes().say(value.place(), path,
                 fmt::format("found '{}': {}", value.text(), parsed.error().message));
  return std::nullopt;
}

void RunFields::text(Fields& fields, std::string_view key, std::string_view expected,
                     tasks::Template& into) {
  const auto value = fields.find(key);
  if (!value) return;
  if (auto found = text(*value, fields.name_of(key), expected)) into = *std::move(found);
}

void RunFields::texts(Fields& fields, std::string_view key, std::string_view expected,
                      std::map<std::string, tasks::Template>& into) {
  const auto value = fields.find(key);
  if (!value) return;
  if (value->kind() != YamlNode::Kind::kMap)
    return fields.complain(key, value->described(), expected);
  const std::vector<YamlNode> parts = value->children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const std::string name{parts[i].text()};
    const std::string path = fmt::format("{}.{}", fields.name_of(key), parts[i].described());
    if (name.empty() || name.find_first_of("=: \r\n") != std::string::npos)
      mistakes().add(parts[i].place(), path, parts[i].described(), expected);
    else if (auto found = text(parts[i + 1], path, "a text");
             found && !into.emplace(name, *std::move(found)).second)
      mistakes().add(parts[i].place(), path, name, "each name once");
  }
}

tasks::Template RunFields::absolute(const tasks::Template& path) const {
  if (path.text().starts_with('/') || directory_.empty()) return path;
  return tasks::Template::parse(std::string{directory_} + "/" + path.text(), sample_).value();
}

std::string RunFields::absolute(const std::string& path) const {
  return (std::filesystem::path{directory_} / path).lexically_normal().string();
}

}  // namespace systask::service
