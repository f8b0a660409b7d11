// The configuration of a service: one YAML file, read as a whole. Either all of it is
// right and a Config comes out, or every mistake in it does. Plain values.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "scheduler/task.h"
#include "service/config/calendars.h"
#include "service/config/mistake.h"
#include "tasks/kinds/kinds.h"
#include "trading/platform.h"

namespace systask::service {

struct ServiceConfig {
  std::string database = "sqlite3://systask.db";
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 8787;
  std::vector<std::string> passed_on;  // variables of its own, to the programs of tasks; "*": all
  unsigned file_mode = 0600;           // of the files that it makes: database, backups, metrics
  std::vector<std::string>
      allowed_hosts;  // besides its addresses, localhost and the machine's name
  std::chrono::milliseconds publish_timeout{5'000};
  std::string token_file;  // empty: requests need no token
  std::string secrets = "service.secrets";
  std::string backup_directory = "backup";
  std::string metrics_file = "metrics.prom";
  // Bodies under way at a stop get so long, where their tasks do not say otherwise.
  std::chrono::milliseconds stop_timeout{30'000};
  std::string heartbeat_file;                   // touched by each tick; empty: there is none
  std::string sendmail = "/usr/sbin/sendmail";  // the program that takes mails of alarms
  log::Level log_level = log::Level::kInfo;
  // heartbeat, site_timeout and the other limits, and the service's time zone.
  trading::PlatformOptions platform;
  // The trading sessions that a market without any gets at the first start.
  std::string day_exec_time_range = "093000-113000;130000-150000";
  std::vector<int> markets{1, 2};
  // The names of their calendars; a market that has none is not here.
  std::map<int, std::string> market_calendars;
};

struct LaneConfig {
  int threads = 2;
  // So many runs may wait for a thread: room for a hundred thousand tasks due at one moment,
  // and, at half a kilobyte each, a bound.
  std::size_t queue = 100'000;
  std::map<std::string, std::size_t, std::less<>> reserved;  // threads, by task or group
};

// A schedule of single times or of named years: it may be over when the file is read.
struct DatedSchedule {
  Place place;
  std::string key;   // "tasks.migration.once"
  std::string text;  // as written
  std::shared_ptr<const scheduler::Schedule> schedule;
};

struct Config {
  std::string file;
  ServiceConfig service;                   // its paths are from the file's directory
  std::map<int, LaneConfig> lanes;         // by priority
  Calendars calendars;                     // by name
  std::vector<scheduler::TaskSpec> tasks;  // in the order of the file
  // What the tasks with `run:` do, by their names. Their TaskSpecs have no bodies yet:
  // whoever runs them makes those of this, and who only looks knows that they are no C++.
  std::map<std::string, tasks::Work> works;
  // What the parts `service` and `lanes` say, as written: "service.listen" -> "127.0.0.1:8787".
  std::map<std::string, std::string> settings;
  std::map<std::string, Place> sql_places;  // of `run: {sql: ...}`, by the names of the tasks
  std::vector<DatedSchedule> dated;
  std::vector<Mistake> warnings;  // allowed, and probably not meant; warnings_of() has more
};

using ConfigResult = boost::system::result<Config, Mistakes>;
// The value of a refused result was taken: all mistakes, as one std::runtime_error.
[[noreturn]] void throw_exception_from_error(const Mistakes& mistakes,
                                             const boost::source_location& where);

// `bodies`: the names of the C++ tasks that there are. A file that cannot be read is a
// mistake too.
[[nodiscard]] ConfigResult load_config(const std::string& file,
                                       const std::vector<std::string>& bodies);
// The same on a thread of its own, whose allocator keeps its memory apart: for a service that
// copies what it keeps, and gives back all that reading took.
[[nodiscard]] ConfigResult load_config_aside(const std::string& file,
                                             const std::vector<std::string>& bodies);
// The same of a text; `file` names it in mistakes and gives the directory.
[[nodiscard]] ConfigResult read_config(const std::string& text, const std::string& file,
                                       const std::vector<std::string>& bodies);

}  // namespace systask::service
