#include "service/config/file_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace systask::service {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // a million tasks have 100 MB

Refusal no_secret(std::string message) { return {"BAD_SECRETS", std::move(message)}; }

}  // namespace

Result<std::string> text_of_file(const std::string& file) {
  if (std::filesystem::is_directory(file)) return Refusal{"UNREADABLE", "it is a directory"};
  std::ifstream in{file, std::ios::binary};
  if (!in) return Refusal{"UNREADABLE", std::strerror(errno)};
  // A pipe may be one, `<(...)` of a shell; a device has no end.
  if (!std::filesystem::is_regular_file(file) && !std::filesystem::is_fifo(file))
    return Refusal{"UNREADABLE", "it is neither a file nor a pipe"};
  std::string text;
  std::vector<char> piece(kPiece);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMostBytes)
      return Refusal{"UNREADABLE", fmt::format("it has more than {} MiB", kMostBytes >> 20)};
  }
  if (in.bad()) return Refusal{"UNREADABLE", std::strerror(errno)};
  return Result<std::string>{boost::system::in_place_value, std::move(text)};
}

// The descriptor that is checked is the one that is read: no one swaps the file between.
Result<std::string> text_of_private_file(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return no_secret(fmt::format("the file {} cannot be read: {}; make it, with mode 0600", file,
                                 std::strerror(errno)));
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (known && (got = ::read(descriptor, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  ::close(descriptor);
  if (!known || got < 0) return no_secret(fmt::format("{} is no file that can be read", file));
  const mode_t mode = status.st_mode & 07777;
  // Its owner's alone, 0600 or 0400; whoever mounts secrets makes them 0400.
  if ((mode & 0177U) != 0 || (mode & 0400U) == 0)
    return no_secret(
        fmt::format("the file {} has mode {:04o}, so others than its owner may reach its "
                    "secrets: run chmod 600 {}",
                    file, mode, file));
  return Result<std::string>{boost::system::in_place_value, std::move(text)};
}

}  // namespace systask::service
