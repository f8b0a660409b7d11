#include "service/api/openapi.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "net/server.h"
#include "service/api/shape.h"
#include "service/config/mistake.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kTextPlain = "text/plain";
constexpr std::size_t kNameShown = 60;

json::object media(std::string_view type, json::object schema) {
  json::object with_schema;
  with_schema["schema"] = std::move(schema);
  json::object content;
  content[type] = std::move(with_schema);
  return content;
}

// "200 Run; 202 RunBegun" as the responses, and the problem of all others.
json::object responses_of(std::string_view answers) {
  json::object responses;
  while (!answers.empty()) {
    const auto end = std::min(answers.find(';'), answers.size());
    const std::string_view one = answers.substr(0, end);
    const auto begin = one.find_first_not_of(' ');
    const std::string_view status = one.substr(begin, 3);
    const std::string_view type = one.substr(begin + 4);
    json::object response;
    response["description"] = status == "202" ? "Taken; not ended" : "Done";
    response["content"] = type == kTextPlain ? media(kTextPlain, schema_of_type("text"))
                                             : media(kJson, schema_of_type(type));
    responses[status] = std::move(response);
    answers.remove_prefix(std::min(end + 1, answers.size()));
  }
  json::object problem;
  problem["description"] = "Refused: RFC 9457 problem details";
  problem["content"] = media("application/problem+json", schema_of_type("Problem"));
  responses["default"] = std::move(problem);
  return responses;
}

json::object parameter_of(std::string_view name, std::string_view where, std::string_view type) {
  json::object parameter;
  parameter["name"] = name;
  parameter["in"] = where;
  parameter["required"] = where == "path";
  parameter["schema"] = schema_of_type(type);
  return parameter;
}

json::array parameters_of(const Operation& operation) {
  json::array parameters;
  for (auto open = operation.path.find('{'); open != std::string_view::npos;
       open = operation.path.find('{', open + 1)) {
    const auto close = operation.path.find('}', open);
    parameters.push_back(
        parameter_of(operation.path.substr(open + 1, close - open - 1), "path", "text"));
  }
  for (const ShapeMember& member : members_of(operation.query))
    parameters.push_back(parameter_of(member.name, "query", member.type));
  return parameters;
}

// "post-api-tasks-name-run".
std::string id_of(const Operation& operation) {
  std::string id{operation.method};
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char c : operation.path) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      id += c;
    else if (!id.ends_with('-'))
      id += '-';
  }
  if (id.ends_with('-')) id.pop_back();
  return id;
}

json::object operation_json(const Operation& operation) {
  json::object object;
  object["operationId"] = id_of(operation);
  object["summary"] = operation.summary;
  if (json::array parameters = parameters_of(operation); !parameters.empty())
    object["parameters"] = std::move(parameters);
  if (!operation.body.empty()) {
    const auto members = members_of(operation.body);
    json::object body;
    body["required"] = !std::ranges::all_of(members, &ShapeMember::optional);
    body["content"] = media(kJson, schema_of(operation.body, true));
    object["requestBody"] = std::move(body);
  }
  object["responses"] = responses_of(operation.answer);
  return object;
}

json::object components() {
  json::object schemas;
  for (const Shape& shape : shapes())
    schemas[shape.name] = schema_of(shape.members, shape.closed);
  json::object bearer;
  bearer["type"] = "http";
  bearer["scheme"] = "bearer";
  json::object schemes;
  schemes["bearer"] = std::move(bearer);
  json::object components;
  components["schemas"] = std::move(schemas);
  components["securitySchemes"] = std::move(schemes);
  return components;
}

// With a token file every request needs a token; without one none does.
json::array security() {
  json::object with_token;
  with_token["bearer"] = json::array();
  json::array either;
  either.push_back(json::object());
  either.push_back(std::move(with_token));
  return either;
}

std::string not_known(std::string_view what, std::string_view name,
                      const std::vector<std::string_view>& known) {
  const std::string_view meant = nearest(name, known);
  const std::string expected =
      known.empty() ? "it takes none" : fmt::format("expected one of {}", fmt::join(known, ", "));
  return fmt::format("'{}' is no {}: {}", one_line(name, kNameShown), what,
                     meant.empty() ? expected : fmt::format("did you mean '{}'?", meant));
}

std::vector<std::string_view> names_of(const std::vector<ShapeMember>& members) {
  std::vector<std::string_view> names;
  for (const ShapeMember& member : members)
    names.emplace_back(member.name);
  return names;
}

const Shape* shape_named(std::string_view name) {
  const auto all = shapes();
  const auto found = std::ranges::find(all, name, &Shape::name);
  return found == all.end() ? nullptr : &*found;
}

std::optional<std::string> unknown_member(const std::vector<ShapeMember>& members,
                                          const json::object& object, const std::string& place) {
  const auto known = names_of(members);
  for (const auto& [key, value] : object) {
    const std::string_view name{key.data(), key.size()};
    const auto member = std::ranges::find(members, name, &ShapeMember::name);
    if (member == members.end()) return place + not_known("member of the body", name, known);
    // Only lists of a shape have members of their own.
    if (!member->type.starts_with('[') || !value.is_array()) continue;
    const Shape* const shape =
        shape_named(std::string_view{member->type}.substr(1, member->type.size() - 2));
    if (shape == nullptr) continue;
    std::size_t at = 0;
    for (const json::value& element : value.get_array()) {
      const std::string within = fmt::format("{}[{}]: ", member->name, at++);
      if (!element.is_object()) continue;
      if (auto unknown = unknown_member(members_of(shape->members), element.get_object(), within))
        return unknown;
    }
  }
  return std::nullopt;
}

}  // namespace

json::object openapi_document(const std::vector<std::string>& routes, const std::string& version) {
  json::object paths;
  for (const std::string& route : routes) {
    const auto blank = route.find(' ');
    const std::string_view path = std::string_view{route}.substr(blank + 1);
    const Operation* const operation =
        find_operation(std::string_view{route}.substr(0, blank), path);
    if (operation == nullptr) continue;
    json::value& item = paths[path];
    if (!item.is_object()) item.emplace_object();
    std::string method = route.substr(0, blank);
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
    item.get_object()[method] = operation_json(*operation);
  }
  json::object info;
  info["title"] = "systask";
  info["version"] = version;
  info["description"] =
      "Scheduled tasks of a trading platform, and the recovery of its plans. Times are RFC 3339 in "
      "the service's zone. A list has a page of rows; the header Link names the next one.";
  json::object document;
  document["openapi"] = "3.1.0";
  document["info"] = std::move(info);
  document["security"] = security();
  document["paths"] = std::move(paths);
  document["components"] = components();
  return document;
}

std::optional<std::string> unknown_to(const Operation& operation, const net::HttpRequest& request) {
  const auto parameters = members_of(operation.query);
  const auto known = names_of(parameters);
  for (const auto& [name, value] : request.query)
    if (std::ranges::find(known, name) == known.end())
      return not_known(fmt::format("parameter of {} {}", operation.method, operation.path), name,
                       known);
  if (!request.repeated.empty())
    return fmt::format("'{}' is given twice: give it once", one_line(request.repeated, kNameShown));
  if (operation.body.empty() || request.body.empty()) return std::nullopt;
  boost::system::error_code error;
  const json::value body =
      json::parse(boost::json::string_view{request.body.data(), request.body.size()}, error);
  if (error || !body.is_object()) return std::nullopt;
  return unknown_member(members_of(operation.body), body.get_object(), {});
}

}  // namespace systask::service
