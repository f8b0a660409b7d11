#include "base/log_floods.h"

namespace systask::log {

bool LogFloods::takes(Level level, std::string_view sentence, MonotonicPoint now) {
  auto found = windows_.find(sentence);
  if (found == windows_.end()) {
    if (windows_.size() >= kSentences) return true;
    found = windows_.emplace(std::string{sentence}, Window{level, now}).first;
  }
  Window& window = found->second;
  // over() tells of a window that has left lines out before a new one begins.
  if (now - window.begun >= kWindow && window.left_out == 0) window = {level, now};
  if (window.written < kLines) {
    ++window.written;
    return true;
  }
  ++window.left_out;
  return false;
}

std::vector<LogFloods::More> LogFloods::over(MonotonicPoint now) {
  std::vector<More> floods;
  if (now - looked_ < kWindow / 4) return floods;
  looked_ = now;
  for (auto at = windows_.begin(); at != windows_.end();) {
    if (now - at->second.begun < kWindow) {
      ++at;
      continue;
    }
    if (at->second.left_out > 0)
      floods.push_back({at->second.level, at->first, at->second.left_out});
    at = windows_.erase(at);
  }
  return floods;
}

}  // namespace systask::log
