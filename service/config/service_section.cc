#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/zone.h"
#include "calendar/market_sessions.h"
#include "net/address.h"
#include "net/authority.h"
#include "service/config/fields.h"
#include "service/config/sections.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

constexpr std::string_view kScheme = "sqlite3://";
constexpr int kMostMarket = 9'999;
constexpr std::string_view kNoCalendar = "none";

const std::vector<std::string_view> kServiceKeys{"database",          "listen",
                                                 "time_zone",         "secrets",
                                                 "token_file",        "heartbeat",
                                                 "site_grace",        "site_timeout",
                                                 "start_grace",       "hold_max",
                                                 "park_most",         "offer",
                                                 "rebuilds",          "moves",
                                                 "rebuilds_per_site", "digest_tries",
                                                 "in_flight",         "rebuild_timeout",
                                                 "park_max",          "day_exec_time_range",
                                                 "markets",           "backup_directory",
                                                 "metrics_file",      "log_level",
                                                 "heartbeat_file",    "publish_timeout",
                                                 "stop_timeout",      "sendmail",
                                                 "allowed_hosts",     "order_timeout",
                                                 "environment",       "file_mode",
                                                 "park_most_mib"};

// Names of hosts without ports: the port of a request is not looked at.
void read_allowed_hosts(Fields& fields, ServiceConfig& into) {
  constexpr std::string_view kExpected =
      "names by which this service is asked, such as tasks.example.com, without scheme and port; "
      "\"*\" for any";
  std::vector<std::string> hosts;
  fields.texts("allowed_hosts", kExpected, hosts);
  for (std::string& host : hosts) {
    const auto name = net::parse_authority(host);
    if (host != "*" && (!name || name->port || host.ends_with(':')))
      fields.complain("allowed_hosts", host, kExpected);
    else
      into.allowed_hosts.push_back(name ? name->host : host);
  }
}

