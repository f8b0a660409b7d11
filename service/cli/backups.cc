#include "service/cli/backups.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/log.h"
#include "base/new_file.h"
#include "db/backups.h"
#include "db/restore.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr int kFailed = 1;
constexpr int kMistaken = 2;

int fail_with(std::ostream& err, const char* command, const std::string& why) {
  err << fmt::format("systask {}: {}\n", command, why);
  return kFailed;
}

json::object json_of(const std::string& from, const db::Restored& done) {
  return {{"database", done.database},
          {"from", from},
          {"with_log", done.with_log},
          {"bytes", done.bytes},
          {"schema", done.last_script},
          {"kept", done.kept.empty() ? json::value{} : json::value(done.kept)}};
}

std::string text_of(const std::string& from, const db::Restored& done) {
  return fmt::format("{} is now what {}{} holds: {} bytes, found sound, with the schema up to {}\n",
                     done.database, from, done.with_log ? " with the log beside it" : "",
                     done.bytes, done.last_script) +
         (done.kept.empty() ? "nothing was there before\n"
                            : fmt::format("what was there is kept as {}, with its log; remove it "
                                          "when all is well\n",
                                          done.kept)) +
         "next: `systask run --standalone reconcile-totals`, then start the service, the order "
         "system and the sites\n";
}

}  // namespace

int make_backup_of(const BackupOrder& order, std::ostream& out, std::ostream& err) {
  const ConfigResult config = load_config(order.config, tasks::task_names());
  if (config.has_error()) {
    err << to_text(config.error());
    return kMistaken;
  }
  const std::string path = config->service.database.substr(db::kScheme.size());
  // Opening it would make an empty one.
  if (!std::filesystem::exists(path) || std::filesystem::is_empty(path))
    return fail_with(err, "backup",
                     fmt::format("there is no database at {}: nothing can be copied", path));
  try {
    db::Connection source{path, db::Connection::Access::kReadOnly};
    set_new_file_mode(config->service.file_mode);
    const db::BackupMade made = db::make_backup(
        source, path,
        {.directory = order.directory.empty() ? config->service.backup_directory : order.directory,
         .prefix = db::backup_prefix(path)},
        order.now);
    if (order.json)
      out << json::serialize(json::object{{"file", made.file}, {"bytes", made.bytes}}) << '\n';
    else
      out << fmt::format("{}: {} bytes, opened and found sound\n", made.file, made.bytes);
    return 0;
  } catch (const std::exception& error) {
    return fail_with(err, "backup", error.what());
  }
}

int restore_from(const RestoreOrder& order, std::ostream& out, std::ostream& err) {
  const ConfigResult config = load_config(order.config, tasks::task_names());
  if (config.has_error()) {
    err << to_text(config.error());
    return kMistaken;
  }
  const auto done = db::restore_database(config->service.database, order.file, order.now);
  if (!done) return fail_with(err, "restore", done.error().message);
  if (order.json)
    out << json::serialize(json_of(order.file, *done)) << '\n';
  else
    out << text_of(order.file, *done);
  return 0;
}

void add_backups(CLI::App& app, int& status) {
  auto* const backup = app.add_subcommand("backup", "Copy the database, also of a running service");
  const auto copy = std::make_shared<BackupOrder>();
  backup->add_option("--config", copy->config, "The configuration")->capture_default_str();
  backup->add_option("--to", copy->directory,
                     "The directory; default: backup_directory of the configuration");
  backup->add_flag("--json", copy->json, "What was made as JSON");
  backup->footer(
      "The copy is what the database is at one moment, and is opened and looked through before it\n"
      "gets its name. None is written over or removed.\n"
      "Examples:\n  systask backup\n  systask backup --config /etc/systask/tasks.yaml --to /srv/b");
  backup->callback([copy, &status] {
    log::set_level(log::Level::kWarn);
    copy->now = SystemClock{}.now();
    status = make_backup_of(*copy, std::cout, std::cerr);
  });

  auto* const restore =
      app.add_subcommand("restore", "Put a backup in the place of the database, without a service");
  const auto put = std::make_shared<RestoreOrder>();
  restore->add_option("file", put->file, "The backup")->required();
  restore->add_option("--config", put->config, "The configuration")->capture_default_str();
  restore->add_flag("--json", put->json, "What was done as JSON");
  restore->footer(
      "Refused, with nothing changed, while a service has the database, and where the backup is\n"
      "damaged, no database of systask's, or of a later version. What was there is renamed, with\n"
      "its log, and never deleted.\n"
      "Examples:\n  systask restore backup/systask-20261122T170553Z.db");
  restore->callback([put, &status] {
    log::set_level(log::Level::kWarn);
    put->now = SystemClock{}.now();
    status = restore_from(*put, std::cout, std::cerr);
  });
}

}  // namespace systask::service
