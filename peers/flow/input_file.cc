#include "peers/flow/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace systask::peers::flow {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t{1} << 16U;

[[noreturn]] void fail(const FileName& name, const char* what, const std::string& advice) {
  const int error = errno;
  throw std::runtime_error(
      fmt::format("{} cannot be {}: {}; {}", name.shown, what, std::strerror(error), advice));
}

// A file that has no name, in the directory of temporary ones.
int nameless_file(const FileName& name) {
  std::string path = (fs::temp_directory_path() / "systask-XXXXXX").string();
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) fail(name, "copied to a temporary file", "check the space and rights of " + path);
  ::unlink(path.c_str());
  return file;
}

void write_all(const FileName& name, int file, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(file, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(name, "copied to a temporary file", "check the space there, or TMPDIR");
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

[[noreturn]] void give_up(const FileName& name, std::size_t most) {
  throw std::runtime_error(
      fmt::format("{} has more than {} bytes and was given up: a pipe is copied before it is read. "
                  "Write it to a file, and name that with --from; or pipe it in gzipped",
                  name.shown, most));
}

int copy_of(const FileName& name, int from, std::size_t most) {
  const int to = nameless_file(name);
  std::array<char, kPiece> piece{};
  std::size_t left = most;
  while (true) {
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(name, "read", "check what writes to it");
    if (got == 0) return to;
    if (static_cast<std::size_t>(got) > left) give_up(name, most);
    left -= static_cast<std::size_t>(got);
    write_all(name, to, piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

InputFile::InputFile(const std::string& path, std::size_t most) : name_(path) {
  if (path.empty()) return;
  const bool is_input = path == "-";
  if (is_input) name_.shown = "standard input";
  struct stat found {};
  if (!is_input && ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)) return;
  if (S_ISDIR(found.st_mode))
    throw std::runtime_error(path + " is a directory; name a file in it with --from");
  if (is_input) ::fstat(STDIN_FILENO, &found);
  // A device such as /dev/zero has no end; what is typed at a terminal has one.
  const bool is_device = S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode);
  if (is_device && !(is_input && ::isatty(STDIN_FILENO) != 0))
    throw std::runtime_error(name_.shown +
                             " is neither a file nor a pipe; name a recording with --from");
  const int from = is_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) fail(name_, "opened", "check the path given with --from");
  copy_ = copy_of(name_, from, most);
  if (!is_input) ::close(from);
  name_.path = fmt::format("/proc/{}/fd/{}", ::getpid(), copy_);
}

InputFile::~InputFile() {
  if (copy_ >= 0) ::close(copy_);
}

}  // namespace systask::peers::flow
