// A Tally is the account of an import: what was read, what became of it, and where the first
// of each kind stands. A value of one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace systask::peers::flow::fix {

enum class Section : std::uint8_t {
  kOrders,   // messages about orders, by MsgType
  kSession,  // of the session itself
  kUnknown,  // of types that say nothing of order lives
  kAround,   // lines of the log that are no message
  kBroken,   // what began like one and is no whole message
  kLeftOut,  // understood, and not replayable
  kNoted,    // replayed, with an assumption that should be known
  kMade,     // what came of it: the order system's functions
};

class Tally {
 public:
  struct Entry {
    std::int64_t count = 0;
    std::int64_t first_line = 0;
  };

  void count(Section section, std::string_view what, std::int64_t line, std::size_t times = 1);
  [[nodiscard]] std::int64_t total(Section section) const;
  // 0 where there is none.
  [[nodiscard]] std::int64_t of(Section section, std::string_view what) const;

  // A paragraph for people: a line for each kind, with its count and its first line.
  // `orders`: what the section of orders is headed by.
  [[nodiscard]] std::string to_text(const std::string& path,
                                    std::string_view orders = "messages about orders") const;
  // {"orders":{"ExecutionReport (8)":{"count":3,"first_line":2}},…}
  [[nodiscard]] std::string to_json() const;

 private:
  using Entries = std::map<std::string, Entry, std::less<>>;
  [[nodiscard]] const Entries& entries(Section section) const {
    return sections_[static_cast<std::size_t>(section)];
  }

  std::array<Entries, 8> sections_;
};

// "ExecutionReport (8)"; of a type that has no name here only "MsgType U7".
[[nodiscard]] std::string name_of_type(std::string_view type);
// Logon, heartbeats and the like.
[[nodiscard]] bool is_session_type(std::string_view type);

}  // namespace systask::peers::flow::fix
