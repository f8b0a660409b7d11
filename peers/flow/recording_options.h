// The options of a command line that say how a recording is read: the same for the flow and for the
// drill. They must outlive the parsing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peers/flow/recording.h"

namespace CLI {
class App;
}

namespace systask::peers::flow {

struct RecordingOptions {
  std::string from;    // empty: none; "-": standard input
  std::string shown;   // what it is called for people; empty: as it is named
  std::string format;  // csv, fix; empty: by its content
  int quantity_scale = 0;
  std::string separator;            // as the command line has it
  std::int64_t longest_gap_ms = 0;  // 0: gaps are as long as they were

  // Of a replay, without plans: what the options say of the file at `name`.
  [[nodiscard]] ReplayOptions of(const FileName& name) const;
  // As the flow takes them, of the file at that path.
  [[nodiscard]] std::vector<std::string> as_arguments(const std::string& path) const;
};

void add_recording_options(CLI::App& command, RecordingOptions& options);

}  // namespace systask::peers::flow
