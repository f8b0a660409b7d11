// `systask backup` and `systask restore`: copies of the database, made and put back. No service is
// asked; a backup is made beside a running one, a restore needs it stopped. A command runs while
// the app is parsed and puts its exit status into `status`, which must outlive the parsing: 0 done,
// 1 refused or failed, with the reason on standard error, 2 a configuration with mistakes.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_backups(CLI::App& app, int& status);

struct BackupOrder {
  std::string config = "tasks.yaml";
  std::string directory;  // empty: the configuration's
  bool json = false;      // what was made, as an object
  TimePoint now;
};
int make_backup_of(const BackupOrder& order, std::ostream& out, std::ostream& err);

struct RestoreOrder {
  std::string config = "tasks.yaml";
  std::string file;
  bool json = false;
  TimePoint now;
};
int restore_from(const RestoreOrder& order, std::ostream& out, std::ostream& err);

}  // namespace systask::service
