#include "tests/faults/library/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/faults/library/points.h"
#include "tests/faults/library/real.h"

extern "C" {
ssize_t pwrite64(int file, const void* data, std::size_t size, off64_t offset);
int fdatasync(int file);
}

namespace systask::faults {
namespace {

constexpr std::size_t kSector = 512;

enum class AtDeath { kKeep, kDrop, kTear };

// One write that no fsync has followed.
struct Unsynced {
  std::string path;  // a descriptor may be another file's by the time of the death
  ino_t inode;
  off64_t offset;
  off64_t size_before;  // of the file
  std::string before;
  std::string after;
};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

AtDeath at_death() {
  static const std::string word = variable("SYSTASK_UNSYNCED");
  if (word == "drop") return AtDeath::kDrop;
  return word == "tear" ? AtDeath::kTear : AtDeath::kKeep;
}

struct Disk {
  std::mutex mutex;
  std::vector<Unsynced> unsynced;
};

// Never destroyed: threads write until the end.
Disk& disk() {
  static auto* const the_disk = new Disk;
  return *the_disk;
}

std::string path_of(int file) {
  std::array<char, 4096> text{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::size_t kind_of(std::string_view path, std::string_view act) {
  for (std::size_t i = 0; i < kinds(); ++i) {
    const Kind& one = kind(i);
    if (one.group == Group::kFile && one.act == act && path.ends_with(one.sign)) return i;
  }
  return kNoKind;
}

// What the file at SYSTASK_DISK says of this act now: "" where it is well.
std::string trouble(std::string_view act) {
  static const std::string path = variable("SYSTASK_DISK");
  if (path.empty()) return {};
  std::ifstream file{path};
  for (std::string of, what; file >> of >> what;)
    if (of == act) return what;
  return {};
}

int error_named(const std::string& name) {
  if (name == "ENOSPC") return ENOSPC;
  if (name == "EDQUOT") return EDQUOT;
  return EIO;
}

auto* real_pwrite() {
  static auto* const next = real("pwrite64", &pwrite64);
  return next;
}

void remember(int file, const std::string& path, const void* data, std::size_t size,
              off64_t offset) {
  struct stat64 state {};
  ::fstat64(file, &state);
  Unsynced one{path,
               state.st_ino,
               offset,
               state.st_size,
               std::string(size, '\0'),
               {static_cast<const char*>(data), size}};
  const ssize_t read = ::pread64(file, one.before.data(), size, offset);
  one.before.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
  disk().unsynced.push_back(std::move(one));
}

ssize_t write_watched(int file, const void* data, std::size_t size, off64_t offset) {
  const std::string path = path_of(file);
  const std::size_t kind = kind_of(path, "write");
  if (kind == kNoKind) return real_pwrite()(file, data, size, offset);
  if (const std::string what = trouble("write"); !what.empty()) {
    if (what == "dies") die();
    errno = error_named(what);
    return -1;
  }
  pass(kind, Moment::kBefore);
  ssize_t written = 0;
  {
    const std::scoped_lock lock{disk().mutex};
    if (at_death() != AtDeath::kKeep) remember(file, path, data, size, offset);
    written = real_pwrite()(file, data, size, offset);
  }
  pass(kind, Moment::kAfter);
  return written;
}

template <class Call>
int sync_watched(int file, const Call& call) {
  const std::size_t kind = kind_of(path_of(file), "sync");
  if (kind == kNoKind) return call();
  const std::string what = trouble("sync");
  if (what == "lies") return 0;
  if (!what.empty()) {
    errno = error_named(what);
    return -1;
  }
  pass(kind, Moment::kBefore);
  const int code = call();
  if (code == 0) {
    struct stat64 state {};
    ::fstat64(file, &state);
    const std::scoped_lock lock{disk().mutex};
    std::erase_if(disk().unsynced, [&](const Unsynced& one) { return one.inode == state.st_ino; });
  }
  pass(kind, Moment::kAfter);
  return code;
}

// The file that was written to; nothing where it is gone.
class Reopened {
 public:
  explicit Reopened(const Unsynced& one) : file_(::open(one.path.c_str(), O_RDWR | O_CLOEXEC)) {
    struct stat64 state {};
    if (file_ < 0 || (::fstat64(file_, &state) == 0 && state.st_ino == one.inode)) return;
    ::close(file_);
    file_ = -1;
  }
  ~Reopened() {
    if (file_ >= 0) ::close(file_);
  }
  Reopened(const Reopened&) = delete;
  Reopened& operator=(const Reopened&) = delete;

  void write(std::string_view bytes, off64_t offset) const {
    if (file_ >= 0 && real_pwrite()(file_, bytes.data(), bytes.size(), offset) < 0) std::abort();
  }
  void cut(off64_t size) const {
    if (file_ >= 0 && ::ftruncate64(file_, size) != 0) std::abort();
  }

 private:
  int file_;
};

// The file as it was before the write.
void take_back(const Unsynced& one) {
  const Reopened file{one};
  file.write(one.before, one.offset);
  if (one.offset + static_cast<off64_t>(one.after.size()) > one.size_before)
    file.cut(one.size_before);
}

// Some sectors of the write reached the disk, some did not.
void tear(const Unsynced& one, std::mt19937_64& dice) {
  const Reopened file{one};
  const std::string_view bytes = one.after;
  for (std::size_t at = 0; at < bytes.size(); at += kSector)
    if (dice() % 2 == 0)
      file.write(bytes.substr(at, kSector), one.offset + static_cast<off64_t>(at));
}

}  // namespace

void forget_unsynced() {
  if (at_death() == AtDeath::kKeep) return;
  disk().mutex.lock();  // and kept: nobody writes any more
  const auto& all = disk().unsynced;
  for (auto one = all.rbegin(); one != all.rend(); ++one)
    take_back(*one);
  if (at_death() == AtDeath::kDrop) return;
  std::mt19937_64 dice{std::strtoull(variable("SYSTASK_SEED").c_str(), nullptr, 10)};
  for (const Unsynced& one : all)
    tear(one, dice);
}

}  // namespace systask::faults

extern "C" {

__attribute__((visibility("default"))) ssize_t pwrite64(int file, const void* data,
                                                        std::size_t size, off64_t offset) {
  if (!systask::faults::in_service())
    return systask::faults::real_pwrite()(file, data, size, offset);
  return systask::faults::write_watched(file, data, size, offset);
}

__attribute__((visibility("default"))) int fdatasync(int file) {
  static auto* const next = systask::faults::real("fdatasync", &fdatasync);
  if (!systask::faults::in_service()) return next(file);
  return systask::faults::sync_watched(file, [file] { return next(file); });
}

__attribute__((visibility("default"))) int rename(const char* from, const char* to) {
  static auto* const next = systask::faults::real("rename", &rename);
  if (!systask::faults::in_service()) return next(from, to);
  const std::size_t kind = systask::faults::kind_of(from, "rename");
  systask::faults::pass(kind, systask::faults::Moment::kBefore);
  const int code = next(from, to);
  if (code == 0) systask::faults::pass(kind, systask::faults::Moment::kAfter);
  return code;
}
}
