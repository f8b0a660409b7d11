#include "db/backups.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <vector>

#include "db/copy.h"
#include "db/sound_file.h"

namespace systask::db {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinished = ".part";

// Keeps others from making copies in a folder meanwhile.
class FolderLock {
 public:
  explicit FolderLock(const std::string& directory)
      : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0) return;
    const int error = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    throw std::runtime_error(
        fmt::format("no backup can be made in {}: {}; check that it is a "
                    "directory this service may write to",
                    directory, std::strerror(error)));
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() { ::close(descriptor_); }

  // The names in it are on the disk.
  void sync() const { ::fsync(descriptor_); }

 private:
  int descriptor_;
};

std::vector<fs::path> files_of(const BackupPlace& place, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{place.directory}) {
    const std::string name = entry.path().filename().string();
    const auto second = name.substr(std::min(name.size(), place.prefix.size()));
    const bool timed = !second.empty() && second.front() >= '0' && second.front() <= '9';
    if (timed && name.starts_with(place.prefix) && name.ends_with(ending))
      files.push_back(entry.path());
  }
  return files;
}

// Names carry the time, so their order is the order in time.
int remove_old(const BackupPlace& place) {
  if (place.keep <= 0) return 0;
  std::vector<fs::path> copies = files_of(place, ".db");
  std::ranges::sort(copies, std::greater<>{});
  int removed = 0;
  for (std::size_t i = static_cast<std::size_t>(place.keep); i < copies.size(); ++i) {
    if (fs::remove(copies[i])) ++removed;
  }
  return removed;
}

fs::path free_name(const BackupPlace& place, TimePoint at) {
  constexpr int kFirstNumber = 2;
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const std::string stem = place.prefix + fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(second));
  fs::path file = fs::path{place.directory} / (stem + ".db");
  for (int number = kFirstNumber; fs::exists(file); ++number)
    file = fs::path{place.directory} / fmt::format("{}_{:02}.db", stem, number);
  return file;
}

}  // namespace

BackupMade make_backup(Connection& source, const std::string& from, const BackupPlace& place,
                       TimePoint at) {
  fs::create_directories(place.directory);
  const FolderLock folder{place.directory};
  for (const fs::path& cut_short : files_of(place, kUnfinished))
    fs::remove(cut_short);
  const fs::path file = free_name(place, at);
  const std::string unfinished = file.string() + kUnfinished;
  copy_database(source, from, unfinished);
  if (const auto sound = sound_file(unfinished); !sound) {
    fs::remove(unfinished);
    throw std::runtime_error(fmt::format(
        "the copy of {} was thrown away, since it is not sound: {}; run the task verify-database, "
        "and check the disk of {}",
        from, sound.error().message, place.directory));
  }
  fs::rename(unfinished, file);
  folder.sync();
  return {.file = file.string(),
          .bytes = static_cast<std::int64_t>(fs::file_size(file)),
          .removed = remove_old(place)};
}

std::string backup_prefix(const std::string& path) { return fs::path{path}.stem().string() + "-"; }

BackupMade rescue(Database& database, TimePoint at) {
  const fs::path beside = fs::absolute(database.path()).parent_path();
  return make_backup(
      database.upkeep().lease().connection(), database.path(),
      {.directory = beside.string(), .prefix = backup_prefix(database.path()) + "rescued-"}, at);
}

}  // namespace systask::db
