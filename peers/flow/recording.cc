#include "peers/flow/recording.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "base/text.h"
#include "peers/flow/csv_recording.h"
#include "peers/flow/fix/cutter.h"
#include "peers/flow/fix/recording.h"
#include "peers/flow/gaps.h"
#include "peers/flow/lives.h"
#include "peers/flow/text_file.h"

namespace systask::peers::flow {
namespace {

constexpr std::size_t kPieceOfFile = std::size_t{1} << 16U;
constexpr std::size_t kBeginShown = 80;
constexpr std::size_t kOverlap = 8;  // a mark may lie across two pieces

// Its plans are nobody's: what comes of it is not published.
ReplayOptions to_read(ReplayOptions how) {
  how.plans = {1};
  return how;
}

Format guess(const FileName& name) {
  TextFile file{name};
  std::array<char, kPieceOfFile> piece;
  std::string text;
  std::string begins;
  for (bool first = true;; first = false) {
    const auto got = file.read(piece);
    if (got == 0) break;
    text.append(piece.data(), got);
    if (first && begins_with_lives(text)) return Format::kCsv;
    if (first) begins = text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 60));
    if (fix::find_message(text, 0) != std::string::npos) return Format::kFix;
    text.erase(0, text.size() - std::min(text.size(), kOverlap));
  }
  throw std::runtime_error(fmt::format(
      "{} is no recording that can be replayed: it {}; expected a CSV file with the heading {}, or "
      "a log of FIX messages (8=FIX…). --format csv or --format fix says which it should be",
      name.shown,
      text.empty() ? "is empty" : fmt::format("begins \"{}\"", one_line(begins, kBeginShown)),
      kLivesHeading));
}

}  // namespace

std::unique_ptr<Recording> open_recording(const ReplayOptions& options) {
  if (options.plans.empty())
    throw std::runtime_error(
        "a replay needs plans to spread its orders over; name them with "
        "--plan-ids or --plan-ids-file");
  const Format format = options.format ? *options.format : guess(options.name());
  if (format == Format::kCsv) return std::make_unique<CsvRecording>(options);
  return std::make_unique<fix::FixRecording>(options);
}

Survey survey(ReplayOptions how) {
  how = to_read(std::move(how));
  const auto recording = open_recording(how);
  Gaps gaps{how.longest_gap_us};
  Survey all;
  while (const auto recorded = recording->next()) {
    if (all.reports == how.limit) continue;  // the account is of the whole file
    all.last_us = gaps.due_us(recorded->at_us);
    if (all.reports++ == 0) all.first_security = recorded->report.order.security;
  }
  all.account = recording->account();
  return all;
}

std::string first_security(ReplayOptions how) {
  const auto recorded = open_recording(to_read(std::move(how)))->next();
  return recorded ? recorded->report.order.security : std::string{};
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "csv") return Format::kCsv;
  if (name == "fix") return Format::kFix;
  return {};
}

}  // namespace systask::peers::flow
