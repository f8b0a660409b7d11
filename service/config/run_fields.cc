#include "service/config/run_fields.h"

#include <fmt/format.h>

#include <filesystem>

namespace systask::service {

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
