#include "service/config/mail_address.h"

#include <algorithm>

namespace systask::service {

bool is_mail_address(std::string_view text) {
  constexpr std::size_t kMost = 254;
  constexpr std::string_view kMarks = "._+-=/";
  if (text.empty() || text.size() > kMost || text.front() == '-') return false;
  const std::size_t at = text.find('@');
  if (at == 0 || at + 1 == text.size()) return false;
  const auto known = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  const std::string_view host = at == std::string_view::npos ? "" : text.substr(at + 1);
  return std::ranges::all_of(text.substr(0, at), known) && std::ranges::all_of(host, known);
}

}  // namespace systask::service
