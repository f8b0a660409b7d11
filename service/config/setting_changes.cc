#include "service/config/setting_changes.h"

#include <fmt/format.h>

#include <set>

namespace systask::service {
namespace {

std::string value_of(const Config& config, const std::string& key) {
  const auto found = config.settings.find(key);
  return found == config.settings.end() ? std::string{} : found->second;
}

}  // namespace

std::vector<SettingChange> setting_changes(const Config& before, const Config& after) {
  std::set<std::string> keys;
  for (const Config* config : {&before, &after})
    for (const auto& [key, value] : config->settings)
      keys.insert(key);
  std::vector<SettingChange> changes;
  for (const std::string& key : keys) {
    SettingChange change{key, value_of(before, key), value_of(after, key)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

std::string text_of(const SettingChange& change) {
  const auto shown = [](const std::string& text) { return text.empty() ? "(default)" : text; };
  return fmt::format("{}: {} -> {}", change.key, shown(change.before), shown(change.after));
}

}  // namespace systask::service
