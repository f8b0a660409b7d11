// A refusal that a protocol must report is a value, not an exception: Result<T> holds
// either what was asked for or the Refusal that says why not and what to do.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace systask {

// `code` is what a program tests ("STALE_EPOCH"); `message` is a whole sentence for a
// person: what happened, to what, and what to do. The constructors keep a lone string from
// passing for a Refusal: a Result<std::string> is returned from a plain string.
struct Refusal {
  std::string code;
  std::string message;
  std::string details;  // more members for a program, as JSON: "\"remaining\":3"; or empty

  Refusal() = default;
  Refusal(std::string for_programs, std::string for_people, std::string more = {})
      : code(std::move(for_programs)), message(std::move(for_people)), details(std::move(more)) {}

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Taking the value of a refused result is a bug of the caller; it surfaces as this.
class RefusedError : public std::runtime_error {
 public:
  explicit RefusedError(const Refusal& refusal)
      : std::runtime_error(refusal.code + ": " + refusal.message) {}
};

[[noreturn]] inline void throw_exception_from_error(const Refusal& refusal,
                                                    const boost::source_location&) {
  throw RefusedError(refusal);
}

template <class T>
using Result = boost::system::result<T, Refusal>;

}  // namespace systask
