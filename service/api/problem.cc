#include "service/api/problem.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>

#include "base/text.h"

namespace systask::service {
namespace {

struct CodeStatus {
  std::string_view code;
  int status;
};
constexpr std::array kStatuses{
    CodeStatus{"BAD_JSON", 400},      CodeStatus{"BAD_REQUEST", 400},
    CodeStatus{"NEEDS_REASON", 400},  CodeStatus{"UNAUTHORIZED", 401},
    CodeStatus{"FORBIDDEN", 403},     CodeStatus{"NOT_FOUND", 404},
    CodeStatus{"NO_SUCH_PLAN", 404},  CodeStatus{"NO_SUCH_MESSAGE", 404},
    CodeStatus{"NO_SUCH_ORDER", 404}, CodeStatus{"NO_SUCH_SITE", 404},
    CodeStatus{"UNKNOWN_TASK", 404},  CodeStatus{"UNKNOWN_RUN", 404},
    CodeStatus{"BAD_TIME", 400},      CodeStatus{"BAD_DATE", 400},
    CodeStatus{"BAD_DATES", 400},     CodeStatus{"BAD_WINDOW", 400},
    CodeStatus{"UNKNOWN_GROUP", 404}, CodeStatus{"UNKNOWN_LANE", 404},
    CodeStatus{"UNKNOWN_HOLD", 404},  CodeStatus{"UNKNOWN_BACKFILL", 404},
    CodeStatus{"NO_SITE", 409},       CodeStatus{"PLAN_NOT_RUNNING", 409},
    CodeStatus{"TASK_DISABLED", 409}, CodeStatus{"TASK_RUNNING", 409},
    CodeStatus{"TASK_PAUSED", 409},   CodeStatus{"NO_BUSINESS_DATE", 409},
    CodeStatus{"INTERNAL", 500},      CodeStatus{"BUSY", 503},
    CodeStatus{"STOPPED", 503},       CodeStatus{"NOT_READY", 503},
};

// A detail may repeat what was sent.
std::string short_enough(std::string_view detail) {
  constexpr std::size_t kMost = 4'000;
  if (detail.size() <= kMost) return whole_utf8(detail);
  return whole_utf8(utf8_prefix(detail, kMost)) + "...";
}

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Not authorized";
    case 403: return "Forbidden";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Refused";
    case 415: return "Unsupported media type";
    case 503: return "Not available now";
    default: return "The platform failed";
  }
}

}  // namespace

int status_of(std::string_view code) {
  const auto* const known = std::ranges::find(kStatuses, code, &CodeStatus::code);
  return known == kStatuses.end() ? 409 : known->status;
}

net::HttpResponse json_response(int status, const boost::json::value& body) {
  // What others wrote and SQLite kept as it was may be no UTF-8, and JSON is nothing else.
  std::string text = boost::json::serialize(body) + "\n";
  if (!is_utf8(text)) text = whole_utf8(text);
  return {status, "application/json", std::move(text)};
}

net::HttpResponse problem(int status, std::string_view code, std::string_view detail) {
  auto response = json_response(status, boost::json::object{{"type", "about:blank"},
                                                            {"title", title_of(status)},
                                                            {"status", status},
                                                            {"detail", short_enough(detail)},
                                                            {"code", code}});
  response.content_type = kProblem;
  return response;
}

net::HttpResponse problem(const Refusal& refusal) {
  return problem(status_of(refusal.code), refusal.code, refusal.message);
}

}  // namespace systask::service
