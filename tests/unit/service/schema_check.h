// Holds answers against the schemas of the OpenAPI document: of JSON Schema what the document uses.
// Stricter than a client has to be: an answer may have no member that its schema does not name.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "service/api/operations.h"
#include "service/api/shape.h"

namespace systask::service {

namespace schema_check {

namespace json = boost::json;

inline bool is_of(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return value.is_number();
}

std::string mismatch(const json::value& value, const json::object& schema,
                     const std::string& place);

inline std::string mismatch_of_object(const json::object& object, const json::object& schema,
                                      const std::string& place) {
  const auto* const more = schema.if_contains("additionalProperties");
  const auto* const named = schema.if_contains("properties");
  if (const auto* const required = schema.if_contains("required"))
    for (const json::value& name : required->as_array())
      if (!object.contains(name.as_string()))
        return place + "." + std::string{name.as_string()} + " is missing";
  for (const auto& [key, value] : object) {
    const std::string within = place + "." + std::string{key};
    const auto* const known = named == nullptr ? nullptr : named->as_object().if_contains(key);
    std::string wrong;
    if (known != nullptr)
      wrong = mismatch(value, known->as_object(), within);
    else if (more != nullptr && more->is_object())
      wrong = mismatch(value, more->as_object(), within);
    else
      wrong = within + " is in no schema";
    if (!wrong.empty()) return wrong;
  }
  return {};
}

// Where and how the value is not as the schema says; empty where it is.
inline std::string mismatch(const json::value& value, const json::object& schema,
                            const std::string& place) {
  if (const auto* const name = schema.if_contains("$ref")) {
    const std::string_view path{name->as_string()};
    const std::string_view shape_name = path.substr(path.rfind('/') + 1);
    for (const Shape& shape : shapes())
      if (shape.name == shape_name)
        return mismatch(value, schema_of(shape.members, shape.closed), place);
    return place + ": there is no schema " + std::string{shape_name};
  }
  if (const auto* const choices = schema.if_contains("anyOf")) {
    std::string wrong;
    for (const json::value& choice : choices->as_array()) {
      std::string here = mismatch(value, choice.as_object(), place);
      if (here.empty()) return {};
      if (wrong.empty()) wrong = std::move(here);
    }
    return wrong;
  }
  const auto* const type = schema.if_contains("type");
  if (type == nullptr) return {};
  if (!is_of(value, std::string_view{type->as_string()}))
    return place + " is " + json::serialize(value) + ", expected " + std::string{type->as_string()};
  if (value.is_object()) return mismatch_of_object(value.get_object(), schema, place);
  if (!value.is_array()) return {};
  for (const json::value& element : value.get_array())
    if (auto wrong = mismatch(element, schema.at("items").as_object(), place + "[]");
        !wrong.empty())
      return wrong;
  return {};
}

// The operation that a request is of.
inline const Operation* operation_of(std::string_view method, std::string_view path) {
  const auto fits = [](std::string_view pattern, std::string_view text) {
    while (!pattern.empty() || !text.empty()) {
      const std::string_view part = pattern.substr(0, pattern.find('/'));
      const std::string_view given = text.substr(0, text.find('/'));
      if (part != given && (!part.starts_with('{') || given.empty())) return false;
      if ((part.size() == pattern.size()) != (given.size() == text.size())) return false;
      pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
      text.remove_prefix(std::min(given.size() + 1, text.size()));
    }
    return true;
  };
  const Operation* found = nullptr;
  for (const Operation& one : operations())
    if (one.method == (method == "HEAD" ? "GET" : method) && fits(one.path, path) &&
        (found == nullptr || found->path.find('{') != std::string_view::npos))
      found = &one;
  return found;
}

// The type of the answer with that status; empty where the operation has none.
inline std::string answer_type(const Operation& operation, int status) {
  const std::string wanted = std::to_string(status) + " ";
  const auto at = operation.answer.find(wanted);
  if (at == std::string_view::npos) return {};
  const auto begin = at + wanted.size();
  return std::string{operation.answer.substr(begin, operation.answer.find(';', begin) - begin)};
}

}  // namespace schema_check

// What is wrong with an answer by the document; empty where it is as the document says.
inline std::string against_document(std::string_view method, std::string_view path, int status,
                                    const std::string& body) {
  using namespace schema_check;
  const std::string place = std::string{method} + " " + std::string{path};
  if (status == 204) return {};
  std::string type = "Problem";
  if (status < 400) {
    const Operation* const operation = operation_of(method, path);
    if (operation == nullptr) return place + " is no operation of the document";
    type = answer_type(*operation, status);
    if (type.empty()) return place + ": the document has no answer " + std::to_string(status);
    if (type == "text/plain") return {};
  }
  return mismatch(json::parse(body), schema_of_type(type), place);
}

}  // namespace systask::service
