#include "service/api/shape.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/check.h"
#include "service/api/operations.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::string_view kOrNull = "|null";
constexpr std::string_view kAllOf = "...";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

json::object typed(std::string_view type) {
  json::object schema;
  schema["type"] = type;
  return schema;
}

json::object plain_schema(std::string_view type) {
  static const std::map<std::string_view, std::string_view> kTypes{
      {"int", "integer"}, {"number", "number"}, {"text", "string"}, {"flag", "boolean"}};
  if (type == "any") return {};
  if (const auto known = kTypes.find(type); known != kTypes.end()) return typed(known->second);
  if (type == "time") {
    json::object schema = typed("string");
    schema["format"] = "date-time";
    return schema;
  }
  CHECK(!type.empty() && type.front() >= 'A' && type.front() <= 'Z', "a type that no shape has");
  json::object schema;
  schema["$ref"] = "#/components/schemas/" + std::string{type};
  return schema;
}

ShapeMember member_of(std::string_view text) {
  const auto colon = text.find(':');
  CHECK(colon != std::string_view::npos, "a member of a shape has no type");
  std::string_view name = trimmed(text.substr(0, colon));
  const bool optional = name.ends_with('?');
  if (optional) name.remove_suffix(1);
  return {std::string{name}, std::string{trimmed(text.substr(colon + 1))}, optional};
}

// Of "Run" or "?Run".
std::vector<ShapeMember> included(std::string_view name) {
  const bool optional = name.starts_with('?');
  if (optional) name.remove_prefix(1);
  const auto all = shapes();
  const auto shape = std::ranges::find(all, name, &Shape::name);
  CHECK(shape != all.end(), "a shape includes one that is none");
  std::vector<ShapeMember> members = members_of(shape->members);
  for (ShapeMember& member : members)
    member.optional = member.optional || optional;
  return members;
}

}  // namespace

json::object schema_of_type(std::string_view type) {
  if (type.ends_with(kOrNull)) {
    json::array choices;
    choices.push_back(schema_of_type(type.substr(0, type.size() - kOrNull.size())));
    choices.push_back(typed("null"));
    json::object schema;
    schema["anyOf"] = std::move(choices);
    return schema;
  }
  if (type.starts_with('[') && type.ends_with(']')) {
    json::object schema = typed("array");
    schema["items"] = schema_of_type(type.substr(1, type.size() - 2));
    return schema;
  }
  if (type.starts_with('{') && type.ends_with('}')) {
    json::object schema = typed("object");
    schema["additionalProperties"] = schema_of_type(type.substr(1, type.size() - 2));
    return schema;
  }
  return plain_schema(type);
}

std::vector<ShapeMember> members_of(std::string_view members) {
  std::vector<ShapeMember> found;
  const auto add = [&](ShapeMember member) {
    if (std::ranges::find(found, member.name, &ShapeMember::name) == found.end())
      found.push_back(std::move(member));
  };
  while (!trimmed(members).empty()) {
    const auto comma = members.find(',');
    const std::string_view one = trimmed(members.substr(0, comma));
    if (one.starts_with(kAllOf))
      for (ShapeMember& member : included(one.substr(kAllOf.size())))
        add(std::move(member));
    else
      add(member_of(one));
    members.remove_prefix(comma == std::string_view::npos ? members.size() : comma + 1);
  }
  return found;
}

json::object schema_of(std::string_view members, bool closed) {
  json::object properties;
  json::array required;
  for (const ShapeMember& member : members_of(members)) {
    properties[member.name] = schema_of_type(member.type);
    if (!member.optional) required.emplace_back(member.name);
  }
  json::object schema = typed("object");
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  if (closed) schema["additionalProperties"] = false;
  return schema;
}

}  // namespace systask::service
