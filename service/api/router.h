// A Router finds the handler of a request by method and path. It is filled while the API
// is put together, on one thread, and only read after that; route() may be called from
// any thread and waits only where a handler does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/server.h"
#include "service/config/tokens.h"

namespace systask::service {

struct Operation;

// A request, who makes it, and what stood in the places of its pattern: {"id", "7"} for
// /api/plans/{id}.
struct ApiRequest {
  net::HttpRequest http;
  Caller caller;
  std::map<std::string, std::string, std::less<>> path;

  [[nodiscard]] const std::string& at(std::string_view place) const;
  // The value of ?key=…, or empty.
  [[nodiscard]] std::string query(const std::string& key) const;
};

// Answers exactly once, now or later.
using Handler = std::function<void(const ApiRequest&, const net::HttpAnswer&)>;

class Router {
 public:
  // A pattern is a path whose segments are literal or a place: "/api/plans/{id}/pause".
  void add(std::string method, std::string_view pattern, Handler handler);

  // "POST /api/plans/{id}/pause", in the order of adding.
  [[nodiscard]] std::vector<std::string> routes() const;

  // What the operation of the route does not take is refused with 400 before its handler sees it.
  // Calls the handler, of GET also for HEAD, or answers 404 for a path nobody knows and 405 for
  // a path known with other methods only; OPTIONS is told them. What a handler throws is
  // answered 500.
  void route(net::HttpRequest request, Caller caller, const net::HttpAnswer& answer) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
    const Operation* operation;  // null: whatever it takes is its handler's to know
  };
  std::vector<Route> routes_;
};

}  // namespace systask::service
