// One quarantined message: what it is, and what an operator decides about it.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "service/api/body.h"
#include "service/api/plan_desk.h"
#include "service/api/problem.h"
#include "service/api/routes.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using trading::Decision;
using trading::MessageNo;
using Verdict = trading::Decision::Verdict;

Result<MessageNo> message_of(const ApiRequest& request) {
  const std::string& text = request.at("no");
  std::int64_t no = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, no);
  if (error == std::errc{} && stop == end) return MessageNo{no};
  return Refusal{"BAD_REQUEST", fmt::format("'{}' is no number of a message; `systask quarantine` "
                                            "shows them",
                                            text)};
}

// As JSON where it is some, so that people can read it.
json::value readable(const std::string& body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  return error ? json::value(body) : std::move(value);
}

void show_message(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  const auto no = message_of(request);
  if (no.has_error()) return answer(problem(no.error()));
  parts.desk.quarantined(*no, [answer](const Result<trading::MessageRow>& row) {
    if (row.has_error()) return answer(problem(row.error()));
    answer(json_response(200, json::object{{"no", row->no.value()},
                                           {"message_id", row->message_id},
                                           {"function", row->function_no},
                                           {"business_date", row->date.value()},
                                           {"plan", row->plan.value()},
                                           {"number", row->number.value()},
                                           {"market", row->market.value()},
                                           {"order_number", row->order_number},
                                           {"reason", row->reason},
                                           {"body", readable(row->body)}}));
  });
}

// An edit brings the whole body, an object, as it should have been published.
Result<std::string> edited_body(const std::string& text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::value* const body =
      !error && value.is_object() ? value.as_object().if_contains("body") : nullptr;
  if (body == nullptr || !body->is_object())
    return Refusal{"BAD_REQUEST", "body: expected an object, the message as it should have been"};
  return json::serialize(*body);
}

void decide(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer,
            Verdict verdict) {
  const auto no = message_of(request);
  if (no.has_error()) return answer(problem(no.error()));
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  Decision decision{*no, verdict, {}, {}, {}};
  decision.reason = body->text("reason");
  decision.actor = actor_of(request, *body);
  if (body->wrong()) return answer(problem(body->refusal()));
  if (verdict == Verdict::kEdit) {
    auto edited = edited_body(request.http.body);
    if (edited.has_error()) return answer(problem(edited.error()));
    decision.body = std::move(*edited);
  }
  parts.desk.decide(std::move(decision), [answer](const Result<trading::Decided>& decided) {
    if (decided.has_error()) return answer(problem(decided.error()));
    answer(json_response(200, json::object{{"outcome", decided->outcome},
                                           {"plan", decided->plan.value()},
                                           {"number", decided->number.value()},
                                           {"released", decided->released}}));
  });
}

}  // namespace

void add_quarantine_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/quarantine/{no}",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               show_message(parts, request, answer);
             });
  for (const auto& [verb, verdict] :
       {std::pair{"apply", Verdict::kApply}, {"skip", Verdict::kSkip}, {"edit", Verdict::kEdit}})
    router.add(
        "POST", fmt::format("/api/quarantine/{{no}}/{}", verb),
        [&parts, verdict = verdict](const ApiRequest& request, const net::HttpAnswer& answer) {
          decide(parts, request, answer, verdict);
        });
}

}  // namespace systask::service
