// Structured logs: one sentence and named fields a line, to standard error (and so to the
// journal). Callable from any thread. Only base/log.cc knows the logging library.
//
//   log::info("plan became abnormal", {{"plan", 31}, {"site", "A"}});
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace systask::log {

enum class Level { kDebug, kInfo, kWarn, kError };

struct Field {
  Field(std::string_view key_, std::string_view text) : key(key_), value(text) {}
  Field(std::string_view key_, const char* text) : key(key_), value(text) {}
  Field(std::string_view key_, const std::string& text) : key(key_), value(text) {}
  template <std::integral Integer>
  Field(std::string_view key_, Integer number) : key(key_), value(std::to_string(number)) {}
  template <class Id>
  requires requires(const Id& id) { id.value(); }
  Field(std::string_view key_, const Id& id) : Field(key_, id.value()) {}

  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view sentence, Fields fields);

inline void debug(std::string_view s, Fields fields = {}) { write(Level::kDebug, s, fields); }
inline void info(std::string_view s, Fields fields = {}) { write(Level::kInfo, s, fields); }
inline void warn(std::string_view s, Fields fields = {}) { write(Level::kWarn, s, fields); }
inline void error(std::string_view s, Fields fields = {}) { write(Level::kError, s, fields); }

// Whether a line of the level would be written: for hot paths, where its fields cost something.
[[nodiscard]] bool writes(Level level);

// Lines below this level are dropped. Default: info.
void set_level(Level level);

}  // namespace systask::log
