#include "service/app/kind_parts.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "db/sql_tasks.h"
#include "net/client.h"
#include "service/config/work_text.h"
#include "service/gateway/message_centre.h"

namespace systask::service {
namespace {

tasks::SqlDone run_sql(db::SqlTasks& sql, const tasks::Sql& work, const tasks::Values& values,
                       const std::stop_token& stop) {
  db::SqlCount count = sql.run({.text = work.text,
                                .values = values,
                                .database = work.database,
                                .read_only = work.read_only,
                                .longest = work.longest,
                                .may_write = {work.may_write.begin(), work.may_write.end()}},
                               stop);
  return {count.read, count.changed, std::move(count.first), std::move(count.rows), count.shown};
}

bool has_header(const tasks::HttpOrder& order, std::string_view wanted) {
  return std::ranges::any_of(order.headers, [&](const auto& header) {
    return std::ranges::equal(header.first, wanted, {},
                              [](unsigned char c) { return std::tolower(c); });
  });
}

tasks::HttpReply send_http(const tasks::HttpOrder& order, const std::stop_token& stop) {
  net::HttpCall call{.to = {order.place.host, order.place.port},
                     .method = order.method,
                     .target = order.place.target,
                     .headers = order.headers,
                     .body = order.body,
                     .timeout = order.timeout,
                     .answer_bytes = tasks::kAnswerBytes,
                     .stop = stop};
  if (!order.body.empty() && !has_header(order, "content-type"))
    call.headers.emplace_back("Content-Type", "application/json");
  try {
    net::HttpReply reply = net::http_call(call);
    return {reply.response.status, std::move(reply.response.body), reply.cut};
  } catch (const std::runtime_error& error) {
    if (stop.stop_requested()) throw scheduler::RunStopped(error.what());
    throw;
  }
}

// A frame has the body as it is: what is no JSON would break it for every subscriber.
Result<void> publish(MessageCentre& centre, const std::string& topic, const std::string& body) {
  boost::system::error_code error;
  boost::json::parse(body, error);
  if (error && !body.empty())
    return Refusal{"BAD_BODY", "the body for " + topic + " is no JSON (" + error.message() +
                                   "), and was not sent: " + one_line(body, 200)};
  auto sent = centre.publish({topic, {}, {}, body});
  if (sent.has_error() && sent.error().code == "EMPTY_BODY")
    return Refusal{"EMPTY_BODY (-1001)", sent.error().message};
  if (sent.has_error())
    return Refusal{sent.error().code, sent.error().message +
                                          "; it is kept in the outbox, and retry-outbox makes it "
                                          "again"};
  return sent;
}

}  // namespace

tasks::KindParts kind_parts(db::SqlTasks& sql, MessageCentre& centre,
                            std::vector<std::string> passed_on) {
  return {
      .run_sql = [&sql](const tasks::Sql& work, const tasks::Values& values,
                        const std::stop_token& stop) { return run_sql(sql, work, values, stop); },
      .send_http = send_http,
      .publish = [&centre](const std::string& topic,
                           const std::string& body) { return publish(centre, topic, body); },
      .passed_on = std::move(passed_on)};
}

std::vector<scheduler::TaskSpec> with_bodies(std::vector<scheduler::TaskSpec> specs,
                                             const std::map<std::string, tasks::Work>& works,
                                             const tasks::KindParts& parts) {
  // Tasks that do the same share the body, which keeps nothing from run to run.
  struct Made {
    const tasks::Work* work = nullptr;
    std::shared_ptr<const scheduler::Body> body;
  };
  std::map<std::string, Made> bodies;  // by texts, which two that differ may have in common
  for (scheduler::TaskSpec& spec : specs) {
    const auto work = works.find(spec.name);
    if (work == works.end()) continue;
    Made& made = bodies[work_text(work->second)];
    if (made.work == nullptr || *made.work != work->second)
      made = {&work->second,
              std::make_shared<const scheduler::Body>(tasks::make_body(work->second, parts))};
    spec.own_body = made.body;
  }
  return specs;
}

}  // namespace systask::service
