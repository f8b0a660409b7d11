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
#include <sstream>

namespace systask::service {
namespace {

constexpr mode_t kMode = 0600;

Refusal no_secret(std::string message) { return {"BAD_SECRETS", std::move(message)}; }

}  // namespace

Result<std::string> text_of_file(const std::string& file) {
  if (std::filesystem::is_directory(file)) return Refusal{"UNREADABLE", "it is a directory"};
  std::ifstream in{file, std::ios::binary};
  if (!in) return Refusal{"UNREADABLE", std::strerror(errno)};
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return Refusal{"UNREADABLE", std::strerror(errno)};
  return text.str();
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
  if (mode != kMode)
    return no_secret(
        fmt::format("the file {} has mode {:04o}, so others than its owner may reach its "
                    "secrets: run chmod 600 {}",
                    file, mode, file));
  return Result<std::string>{boost::system::in_place_value, std::move(text)};
}

}  // namespace systask::service
