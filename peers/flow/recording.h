// A Recording is a file of real flow, told as the order system's reports: in the recorded
// order, each with the time since the first. One class a format. The same file and options
// give the same reports. One thread.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peers/flow/report.h"
#include "peers/flow/text_file.h"

namespace systask::peers::flow {

enum class Format : std::uint8_t { kCsv, kFix };

// What is replayed, and how.
struct ReplayOptions {
  std::string path;
  std::string shown{};              // what the file is called for people; empty: by its path
  std::optional<Format> format;     // without it, guessed from the file
  int quantity_scale = 0;           // quantities are counted in units of 10^-scale
  std::string separator{};          // of a FIX log's fields; empty: each message says it
  std::vector<std::int64_t> plans;  // orders are spread over them; one is enough
  std::int32_t business_date = 0;
  std::int64_t first_number = 1;  // of the orders; the following ones get the following
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();  // of reports
  std::optional<std::int64_t> longest_gap_us{};  // a longer one in time is cut to it
  double swap = 0;  // chance that two neighbours of different plans change places
  std::uint64_t seed = 1;

  [[nodiscard]] FileName name() const { return {path, shown.empty() ? path : shown}; }
};

struct Recorded {
  std::int64_t at_us = 0;  // never less than that of the one before
  Report report;
};

class Recording {
 public:
  virtual ~Recording() = default;
  // The next report, or nothing at the end. Throws std::runtime_error where the file cannot
  // be read on.
  virtual std::optional<Recorded> next() = 0;
  // What was read and made of it so far, for people and as JSON; empty where the format
  // leaves nothing to say.
  [[nodiscard]] virtual std::string account() const { return {}; }
  [[nodiscard]] virtual std::string account_json() const { return {}; }
};

// Throws std::runtime_error, saying what to do, where the file cannot be read, is not of
// the format, or of no format at all.
[[nodiscard]] std::unique_ptr<Recording> open_recording(const ReplayOptions& options);

// A whole recording, read through.
struct Survey {
  std::int64_t reports = 0;    // that a replay gives
  std::int64_t last_us = 0;    // when the last of them is due, since the first
  std::string first_security;  // empty where there is no report
  std::string account;
};
// `how`: of a replay; neither plans nor the seed matter.
[[nodiscard]] Survey survey(ReplayOptions how);
// The security of its first order.
[[nodiscard]] std::string first_security(ReplayOptions how);

// "csv", "fix"; nothing for other words.
[[nodiscard]] std::optional<Format> format_named(std::string_view name);

}  // namespace systask::peers::flow
