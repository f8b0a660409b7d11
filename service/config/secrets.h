// Secrets are the shared secrets of peers, from a file of lines `role name secret`. An
// immutable value: may be read from any thread. Messages never hold a secret.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace systask::service {

class Secrets {
 public:
  // BAD_SECRETS where the file cannot be read, others than its owner may read it (its mode
  // must be 0600), or a line is wrong; blank lines and those that begin with # are not
  // lines.
  static Result<Secrets> load(const std::string& file);

  [[nodiscard]] std::optional<std::string> lookup(std::string_view role,
                                                  std::string_view name) const;
  // Of one role, in order.
  [[nodiscard]] std::vector<std::string> names(std::string_view role) const;
  [[nodiscard]] std::size_t size() const { return by_peer_.size(); }

 private:
  std::map<std::pair<std::string, std::string>, std::string> by_peer_;  // (role, name)
};

}  // namespace systask::service
