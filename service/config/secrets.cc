#include "service/config/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace systask::service {
namespace {

constexpr mode_t kMode = 0600;
constexpr std::array<std::string_view, 3> kRoles{"site", "order_system", "client"};

Refusal bad(std::string message) { return {"BAD_SECRETS", std::move(message)}; }

// The descriptor that is checked is the one that is read: no one swaps the file between.
Result<std::string> read_private(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return bad(fmt::format("the file {} cannot be read: {}; make it, with mode 0600", file,
                           std::strerror(errno)));
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (known && (got = ::read(descriptor, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  ::close(descriptor);
  if (!known || got < 0) return bad(fmt::format("{} is no file that can be read", file));
  const mode_t mode = status.st_mode & 07777;
  if (mode != kMode)
    return bad(
        fmt::format("the file {} has mode {:04o}, so others than its owner may reach its "
                    "secrets: run chmod 600 {}",
                    file, mode, file));
  return Result<std::string>{boost::system::in_place_value, std::move(text)};
}

}  // namespace

Result<Secrets> Secrets::load(const std::string& file) {
  const auto text = read_private(file);
  if (!text) return text.error();
  Secrets secrets;
  std::istringstream in{*text};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::istringstream words{line};
    std::string role;
    std::string name;
    std::string secret;
    std::string more;
    if (!(words >> role) || role.front() == '#') continue;
    const bool three = words >> name >> secret && !(words >> more);
    const bool known = role == kRoles[0] || role == kRoles[1] || role == kRoles[2];
    if (!three || !known)
      return bad(
          fmt::format("{}:{}: expected `role name secret`, three words, with role site, "
                      "order_system or client",
                      file, number));
    if (!secrets.by_peer_.emplace(std::pair{role, name}, secret).second)
      return bad(fmt::format("{}:{}: {} {} has a secret already: keep one of the two lines", file,
                             number, role, name));
  }
  return secrets;
}

std::optional<std::string> Secrets::lookup(std::string_view role, std::string_view name) const {
  const auto found = by_peer_.find({std::string{role}, std::string{name}});
  if (found == by_peer_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Secrets::names(std::string_view role) const {
  std::vector<std::string> names;
  for (const auto& [peer, secret] : by_peer_)
    if (peer.first == role) names.push_back(peer.second);
  return names;
}

Result<std::string> load_token(const std::string& file) {
  const auto text = read_private(file);
  if (!text) return text.error();
  std::istringstream words{*text};
  std::string token;
  std::string more;
  if (!(words >> token) || words >> more)
    return bad(fmt::format("{}: expected one word, the token, and nothing else", file));
  return Result<std::string>{boost::system::in_place_value, std::move(token)};
}

}  // namespace systask::service
