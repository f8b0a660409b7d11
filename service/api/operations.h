// What each request of the API takes and answers: one table, which the router holds requests
// against and from which the OpenAPI document is made. Constant; any thread.
#pragma once

#include <span>
#include <string_view>

namespace systask::service {

struct Operation {
  std::string_view method;
  std::string_view path;  // as the router has it: "/api/plans/{id}"
  std::string_view summary;
  std::string_view query;   // members of a shape (shape.h), each of them optional
  std::string_view body;    // members of a shape; empty: there is none
  std::string_view answer;  // "201 Made", "200 [Plan]"; several by ';'
};

// A named shape: "Run", and its members.
struct Shape {
  std::string_view name;
  std::string_view members;
  bool closed = false;  // of requests: a member that it does not have is refused
};

[[nodiscard]] std::span<const Operation> operations();
[[nodiscard]] std::span<const Shape> shapes();

// Null where the table has none.
[[nodiscard]] const Operation* find_operation(std::string_view method, std::string_view path);

}  // namespace systask::service
