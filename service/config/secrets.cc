#include "service/config/secrets.h"

#include <fmt/format.h>

#include <array>
#include <sstream>

#include "service/config/file_text.h"
#include "trading/identifiers.h"

namespace systask::service {
namespace {

constexpr std::array<std::string_view, 3> kRoles{"site", "order_system", "client"};

Refusal bad(std::string message) { return {"BAD_SECRETS", std::move(message)}; }

}  // namespace

Result<Secrets> Secrets::load(const std::string& file) {
  const auto text = text_of_private_file(file);
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
    if (!trading::is_identifier(name))
      return bad(fmt::format("{}:{}: {}", file, number, trading::not_identifier("name", name)));
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

}  // namespace systask::service
