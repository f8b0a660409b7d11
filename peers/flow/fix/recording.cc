#include "peers/flow/fix/recording.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "peers/flow/decimal.h"
#include "peers/flow/lives.h"

namespace systask::peers::flow::fix {
namespace {

// The quantities of a message in units of 10^-scale; those that are finer stay as they are, and are
// no whole ones.
void scale_quantities(FieldList& fields, int scale) {
  for (Field& field : fields) {
    if (field.tag != tag::kOrderQty && field.tag != tag::kCumQty && field.tag != tag::kLastQty &&
        field.tag != tag::kLeavesQty)
      continue;
    if (const auto quantity = parse_recorded_quantity(field.value, scale))
      field.value = std::to_string(*quantity);
  }
}

void scale_quantities(Parsed& message, int scale) {
  scale_quantities(message.fields, scale);
  for (FieldList& order : message.orders)
    scale_quantities(order, scale);
}

}  // namespace

FixRecording::FixRecording(const ReplayOptions& options)
    : shown_(options.name().shown),
      scale_(options.quantity_scale),
      reader_(options.name(), tally_, options.separator),
      translator_(options, tally_) {
  while (ready_.empty() && !ended_)
    read_on();
  if (reader_.found_any()) return;
  const std::string& line = reader_.first_line();
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"))
    throw std::runtime_error(
        fmt::format("{0} is UTF-16; iconv -f UTF-16 -t UTF-8 {0} makes a log of it", shown_));
  const bool csv = begins_with_lives(line);
  throw std::runtime_error(
      fmt::format("{} has no FIX message: no 8=FIX in it; its first line is \"{}\"{}", shown_,
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
  if (scale_ > 0) scale_quantities(parsed, scale_);
  translator_.take(parsed, message->line, ready_);
}

}  // namespace systask::peers::flow::fix
