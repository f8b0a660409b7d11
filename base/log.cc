#include "base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "base/guarded.h"
#include "base/log_floods.h"
#include "base/log_writer.h"
#include "base/text.h"

namespace systask::log {
namespace {

constexpr std::size_t kSentenceBytes = 2'000;
constexpr std::size_t kFieldBytes = 1'000;

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    put_line({line.data(), line.size()});
  }
  void flush_() override {}
};

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made{"systask", std::make_shared<LineSink>()};
    made.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %-5l %v");
    return made;
  }();
  return instance;
}

Guarded<LogFloods>& floods() {
  static Guarded<LogFloods> one;
  return one;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=") != std::string_view::npos;
}

// One word, or in quotes; on one line, without what a terminal takes for a command, and cut.
void append_value(std::string& line, std::string_view text) {
  const std::string value = one_line(text, kFieldBytes);
  if (!needs_quotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

}  // namespace

bool writes(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view sentence, Fields fields) {
  const auto spdlog_level = to_spdlog(level);
  if (!writes(level)) return;
  tell_floods();
  const MonotonicPoint now = SystemClock{}.monotonic();
  if (!floods().with([&](LogFloods& all) { return all.takes(level, sentence, now); })) return;
  logger().log(spdlog_level, "{}", line_of(sentence, fields));
}

std::string line_of(std::string_view sentence, Fields fields) {
  std::string line = one_line(sentence, kSentenceBytes);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  return line;
}

void tell_floods() {
  const MonotonicPoint now = SystemClock{}.monotonic();
  const auto over = floods().with([&](LogFloods& all) { return all.over(now); });
  for (const LogFloods::More& more : over)
    logger().log(to_spdlog(more.level), "{} ... {} more within a second",
                 one_line(more.sentence, kSentenceBytes), more.lines);
}

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

}  // namespace systask::log
