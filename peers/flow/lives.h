// A LifeReader streams recorded order lives out of a CSV file, plain or gzipped, one row
// at a time. Its first line names the columns, in any order: t_us,order,event,side,price,qty and,
// where wanted, plan and security. Lines without anything, a byte order mark and blanks around
// values are passed over. It holds one line of the file and nothing else. One thread; the file
// stays open until it is gone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peers/flow/text_file.h"

namespace systask::peers::flow {

inline constexpr std::string_view kLivesHeading = "t_us,order,event,side,price,qty";

// Whether a text begins with a heading of order lives, as far as it is there.
[[nodiscard]] bool begins_with_lives(std::string_view text);

enum class LifeEvent : char { kAdded = 'A', kFilled = 'F', kCancelled = 'C', kReplaced = 'R' };
enum class LifeColumn : std::uint8_t {
  kTime,
  kOrder,
  kEvent,
  kSide,
  kPrice,
  kQuantity,
  kPlan,
  kSecurity
};
inline constexpr std::size_t kLifeColumns = 8;

struct LifeRow {
  std::int64_t at_us = 0;  // of any clock
  std::int64_t order = 0;
  LifeEvent event = LifeEvent::kAdded;
  char side = 'B';            // B buys, A sells; N, of what is no new order, says nothing
  std::int64_t price = 0;     // 1e-8
  std::int64_t quantity = 0;  // in units of the scale
  std::string plan;           // whatever tells one from another; empty: not said
  std::string security;       // the same
  std::int64_t line = 0;
  std::array<std::size_t, kLifeColumns> at{};  // where each value begins in its line, from 1
};

class LifeReader {
 public:
  // Quantities are read in units of 10^-scale. Throws std::runtime_error, naming the file and what
  // to do, where it cannot be read or has another first line.
  explicit LifeReader(FileName file, int quantity_scale = 0);

  // The next row, or nothing at the end. Throws, naming file, line and column, where a line is not
  // one of the format's.
  std::optional<LifeRow> next();

  // Throws what is wrong with a value of this row, as next() does.
  [[noreturn]] void complain(const LifeRow& row, LifeColumn column, std::string_view what) const;

  [[nodiscard]] std::int64_t blank_lines() const { return blank_lines_; }

 private:
  struct Cell {
    std::string_view text;
    std::size_t at = 0;  // in its line, from 1
  };

  bool read_line(std::string_view& line);
  void read_heading();
  [[nodiscard]] static std::vector<Cell> cells_of(std::string_view line);
  [[nodiscard]] LifeRow row_of(const std::vector<Cell>& cells) const;
  std::int64_t read_quantity(const LifeRow& row, std::string_view text) const;
  [[noreturn]] void complain_at(std::size_t column, const std::string& what) const;

  static constexpr std::size_t kLongestLine = 1024;
  FileName name_;
  int scale_;
  TextFile file_;
  std::array<char, kLongestLine> line_{};
  std::vector<LifeColumn> columns_;  // as the heading has them
  std::int64_t line_number_ = 0;
  std::int64_t blank_lines_ = 0;
};

}  // namespace systask::peers::flow
