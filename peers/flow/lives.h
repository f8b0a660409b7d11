// A LifeReader streams recorded order lives out of a CSV file, plain or gzipped, one row
// at a time: columns t_us,order,event,side,price,qty with a heading line. It holds one
// buffer of the file and nothing else. One thread; the file stays open until it is gone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "peers/flow/text_file.h"

namespace systask::peers::flow {

inline constexpr std::string_view kLivesHeading = "t_us,order,event,side,price,qty";

enum class LifeEvent : char { kAdded = 'A', kFilled = 'F', kCancelled = 'C', kReplaced = 'R' };

struct LifeRow {
  std::int64_t at_us = 0;  // since the first row
  std::int64_t order = 0;
  LifeEvent event = LifeEvent::kAdded;
  char side = 'B';         // B buys, A sells; a fill's side may be N and says nothing
  std::int64_t price = 0;  // 1e-8
  std::int64_t quantity = 0;
};

class LifeReader {
 public:
  // Throws std::runtime_error, naming the file and what to do, where it cannot be read.
  explicit LifeReader(const std::string& path);

  // The next row, or nothing at the end. Throws where a line is not one of the format's.
  std::optional<LifeRow> next();

 private:
  bool read_line(std::string_view& line);
  [[noreturn]] void complain(std::string_view line) const;

  static constexpr std::size_t kLongestLine = 256;
  std::string path_;
  TextFile file_;
  std::array<char, kLongestLine> line_{};
  std::int64_t line_number_ = 0;
};

}  // namespace systask::peers::flow
