#include "peers/flow/fix/recording.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "peers/flow/lives.h"

namespace systask::peers::flow::fix {

FixRecording::FixRecording(const ReplayOptions& options)
    : path_(options.path), reader_(options.path, tally_), translator_(options, tally_) {
  while (ready_.empty() && !ended_)
    read_on();
  if (reader_.found_any()) return;
  const std::string& line = reader_.first_line();
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"))
    throw std::runtime_error(
        fmt::format("{0} is UTF-16; iconv -f UTF-16 -t UTF-8 {0} makes a log of it", path_));
  const bool csv = line.starts_with(kLivesHeading);
  throw std::runtime_error(
      fmt::format("{} has no FIX message: no 8=FIX in it; its first line is \"{}\"{}", path_,
                  to_utf8(line.substr(0, line.find('\0')), line.size()),
                  csv ? ": that is a recording for --format csv" : ""));
}

std::optional<Recorded> FixRecording::next() {
  while (ready_.empty() && !ended_)
    read_on();
  if (ready_.empty()) return {};
  Recorded recorded = std::move(ready_.front());
  ready_.pop_front();
  return recorded;
}

void FixRecording::read_on() {
  const auto message = reader_.next();
  ended_ = !message;
  if (!message) return translator_.end();
  Parsed parsed;
  try {
    parsed = parse(message->text);
  } catch (const std::exception& error) {
    return tally_.count(Section::kBroken, fmt::format("no message: {}", error.what()),
                        message->line);
  }
  translator_.take(parsed, message->line, ready_);
}

}  // namespace systask::peers::flow::fix
