#include "service/config/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scheduler/when/duration.h"

namespace systask::service {
namespace {

using Kind = YamlNode::Kind;

std::string listed(const std::vector<std::string_view>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::optional<std::int64_t> whole_number_of(std::string_view text) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

Fields::Fields(YamlNode map, std::string path, const std::vector<std::string_view>& known,
               Complaints& complaints)
    : map_(map), path_(std::move(path)), complaints_(complaints) {
  if (map.kind() != Kind::kMap) {
    complaints_.add(map.place(), path_, map.described(), "a map with keys " + listed(known));
    return;
  }
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const YamlNode key = parts[i];
    if (key.kind() != Kind::kScalar || !std::ranges::count(known, key.text())) {
      const std::string_view meant = nearest(key.text(), known);
      complaints_.add(key.place(), name_of(key.described()), key.described(),
                      meant.empty() ? "one of the keys " + listed(known)
                                    : fmt::format("a known key: did you mean '{}'?", meant));
    } else if (find(key.text())) {
      complaints_.add(key.place(), name_of(key.text()), key.text(),
                      fmt::format("each key once: it stands already in line {}",
                                  find(key.text())->place().line));
    } else {
      values_.emplace_back(key.text(), parts[i + 1]);
    }
  }
}

std::optional<YamlNode> Fields::find(std::string_view key) const {
  for (const auto& [name, value] : values_)
    if (name == key) return value;
  return std::nullopt;
}

std::string Fields::name_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : fmt::format("{}.{}", path_, key);
}

void Fields::complain(std::string_view key, std::string_view found, std::string_view expected) {
  const auto value = find(key);
  complaints_.add(value ? value->place() : place(), name_of(key), found, expected);
}

void Fields::complain(std::string_view key, std::string_view found, const Refusal& refusal) {
  const auto value = find(key);
  complaints_.say(value ? value->place() : place(), name_of(key),
                  fmt::format("found '{}': {}", found, refusal.message));
}

std::optional<std::string> Fields::scalar(std::string_view key, std::string_view expected) {
  const auto value = find(key);
  if (!value) return std::nullopt;
  if (value->kind() == Kind::kScalar) return std::string{value->text()};
  complain(key, value->described(), expected);
  return std::nullopt;
}

void Fields::text(std::string_view key, std::string_view expected, std::string& into) {
  auto found = scalar(key, expected);
  if (found && found->empty())
    complain(key, "", expected);
  else if (found)
    into = *std::move(found);
}

void Fields::flag(std::string_view key, bool& into) {
  choice(key, {{"true", true}, {"false", false}}, into);
}

void Fields::texts(std::string_view key, std::string_view expected,
                   std::vector<std::string>& into) {
  const auto value = find(key);
  if (!value) return;
  std::vector<YamlNode> items = value->children();
  if (value->kind() != Kind::kList) items = {*value};
  std::vector<std::string> found;
  for (const YamlNode& item : items) {
    if (item.kind() == Kind::kScalar && !item.text().empty())
      found.emplace_back(item.text());
    else
      complaints_.add(item.place(), name_of(key), item.described(), expected);
  }
  into = std::move(found);
}

void Fields::parameters(std::string_view key, scheduler::Parameters& into) {
  const auto value = find(key);
  if (!value) return;
  if (value->kind() != Kind::kMap)
    return complain(key, value->described(), "a map of parameters, such as {keep_days: 30}");
  const std::vector<YamlNode> parts = value->children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const std::string name{parts[i].text()};
    const YamlNode& given = parts[i + 1];
    const std::string path = fmt::format("{}.{}", name_of(key), parts[i].described());
    if (parts[i].kind() != Kind::kScalar || name.empty())
      complaints_.add(parts[i].place(), path, parts[i].described(), "the name of a parameter");
    else if (given.kind() != Kind::kScalar)
      complaints_.add(given.place(), path, given.described(), "a text, a number or a flag");
    else if (!into.emplace(name, given.text()).second)
      complaints_.add(parts[i].place(), path, name, "each parameter once");
  }
}

std::optional<std::int64_t> Fields::whole_number(std::string_view key, std::int64_t low,
                                                 std::int64_t high) {
  const std::string expected = fmt::format("a whole number from {} to {}", low, high);
  const auto found = scalar(key, expected);
  if (!found) return std::nullopt;
  const auto number = whole_number_of(*found);
  if (number && *number >= low && *number <= high) return number;
  complain(key, *found, expected);
  return std::nullopt;
}

std::optional<Micros> Fields::length_between(std::string_view key, Micros low, Micros high) {
  const std::string expected =
      fmt::format("a duration from {} to {}", scheduler::format_duration(low),
                  scheduler::format_duration(high));
  const auto found = scalar(key, expected);
  if (!found) return std::nullopt;
  const auto length = scheduler::parse_duration(*found);
  if (length && *length >= low && *length <= high) return *length;
  complain(key, *found,
           length ? expected
                  : expected +
                        ", as whole numbers with units w, d, h, m, s, ms or us: 250ms, "
                        "1h30m");
  return std::nullopt;
}

}  // namespace systask::service
