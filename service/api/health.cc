// Alive, ready, how it is, and what to measure.
#include <boost/json.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/log_writer.h"
#include "base/text.h"
#include "scheduler/engine/engine.h"
#include "service/api/plan_desk.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/tables.h"
#include "service/api/troubles.h"
#include "service/metrics/metrics.h"

namespace systask::service {
namespace {

namespace json = boost::json;

std::int64_t bytes_of(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(bytes);
}

json::object counts_of(const std::map<std::string, std::int64_t>& counts) {
  json::object object;
  for (const auto& [name, count] : counts)
    object[name] = count;
  return object;
}

json::object intake_of(const Overview& view) {
  json::object intake;
  for (const char* name : {"applied", "cached", "passed", "parked", "quarantined"}) {
    const auto found = view.stored.messages.find(name);
    intake[name] = found == view.stored.messages.end() ? 0 : found->second;
  }
  intake["replayed"] = view.replayed;
  intake["duplicate"] = view.duplicate;
  intake["ids_reused"] = view.ids_reused;
  return intake;
}

json::array lanes_of(const Overview& view) {
  json::array lanes;
  for (const auto& lane : view.lanes)
    lanes.push_back({{"lane", lane.priority},
                     {"priority", lane.priority},  // its name before
                     {"queued", lane.queued},
                     {"running", lane.running},
                     {"threads", lane.threads}});
  return lanes;
}

json::array disputed_sites_of(const std::vector<trading::DisputedName>& names) {
  json::array rows;
  for (const trading::DisputedName& name : names)
    rows.push_back(json::object{{"site", name.site},
                                {"from", name.holder},
                                {"refused", name.refused},
                                {"refused_from", name.refused_from}});
  return rows;
}

json::object orders_out_of(const trading::OrdersOutView& out) {
  json::array connected;
  for (const std::string& name : out.connected)
    connected.emplace_back(name);
  return {{"to", out.receiver.empty() ? json::value{} : json::value(out.receiver)},
          {"connected", std::move(connected)},
          {"waiting", out.waiting},
          {"longest_ms", out.longest / std::chrono::milliseconds{1}}};
}

// Why the service is not ready; a database that cannot be read is a reason too.
std::optional<std::string> why_not_ready(const ApiParts& parts, const Overview& view) {
  if (auto reason = parts.not_ready()) return reason;
  if (view.unread.empty()) return std::nullopt;
  return "the database cannot be read: " + view.unread;
}

// What is said while times come again, because the wall clock was set back; else null.
json::value clock_of(const ApiParts& parts) {
  const auto step = parts.engine.clock_pass();
  return step ? json::value(scheduler::describe(*step, parts.zone)) : json::value{};
}

// What is counted in the database is left out where that cannot be read: whoever asks then needs
// the rest all the more.
json::object status_of(const ApiParts& parts, const Overview& view) {
  const auto reason = why_not_ready(parts, view);
  const scheduler::Troubles troubles = parts.engine.troubles(kMostTroubles);
  json::object status{
      {"version", parts.version},
      {"ready", !reason},
      {"not_ready", reason ? json::value(*reason) : json::value{}},
      {"clock", clock_of(parts)},
      {"failing", troubles.failing},
      {"late", troubles.late},
      {"stopped", troubles.stopped},
      {"troubles", troubles_json(troubles, parts.zone)},
      {"business_date", view.business_date},
      {"time", parts.zone.to_rfc3339(view.now)},
      {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(view.uptime).count()}};
  if (view.unread.empty()) {
    std::int64_t cached = 0;
    for (const std::int64_t depth : view.stored.cached)
      cached += depth;
    status["intake"] = intake_of(view);
    status["plans"] = counts_of(view.stored.plans);
    status["plans_with_cache"] = view.stored.cached.size();
    status["cached"] = cached;
    status["sites"] = counts_of(view.stored.sites);
    status["outbox"] = view.stored.outbox;
  }
  status["orders_out"] = orders_out_of(view.orders_out);
  status["disputed_sites"] = disputed_sites_of(view.disputed_names);
  status["queue"] = view.queue;
  status["lanes"] = lanes_of(view);
  status["database_bytes"] = view.database_bytes;
  return status;
}

// A clock that was set back is no reason not to be used: but whoever looks is told.
json::object ready_body(const ApiParts& parts) {
  json::object body{{"ready", true}};
  if (json::value clock = clock_of(parts); !clock.is_null()) body["clock"] = std::move(clock);
  return body;
}

}  // namespace

Overview look(const ApiParts& parts, MonotonicPoint started) {
  Overview view;
  try {
    view.stored = parts.tables.counts();
  } catch (const std::exception& error) {
    view.unread = one_line(error.what(), 500);
  }
  const auto counts = parts.desk.counts();
  view.duplicate = counts.duplicate;
  view.replayed = counts.replayed;
  view.ids_reused = counts.ids_reused;
  view.orders_out = parts.desk.orders_out();
  view.disputed_names = parts.desk.disputed_names();
  view.replaced_logins = parts.desk.replaced_logins();
  view.dropped_log_lines = log::dropped_lines();
  if (parts.busy) view.busy = parts.busy();
  view.queue = parts.desk.queue_depth();
  view.takeovers_held = parts.desk.takeovers_held();
  view.times_held = parts.desk.times_takeovers_held();
  view.lanes = parts.lanes.depths();
  view.business_date = parts.desk.business_date().value();
  view.database_bytes = bytes_of(parts.database_path) + bytes_of(parts.database_path + "-wal");
  view.ready = view.unread.empty() && !parts.not_ready();
  view.now = parts.clock.now();
  view.uptime = std::chrono::duration_cast<Micros>(parts.clock.monotonic() - started);
  return view;
}

void add_health_routes(Router& router, const ApiParts& parts, MonotonicPoint started) {
  router.add("GET", "/healthz", [](const ApiRequest&, const net::HttpAnswer& answer) {
    answer(json_response(200, json::object{{"alive", true}}));
  });
  router.add("GET", "/readyz", [&parts](const ApiRequest&, const net::HttpAnswer& answer) {
    if (const auto reason = parts.not_ready())
      answer(problem(503, "NOT_READY", *reason));
    else
      answer(json_response(200, ready_body(parts)));
  });
  router.add("GET", "/api/status",
             [&parts, started](const ApiRequest&, const net::HttpAnswer& answer) {
               answer_later(parts, "GET /api/status", answer, [&parts, started] {
                 return json_response(200, status_of(parts, look(parts, started)));
               });
             });
  router.add("GET", "/metrics",
             [&parts, started](const ApiRequest&, const net::HttpAnswer& answer) {
               answer_later(parts, "GET /metrics", answer, [&parts, started] {
                 return net::HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8",
                                          parts.metrics.text(look(parts, started))};
               });
             });
}

}  // namespace systask::service
