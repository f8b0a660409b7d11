#include "peers/flow/recording_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "base/number_range.h"
#include "peers/flow/decimal.h"
#include "peers/flow/fix/cutter.h"

namespace systask::peers::flow {
namespace {

constexpr std::int64_t kMicrosInMilli = 1'000;

std::string separator_named(const std::string& text) { return text == "SOH" ? "\x01" : text; }

}  // namespace

ReplayOptions RecordingOptions::of(const FileName& name) const {
  ReplayOptions options;
  options.path = name.path;
  options.shown = shown.empty() ? name.shown : shown;
  options.format = format_named(format);
  options.quantity_scale = quantity_scale;
  options.separator = separator_named(separator);
  if (longest_gap_ms > 0) options.longest_gap_us = longest_gap_ms * kMicrosInMilli;
  return options;
}

std::vector<std::string> RecordingOptions::as_arguments(const std::string& path) const {
  std::vector<std::string> arguments{"--from", path};
  const auto add = [&](const char* option, std::string value) {
    arguments.emplace_back(option);
    arguments.push_back(std::move(value));
  };
  if (!format.empty()) add("--format", format);
  if (quantity_scale > 0) add("--quantity-scale", fmt::format("{}", quantity_scale));
  if (!separator.empty()) add("--separator", separator);
  if (longest_gap_ms > 0) add("--longest-gap", fmt::format("{}ms", longest_gap_ms));
  return arguments;
}

void add_recording_options(CLI::App& command, RecordingOptions& options) {
  command.add_option("--from", options.from,
                     "Replay a recording: order lives as CSV, or a log of FIX messages; plain or "
                     ".gz; a file, a named pipe, or - for standard input");
  command
      .add_option("--format", options.format,
                  "Of the recording: csv or fix; default: by its content")
      ->check(CLI::IsMember({"csv", "fix"}));
  command
      .add_option("--quantity-scale", options.quantity_scale,
                  "Count quantities in units of 10^-N: with 3, 0.015 is 15")
      ->check(whole<CLI::Validator>(0, kMostScale));
  command
      .add_option("--separator", options.separator,
                  "What ends the fields of a FIX log that was edited, such as | or SOH; what "
                  "BodyLength and CheckSum say does not matter then")
      ->check([](const std::string& text) {
        return std::string{fix::flaw_of_separator(separator_named(text))};
      });
  command
      .add_option("--longest-gap", options.longest_gap_ms,
                  "At recorded speed, cut longer gaps in time to this: 500ms, 10s, 1m")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{
              {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}},
          CLI::AsNumberWithUnit::CASE_SENSITIVE, "TIME"))
      ->check(whole<CLI::Validator>(0));
}

}  // namespace systask::peers::flow
