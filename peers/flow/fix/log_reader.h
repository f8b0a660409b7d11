// A LogReader streams FIX messages out of a log, plain or gzipped, whatever its lines hold
// besides. What is broken goes into the tally and stops nothing. It holds the text of one
// message and one piece of the file. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "peers/flow/fix/tally.h"
#include "peers/flow/text_file.h"

namespace systask::peers::flow::fix {

struct LogMessage {
  std::int64_t line = 0;
  std::string text;  // as Cut::message
};

class LogReader {
 public:
  // Throws std::runtime_error where the file cannot be opened. The tally must outlive it.
  // `separator` as cut_message() takes it.
  LogReader(const FileName& file, Tally& tally, std::string separator = {});

  // The next whole message, or nothing at the end. Throws where the file cannot be read on.
  std::optional<LogMessage> next();

  // Whether anything in the file so far began like a message.
  [[nodiscard]] bool found_any() const { return found_any_; }
  [[nodiscard]] const std::string& first_line() const { return first_line_; }

 private:
  void read_more();
  void pass(std::size_t length, bool message);
  void end_line();

  Tally& tally_;
  const std::string separator_;
  TextFile file_;
  std::string text_;
  std::size_t at_ = 0;
  bool ended_ = false;
  bool found_any_ = false;
  std::int64_t line_ = 1;
  bool line_has_message_ = false;
  bool line_has_text_ = false;
  std::string first_line_;  // of the file, shortened
};

}  // namespace systask::peers::flow::fix
