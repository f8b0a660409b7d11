#include "db/restore.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <optional>

#include "db/connection.h"
#include "db/database.h"
#include "db/file_lock.h"
#include "db/inode_lock.h"
#include "db/opened_files.h"
#include "db/sound_file.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kEndings{"", "-wal", "-shm"};

bool has_log(const std::string& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file + "-wal", error);
  return !error && bytes > 0;
}

void remove_all_of(const std::string& file) {
  for (const char* const ending : kEndings)
    fs::remove(file + ending);
}

void sync_path(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

// The backup, whole in one file. What is beside it is read, and never written.
void copy_whole(const std::string& from, const std::string& to) {
  remove_all_of(to);
  fs::copy_file(from, to);
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, fs::perm_options::add);
  if (!has_log(from)) return;
  fs::copy_file(from + "-wal", to + "-wal");
  Connection{to, Connection::Access::kReadWrite}.run_script("pragma wal_checkpoint(truncate)");
}

// Owner and rights of what it replaces: a service must not find a file that is another user's.
void take_owner(const std::string& file, const std::string& of) {
  struct stat found {};
  if (::stat(of.c_str(), &found) != 0) return;
  ::chmod(file.c_str(), found.st_mode & 07777);
  if (::chown(file.c_str(), found.st_uid, found.st_gid) == 0) return;
  throw fs::filesystem_error("it cannot be given to the owner of what it replaces", file,
                             std::error_code{errno, std::generic_category()});
}

// What is there is renamed, with its log; its new name, or nothing where nothing is there.
std::string set_aside(const std::string& file, TimePoint at) {
  constexpr int kFirstNumber = 2;
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const std::string stem = fmt::format("{}.replaced-{:%Y%m%dT%H%M%SZ}", file, fmt::gmtime(second));
  std::string aside = stem;
  for (int number = kFirstNumber; fs::exists(aside) || fs::exists(aside + "-wal"); ++number)
    aside = fmt::format("{}_{:02}", stem, number);
  bool kept = false;
  for (const char* const ending : kEndings) {
    if (!fs::exists(file + ending)) continue;
    fs::rename(file + ending, aside + ending);
    kept = true;
  }
  return kept ? aside : std::string{};
}

Result<Restored> put_in_place(const std::string& file, const std::string& from, TimePoint at) {
  const std::string fresh = restoring_file(file);
  Restored done{.database = file, .with_log = has_log(from)};
  copy_whole(from, fresh);
  const auto sound = sound_file(fresh);
  if (!sound) {
    remove_all_of(fresh);
    Refusal refusal = sound.error();
    refusal.message += "; " + fresh + " was a copy of " + from +
                       ", and is removed. Nothing was changed: restore another backup";
    return refusal;
  }
  take_owner(fresh, file);
  sync_path(fresh);
  for (const char* const ending : {"-wal", "-shm"})
    fs::remove(fresh + ending);
  done.bytes = static_cast<std::int64_t>(fs::file_size(fresh));
  done.last_script = sound->last_script;
  done.kept = set_aside(file, at);
  fs::rename(fresh, file);
  sync_path(fs::path{file}.parent_path());
  return done;
}

}  // namespace

std::string restoring_file(const std::string& database) { return database + ".restoring"; }

Result<Restored> restore_database(const std::string& url, const std::string& from, TimePoint at) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size())
    return Refusal{"DATABASE_URL",
                   "the database \"" + url + "\" is no file: write it as sqlite3://PATH"};
  const std::string file = file_behind(url.substr(kScheme.size()));
  std::error_code error;
  if (!fs::is_regular_file(from, error))
    return Refusal{"NOT_SOUND", from + " is no file; name a backup, such as one of backup/"};
  if (fs::equivalent(from, file, error))
    return Refusal{"SAME_FILE", from + " is the database itself; name a backup"};
  const auto lock = FileLock::take(file + ".lock", file);
  if (!lock) return lock.error();
  std::optional<InodeLock> inode_lock;
  if (fs::exists(file, error)) {
    auto taken = InodeLock::take(file);
    if (!taken) return taken.error();
    inode_lock.emplace(std::move(*taken));
  }
  try {
    return put_in_place(file, from, at);
  } catch (const std::exception& failed) {
    return Refusal{"CANNOT_RESTORE", fmt::format("{} could not be restored as {}: {}; check the "
                                                 "space and the rights there, and run it again",
                                                 from, file, failed.what())};
  }
}

}  // namespace systask::db
