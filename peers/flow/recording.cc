#include "peers/flow/recording.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "peers/flow/csv_recording.h"
#include "peers/flow/fix/cutter.h"
#include "peers/flow/fix/recording.h"
#include "peers/flow/lives.h"
#include "peers/flow/text_file.h"

namespace systask::peers::flow {
namespace {

constexpr std::size_t kPieceOfFile = std::size_t{1} << 16U;
constexpr std::size_t kOverlap = 8;  // a mark may lie across two pieces

ReplayOptions to_read(const std::string& path, std::optional<Format> format) {
  return {.path = path, .format = format, .plans = {1}};
}

Format guess(const std::string& path) {
  TextFile file{path};
  std::array<char, kPieceOfFile> piece;
  std::string text;
  std::string begins;
  for (bool first = true;; first = false) {
    const auto got = file.read(piece);
    if (got == 0) break;
    text.append(piece.data(), got);
    if (first && text.starts_with(kLivesHeading)) return Format::kCsv;
    if (first) begins = text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 60));
    if (fix::find_message(text, 0) != std::string::npos) return Format::kFix;
    text.erase(0, text.size() - std::min(text.size(), kOverlap));
  }
  throw std::runtime_error(
      fmt::format("{} is no recording that can be replayed: it begins \"{}\"; expected a CSV file "
                  "with the heading {}, or a log of FIX messages (8=FIX…). --format csv or "
                  "--format fix says which it should be",
                  path, begins, kLivesHeading));
}

}  // namespace

std::unique_ptr<Recording> open_recording(const ReplayOptions& options) {
  if (options.plans.empty())
    throw std::runtime_error(
        "a replay needs plans to spread its orders over; name them with "
        "--plan-ids or --plan-ids-file");
  const Format format = options.format ? *options.format : guess(options.path);
  if (format == Format::kCsv) return std::make_unique<CsvRecording>(options);
  return std::make_unique<fix::FixRecording>(options);
}

Survey survey(const std::string& path, std::optional<Format> format) {
  const auto recording = open_recording(to_read(path, format));
  Survey all;
  while (const auto recorded = recording->next()) {
    if (all.reports++ == 0) all.first_security = recorded->report.order.security;
  }
  all.account = recording->account();
  return all;
}

std::string first_security(const std::string& path, std::optional<Format> format) {
  const auto recorded = open_recording(to_read(path, format))->next();
  return recorded ? recorded->report.order.security : std::string{};
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "csv") return Format::kCsv;
  if (name == "fix") return Format::kFix;
  return {};
}

}  // namespace systask::peers::flow
