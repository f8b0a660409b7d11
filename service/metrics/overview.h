// An Overview is what the whole service looks like at one moment: what /api/status says
// and what the gauges of /metrics show. A value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/server.h"
#include "scheduler/lanes/lanes.h"
#include "trading/platform.h"

namespace systask::service {

// What is counted in the database.
struct StoredCounts {
  std::map<std::string, std::int64_t> messages;  // today's, by disposition: "applied", "cached"
  std::map<std::string, std::int64_t> plans;     // by name of status: "running"
  std::map<std::string, std::int64_t> sites;     // by state: "live", "draining", "lost"
  std::vector<std::int64_t> cached;              // messages cached, of each plan that has any
  std::int64_t outbox = 0;
};

struct Overview {
  StoredCounts stored;
  std::string unread;  // why the database could not be read: `stored` says nothing then
  // Of this process, since its start.
  std::uint64_t duplicate = 0;
  std::uint64_t replayed = 0;
  std::uint64_t ids_reused = 0;  // messages quarantined, since their id was another's
  trading::OrdersOutView orders_out;
  std::vector<trading::DisputedName> disputed_names;
  std::uint64_t replaced_logins = 0;
  std::uint64_t dropped_log_lines = 0;
  net::Busy busy;               // requests that were answered 503
  std::size_t queue = 0;        // commands that wait for the worker
  bool takeovers_held = false;  // all sites fell silent at once: it may be us
  std::uint64_t times_held = 0;
  std::vector<scheduler::Lanes::Depth> lanes;
  std::int64_t business_date = 0;
  std::int64_t database_bytes = 0;
  bool ready = false;
  TimePoint now{};
  Micros uptime{0};
};

}  // namespace systask::service
