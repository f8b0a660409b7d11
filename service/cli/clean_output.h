// What commands show. While a CleanOutput lives, all that goes to its streams, by
// default std::cout and std::cerr, is cleaned (clean_text() of base/text.h), in this one place:
// names, reasons and bodies come from others, and a terminal takes some of their characters for
// commands. One thread writes at a time.
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace systask::service {

class CleanOutput {
 public:
  CleanOutput();
  // Both must outlive it.
  CleanOutput(std::ostream& out, std::ostream& err);
  ~CleanOutput();
  CleanOutput(const CleanOutput&) = delete;
  CleanOutput& operator=(const CleanOutput&) = delete;

 private:
  class Buffer;
  std::unique_ptr<Buffer> out_;
  std::unique_ptr<Buffer> err_;

  friend void to_terminal(std::ostream& out, std::string_view command);
};

// A command of ours for the terminal, past the cleaning.
void to_terminal(std::ostream& out, std::string_view command);

// JSON in one line that a terminal may show: what would be cleaned is escaped ("\u202e"), so that
// nothing of it is lost.
[[nodiscard]] std::string json_text(const boost::json::value& value);

}  // namespace systask::service
