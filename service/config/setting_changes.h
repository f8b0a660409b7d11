// What another edition of a configuration changes in `service` and `lanes`: key by key, as they
// are written. Pure.
#pragma once

#include <string>
#include <vector>

#include "service/config/config.h"

namespace systask::service {

struct SettingChange {
  std::string key;     // "service.listen"
  std::string before;  // empty: it was not there
  std::string after;   // empty: it is not there any more
};

// In order of key.
[[nodiscard]] std::vector<SettingChange> setting_changes(const Config& before, const Config& after);
// "service.listen: 127.0.0.1:8787 -> 127.0.0.1:9797".
[[nodiscard]] std::string text_of(const SettingChange& change);

}  // namespace systask::service
