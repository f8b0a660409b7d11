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
  const bool csv = reader_.first_line().starts_with(kLivesHeading);
  throw std::runtime_error(
      fmt::format("{} has no FIX message: no 8=FIX in it; its first line is \"{}\"{}", path_,
                  to_utf8(reader_.first_line(), reader_.first_line().size()),
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
  if (!message) return;
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