void read_listen(Fields& fields, ServiceConfig& into) {
  const std::string_view expected = "HOST:PORT, such as 127.0.0.1:8787 (port 0: any free one)";
  const auto found = fields.scalar("listen", expected);
  if (!found) return;
  const std::size_t colon = found->rfind(':');
  if (colon == std::string::npos || colon == 0) return fields.complain("listen", *found, expected);
  std::string host = found->substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port = whole_number_of(std::string_view{*found}.substr(colon + 1));
  if (host.empty() || !port || *port < 0 || *port > 65'535)
    return fields.complain("listen", *found, expected);
  into.listen_host = host;
  into.listen_port = static_cast<std::uint16_t>(*port);
  if (!net::is_loopback(host) && !fields.find("token_file"))
    fields.complain("listen", *found,
                    "a loopback address such as 127.0.0.1, or a token_file beside it: others "
                    "than this machine may only ask with a token");
}

void read_environment(Fields& fields, ServiceConfig& into) {
  constexpr std::string_view kExpected =
      "names of this service's variables that programs of tasks get too, such as [HTTPS_PROXY]; "
      "\"*\" for all";
  fields.texts("environment", kExpected, into.passed_on);
  for (const std::string& name : into.passed_on)
    if (name.find_first_of("= \t") != std::string::npos)
      fields.complain("environment", name, kExpected);
}

// Octal, as chmod has it.
void read_file_mode(Fields& fields, ServiceConfig& into) {
  fields.choice<unsigned>(
      "file_mode", {{"0600", 0600}, {"0640", 0640}, {"0660", 0660}, {"0644", 0644}, {"0664", 0664}},
      "the mode of new files in octal: 0600, 0640, 0660, 0644 or 0664", into.file_mode);
}

void read_database(Fields& fields, ServiceConfig& into) {
  const std::string_view expected = "sqlite3://PATH";
  const auto found = fields.scalar("database", expected);
  if (!found) return;
  if (!found->starts_with(kScheme) || found->size() == kScheme.size())
    return fields.complain("database", *found, expected);
  into.database = *found;
}

void read_time_zone(Fields& fields, ServiceConfig& into) {
  const auto found = fields.scalar("time_zone", "an IANA name such as Asia/Shanghai");
  if (!found) return;
  if (const auto zone = Zone::find(*found); !zone)
    fields.complain("time_zone", *found, zone.error());
  else
    into.platform.time_zone = *found;
}

void read_limits(Fields& fields, trading::PlatformOptions& into) {
  fields.duration("heartbeat", Millis{10ms}, Millis{1min}, into.heartbeat);
  fields.duration("site_grace", Millis{0ms}, Millis{1min}, into.site_grace);
  fields.duration("site_timeout", Millis{20ms}, Millis{10min}, into.site_timeout);
  fields.duration("start_grace", Millis{0ms}, Millis{10min}, into.start_grace);
  fields.duration("hold_max", Millis{0ms}, Millis{10min}, into.hold_max);
  fields.duration("rebuild_timeout", Millis{100ms}, Millis{1h}, into.rebuild_timeout);
  fields.duration("order_timeout", Millis{100ms}, Millis{1h}, into.order_timeout);
  fields.duration("park_max", Millis{1s}, Millis{48h}, into.park_max);
  fields.integer("park_most", std::int64_t{1}, std::int64_t{10'000'000}, into.park_most);
  fields.integer("park_most_mib", std::int64_t{1}, std::int64_t{1} << 20, into.park_most_mib);
  fields.integer("offer", 1, 16, into.offer);
  fields.integer("rebuilds", 1, 1'000'000, into.rebuilds);
  fields.integer("rebuilds_per_site", 1, 1'000'000, into.rebuilds_per_site);
  fields.integer("digest_tries", 1, 1'000, into.digest_tries);
  fields.integer("moves", 1, 1'000, into.moves);
  fields.integer("in_flight", std::int64_t{2'000}, std::int64_t{10'000'000}, into.in_flight);
  if (into.site_timeout >= 2 * into.heartbeat) return;
  const std::string_view key = fields.find("site_timeout") ? "site_timeout" : "heartbeat";
  fields.complain(key,
                  fmt::format("heartbeat {}ms, site_timeout {}ms", into.heartbeat.count(),
                              into.site_timeout.count()),
                  "a site_timeout of two heartbeats at least, or one late frame loses a site");
}

std::string expected_markets() {
  return fmt::format(
      "market numbers from 1 to {}, each once, as a list [1, 2] or a map to their "
      "calendars {{1: xshg, 2: none}}",
      kMostMarket);
}

std::vector<std::pair<YamlNode, YamlNode>> pairs_of(YamlNode map) {
  std::vector<std::pair<YamlNode, YamlNode>> pairs;
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    pairs.emplace_back(parts[i], parts[i + 1]);
  return pairs;
}

// `{1: xshg, 2: none}`.
void read_market_map(YamlNode map, ServiceConfig& into, Complaints& complaints) {
  std::vector<int> markets;
  std::map<int, std::string> calendars;
  for (const auto& [key, value] : pairs_of(map)) {
    const auto market = whole_number_of(key.text());
    if (!market || *market < 1 || *market > kMostMarket || std::ranges::count(markets, *market)) {
      complaints.add(key.place(), "service.markets", key.described(), expected_markets());
      continue;
    }
    markets.push_back(static_cast<int>(*market));
    if (value.kind() == YamlNode::Kind::kNull || value.text() == kNoCalendar) continue;
    if (value.kind() != YamlNode::Kind::kScalar)
      complaints.add(value.place(), fmt::format("service.markets.{}", *market), value.described(),
                     "the name of a calendar, or none");
    else
      calendars.emplace(markets.back(), value.text());
  }
  if (markets.empty())
    return complaints.add(map.place(), "service.markets", map.described(), expected_markets());
  into.markets = std::move(markets);
  into.market_calendars = std::move(calendars);
}

void read_markets(Fields& fields, ServiceConfig& into, Complaints& complaints) {
  const std::string expected = expected_markets();
  const auto node = fields.find("markets");
  if (node && node->kind() == YamlNode::Kind::kMap) return read_market_map(*node, into, complaints);
  std::vector<std::string> texts;
  fields.texts("markets", expected, texts);
  std::vector<int> markets;
  for (const std::string& text : texts) {
    const auto market = whole_number_of(text);
    if (!market || *market < 1 || *market > kMostMarket || std::ranges::count(markets, *market))
      fields.complain("markets", text, expected);
    else
      markets.push_back(static_cast<int>(*market));
  }
  if (!markets.empty()) into.markets = markets;
}

void read_sessions(Fields& fields, ServiceConfig& into) {
  const auto found = fields.scalar("day_exec_time_range", "sessions such as 093000-113000");
  if (!found) return;
  const auto sessions = parse_sessions(*found);
  if (sessions && sessions->empty())
    fields.complain("day_exec_time_range", *found, "sessions such as 093000-113000");
  else if (!sessions)
    fields.complain("day_exec_time_range", *found, sessions.error());
  else
    into.day_exec_time_range = *found;
}

std::string from_directory(const std::string& directory, const std::string& path) {
  if (directory.empty() || path.empty()) return path;
  return (std::filesystem::path{directory} / path).lexically_normal().string();
}

}  // namespace

void read_service(YamlNode map, ServiceConfig& into, Complaints& complaints) {
  Fields fields{map, "service", kServiceKeys, complaints};
  read_database(fields, into);
  read_listen(fields, into);
  read_allowed_hosts(fields, into);
  read_environment(fields, into);
  read_file_mode(fields, into);
  read_time_zone(fields, into);
  read_limits(fields, into.platform);
  read_sessions(fields, into);
  read_markets(fields, into, complaints);
  fields.duration("publish_timeout", Millis{10ms}, Millis{10min}, into.publish_timeout);
  fields.duration("stop_timeout", Millis{0ms}, Millis{24h}, into.stop_timeout);
  fields.text("secrets", "the path of a file", into.secrets);
  fields.text("token_file", "the path of a file", into.token_file);
  fields.text("backup_directory", "the path of a directory", into.backup_directory);
  fields.text("metrics_file", "the path of a file", into.metrics_file);
  fields.text("heartbeat_file", "the path of a file", into.heartbeat_file);
  fields.text("sendmail", "the path of a mail program", into.sendmail);
  if (into.sendmail.empty()) fields.complain("sendmail", "nothing", "the path of a mail program");
  fields.choice("log_level",
                {{"debug", log::Level::kDebug},
                 {"info", log::Level::kInfo},
                 {"warn", log::Level::kWarn},
                 {"error", log::Level::kError}},
                into.log_level);
}

void check_market_calendars(YamlNode service, const Calendars& calendars, Complaints& complaints) {
  std::string known;
  for (const auto& [name, calendar] : calendars)
    known += (known.empty() ? "" : ", ") + name;
  for (const auto& [key, markets] : pairs_of(service)) {
    if (key.text() != "markets" || markets.kind() != YamlNode::Kind::kMap) continue;
    for (const auto& [market, name] : pairs_of(markets))
      if (name.kind() == YamlNode::Kind::kScalar && name.text() != kNoCalendar &&
          !calendars.contains(std::string{name.text()}))
        complaints.add(name.place(), fmt::format("service.markets.{}", market.text()), name.text(),
                       known.empty()
                           ? std::string{"a calendar that stands below `calendars:`"}
                           : fmt::format("none, or a calendar below `calendars:` ({})", known));
  }
}

void resolve_paths(const std::string& directory, ServiceConfig& config) {
  const std::string database = config.database.substr(kScheme.size());
  config.database = std::string{kScheme} + from_directory(directory, database);
  for (std::string* path : {&config.secrets, &config.token_file, &config.backup_directory,
                            &config.metrics_file, &config.heartbeat_file})
    *path = from_directory(directory, *path);
  // A bare name is looked for in PATH, as those of tasks are.
  if (config.sendmail.find('/') != std::string::npos)
    config.sendmail = from_directory(directory, config.sendmail);
}

namespace {

// Threads that only a task or a group has; all others together keep one at least.
void read_reserved(Fields& fields, LaneConfig& lane) {
  constexpr std::string_view kExpected =
      "a map from task or group to threads, such as {recover-plans: 1}";
  scheduler::Parameters texts;
  fields.parameters("reserved", texts);
  std::int64_t all = 0;
  for (const auto& [name, text] : texts) {
    const auto threads = whole_number_of(text);
    if (!threads || *threads < 1 || *threads > lane.threads)
      return fields.complain("reserved", text, kExpected);
    lane.reserved[name] = static_cast<std::size_t>(*threads);
    all += *threads;
  }
  if (all >= lane.threads && all > 0) {
    fields.complain("reserved", fmt::format("{} of {} threads", all, lane.threads),
                    "one thread at least that all may use");
    lane.reserved.clear();
  }
}

}  // namespace

void read_lanes(YamlNode map, std::map<int, LaneConfig>& into, Complaints& complaints) {
  constexpr int kMostPriority = 9;
  const std::string expected =
      fmt::format("a map from priority, 1 to {}, to {{threads: N, queue: N}}", kMostPriority);
  if (map.kind() != YamlNode::Kind::kMap || map.children().empty())
    return complaints.add(map.place(), "lanes", map.described(), expected);
  into.clear();
  const std::vector<YamlNode> parts = map.children();
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const YamlNode key = parts[i];
    const std::string path = fmt::format("lanes.{}", key.described());
    const auto priority = whole_number_of(key.text());
    if (!priority || *priority < 1 || *priority > kMostPriority) {
      complaints.add(key.place(), path, key.described(), expected);
      continue;
    }
    Fields fields{parts[i + 1], path, {"threads", "queue", "reserved"}, complaints};
    LaneConfig lane;
    fields.integer("threads", 1, 256, lane.threads);
    fields.integer("queue", std::size_t{1}, std::size_t{1'000'000}, lane.queue);
    read_reserved(fields, lane);
    if (!into.emplace(static_cast<int>(*priority), lane).second)
      complaints.add(key.place(), path, key.text(), "each priority once");
  }
}

}  // namespace systask::service
